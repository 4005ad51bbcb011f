"""A network with its standardisation as one ONNX file, which takes arrays as the extractors give them."""

import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .device import alone

OPSET = 17
"""Of ONNX: all that is needed, and read by every onnxruntime since 1.12."""
Level = Literal["tilt", "mean", "kept"]


class Whole(nn.Module):
    """From arrays (1, frames, channels, across, along), NaN where nothing is known, to what the network says."""

    def __init__(
        self,
        network: nn.Module,
        *,
        level: Level,
        means: Sequence[NDArray[np.float32]],
        deviations: Sequence[float],
    ) -> None:
        super().__init__()
        self.network = network
        self.level = level
        self.means = [torch.from_numpy(np.array(mean, dtype=np.float32)) for mean in means]
        self.deviations = [float(np.float32(one)) for one in deviations]

    def forward(self, *streams: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Answers, weights of the frames, attention within them."""
        made = [
            _standardised(_levelled(stream, self.level), mean, deviation)
            for stream, mean, deviation in zip(streams, self.means, self.deviations, strict=True)
        ]
        mask = torch.ones_like(made[0][:, :, 0, 0, 0])
        answers, frames, places = self.network(*made, mask)
        return answers, frames, places


def to_onnx(whole: Whole, path: str, *, shapes: Sequence[tuple[int, ...]], names: Sequence[str]) -> None:
    """Let torch write the network as ONNX to `path`; `shapes` are those of a frame (channels, across, along).

    `names` are those of the inputs; the number of frames is free. What torch warns of while it traces is silenced: the
    result is to be compared with the network by whoever asked for it.
    """
    examples = tuple(torch.zeros((1, 2, *shape), dtype=torch.float32) for shape in shapes)
    free = {name: {1: "count"} for name in (*names, "frames", "places")}
    with alone(0), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole.eval(),
            examples,
            path,
            input_names=list(names),
            output_names=["answers", "frames", "places"],
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def _standardised(stream: Tensor, mean: Tensor, deviation: float) -> Tensor:
    """Over mean and deviation, 0 where nothing is known, in the half precision that networks are trained on."""
    scaled = (stream - mean) / deviation
    return torch.where(torch.isnan(scaled), torch.zeros_like(scaled), scaled).half().float()


def _levelled(stream: Tensor, level: Level) -> Tensor:
    """Pictures less their mean, or less the straight line over depth that fits best; see `models.arrays.levelled`."""
    if level == "kept":
        return stream
    known = torch.isfinite(stream).float()
    value = torch.where(known > 0, stream, torch.zeros_like(stream))
    axes = (2, 3, 4)
    count = known.sum(dim=axes, keepdim=True).clamp(min=1)
    mean = value.sum(dim=axes, keepdim=True) / count
    if level == "mean":
        return stream - mean
    depth = torch.linspace(-1, 1, stream.shape[-1])
    middle = (known * depth).sum(dim=axes, keepdim=True) / count
    away = known * (depth - middle)
    slope = (away * (value - mean)).sum(dim=axes, keepdim=True) / (away**2).sum(dim=axes, keepdim=True).clamp(
        min=1e-6
    )
    return stream - mean - slope * (depth - middle)
