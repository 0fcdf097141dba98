"""Checks settings against a model's file: its input and outputs; fills in what only the file says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models.parts import Settings
from sqlsel.images.models.runtime import Graph, Tensor


def input_tensor(graph: Graph, settings: Settings) -> Tensor:
    """The only input of the model, which takes the pictures; ConfigError for another number of inputs or axes."""
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
    """The NumPy type of the input; ConfigError where it takes no floats."""
    if tensor.dtype is None:
        raise ConfigError(
            f"{graph.path}: input {tensor.name!r} is {tensor.type}; "
            "pictures enter as float, float16 or double"
        )
    return tensor.dtype


def with_input_size(graph: Graph, tensor: Tensor, settings: Settings) -> Settings:
    """The settings with the size of the input filled in; ConfigError where they contradict the file."""
    input_settings = settings.input
    channels_last = input_settings.layout == "NHWC"
    channels, height, width = (
        tensor.shape[side] for side in ((3, 1, 2) if channels_last else (1, 2, 3))
    )
    if channels not in (None, 3):
        other = "NCHW" if channels_last else "NHWC"
        other_layout_fits = tensor.shape[1 if channels_last else 3] == 3
        hint = f'. layout = "{other}" would fit' if other_layout_fits else ""
        raise ConfigError(
            f"{settings.source}: input.layout: {input_settings.layout} means 3 channels, but input "
            f"{tensor.name!r} of {graph.path} is {_shape(tensor)}{hint}"
        )
    size = input_settings.size
    if size is None and (width is None or height is None):
        raise ConfigError(
            f"{settings.source}: input.size: is needed, since {graph.path} takes any size"
        )
    size = size or (width or 0, height or 0)
    if (width or size[0], height or size[1]) != size:
        raise ConfigError(
            f"{settings.source}: input.size: is {size[0]} × {size[1]}, but input {tensor.name!r} "
            f"of {graph.path} is {_shape(tensor)}"
        )
    if input_settings.short is not None and input_settings.short < max(size):
        raise ConfigError(
            f"{settings.source}: input.short: must be at least {max(size)}, the longer side of "
            f"the model's input, got {input_settings.short}"
        )
    return replace(settings, input=replace(input_settings, size=size))


def output_name(graph: Graph, settings: Settings, key: str, name: str | None) -> str:
    """The output that ``key`` of the settings names, by default the model's first; ConfigError for an unknown one."""
    names = [tensor.name for tensor in graph.outputs]
    if name is None:
        return names[0]
    if name not in names:
        raise ConfigError(
            f"{settings.source}: {key}: {unknown('output', name, names)} "
            f"These are the outputs of {graph.path}"
        )
    return name


def _shape(tensor: Tensor) -> str:
    """The shape for messages; an axis of any length is ``?``."""
    return " × ".join("?" if side is None else str(side) for side in tensor.shape)
