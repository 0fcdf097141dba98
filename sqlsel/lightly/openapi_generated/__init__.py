"""``lightly.openapi_generated``: the place of ``swagger_client`` in scripts."""
