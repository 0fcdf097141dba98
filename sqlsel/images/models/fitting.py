"""Whether settings fit a model's file: its input and its outputs, and what they leave for it to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models.parts import Settings
from sqlsel.images.models.runtime import Graph, Tensor


def input_tensor(graph: Graph, settings: Settings) -> Tensor:
    """The input that takes the pictures; a ConfigError if there is none, or others beside it."""
    named = {tensor.name: tensor for tensor in graph.inputs}
    name = settings.input.name
    if name is not None and name not in named:
        raise ConfigError(
            f"{settings.source}: input.name: {unknown('input', name, named)} "
            f"These are the inputs of {graph.path}"
        )
    if len(named) != 1:
        raise ConfigError(
            f"{graph.path}: has {len(named)} inputs ({', '.join(named)}); "
            "a model that takes pictures only has one"
        )
    tensor = graph.inputs[0]
    number_type(graph, tensor)
    if len(tensor.shape) != 4:
        raise ConfigError(
            f"{graph.path}: input {tensor.name!r} has {len(tensor.shape)} dimensions; "
            "a batch of pictures has 4"
        )
    return tensor


def number_type(graph: Graph, tensor: Tensor) -> np.dtype[Any]:
    """The kind of number that the input takes."""
    if tensor.dtype is None:
        raise ConfigError(
            f"{graph.path}: input {tensor.name!r} is {tensor.type}; "
            "pictures enter as float, float16 or double"
        )
    return tensor.dtype


def fitted(graph: Graph, tensor: Tensor, settings: Settings) -> Settings:
    """The settings with the size of the input; a ConfigError if they contradict the file."""
    given = settings.input
    last = given.layout == "NHWC"
    channels, height, width = (tensor.shape[side] for side in ((3, 1, 2) if last else (1, 2, 3)))
    if channels not in (None, 3):
        other = "NCHW" if last else "NHWC"
        turned = tensor.shape[1 if last else 3] == 3
        hint = f'. layout = "{other}" would fit' if turned else ""
        raise ConfigError(
            f"{settings.source}: input.layout: {given.layout} means 3 channels, but input "
            f"{tensor.name!r} of {graph.path} is {_shown(tensor)}{hint}"
        )
    size = given.size
    if size is None and (width is None or height is None):
        raise ConfigError(
            f"{settings.source}: input.size: is needed, since {graph.path} takes any size"
        )
    size = size or (width or 0, height or 0)
    if (width or size[0], height or size[1]) != size:
        raise ConfigError(
            f"{settings.source}: input.size: is {size[0]} × {size[1]}, but input {tensor.name!r} "
            f"of {graph.path} is {_shown(tensor)}"
        )
    if given.short is not None and given.short < max(size):
        raise ConfigError(
            f"{settings.source}: input.short: must be at least {max(size)}, the longer side of "
            f"the model's input, got {given.short}"
        )
    return replace(settings, input=replace(given, size=size))


def output_name(graph: Graph, settings: Settings, key: str, name: str | None) -> str:
    """The output that ``key`` of the settings names; the model's first where it names none."""
    known = [tensor.name for tensor in graph.outputs]
    if name is None:
        return known[0]
    if name not in known:
        raise ConfigError(
            f"{settings.source}: {key}: {unknown('output', name, known)} "
            f"These are the outputs of {graph.path}"
        )
    return name


def _shown(tensor: Tensor) -> str:
    return " × ".join("?" if side is None else str(side) for side in tensor.shape)
