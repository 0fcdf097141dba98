"""Pixels: opening and measuring pictures, ONNX models, and the work on a folder of images."""
