"""ONNX models: settings, preprocessing, running, decoding. Nothing here uses tables.

A model is a file that others trained; a small TOML file beside it says how pictures are preprocessed and
what its outputs mean. ``open_model`` joins the two, and its ``Model`` gives embeddings and
predictions of pictures.
"""
