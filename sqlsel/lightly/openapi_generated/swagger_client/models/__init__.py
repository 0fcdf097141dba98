"""``swagger_client.models``: a module for each enumeration, as older scripts import them."""
