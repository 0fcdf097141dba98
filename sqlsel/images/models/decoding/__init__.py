"""Decodes a model's outputs into scores and boxes: one file per layout of outputs.

To add one: a file with ``classes`` and ``decode``, a line in ``DECODERS``, and its keys in
``_KEYS`` of ``settings_file.py``.
"""

from __future__ import annotations

from sqlsel.images.models.decoding import boxes, classification, fastestdet, yolox
from sqlsel.images.models.decoding.decoded import Decoder

DECODERS: dict[str, Decoder] = {
    "classification": Decoder(classification.classes, classification.decode),
    "fastestdet": Decoder(fastestdet.classes, fastestdet.decode),
    "yolox": Decoder(yolox.classes, yolox.decode),
    "boxes": Decoder(boxes.classes, boxes.decode),
}
