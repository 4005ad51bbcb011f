"""What is done to training arrays at random: what another examination of the same liver could look like."""

from dataclasses import dataclass

import torch
from torch import Tensor

OF_RAW = 0.2
"""Noise of radio frequency over that of levels."""


@dataclass(frozen=True, slots=True)
class Augment:
    """Sizes in standard deviations of the input: `gain` and `tilt` (over the depth) of its level, `noise` of a cell.

    `dropped` is the share of lines taken away. Radio frequency is multiplied by the exponential of gain and tilt, gets
    a fifth of the noise (its samples are echoes and no logarithms) and keeps half of its lines at each step; its sign
    is drawn. Everything may be turned left to right.
    """

    gain: float = 0.3
    tilt: float = 0.3
    noise: float = 0.1
    dropped: float = 0.1
    mirrored: bool = True


def augment(stream: Tensor, by: Augment, *, raw: bool, mirror: Tensor) -> Tensor:
    """`stream` (batch, frames, channels, across, along) changed at random; `mirror` (batch, frames) says which turn.

    Drawn from torch's own generator, where the stream is. `raw` are lines of radio frequency; others are levels, whose
    padding (exactly 0) stays what it is.
    """
    made = torch.where(mirror[:, :, None, None, None], stream.flip(-2), stream)
    level = _level(made, by)
    if raw:
        chosen = torch.randperm(made.shape[-2], device=made.device)[: max(made.shape[-2] // 2, 1)]
        sign = torch.randint(0, 2, (*made.shape[:2], 1, 1, 1), device=made.device) * 2 - 1
        made = made[..., chosen, :] * (sign * torch.exp(level))
    shown = torch.ones_like(made) if raw else (made != 0).float()
    if not raw:
        made = made + level
    made = made + (OF_RAW if raw else 1.0) * by.noise * torch.randn_like(made)
    lines = torch.rand(*made.shape[:2], 1, made.shape[-2], 1, device=made.device)
    kept = (lines >= by.dropped).float()
    return made * kept * shown


def _level(stream: Tensor, by: Augment) -> Tensor:
    """Gain and tilt of every frame, (batch, frames, 1, 1, along)."""
    each = (*stream.shape[:2], 1, 1, 1)
    depth = torch.linspace(-1, 1, stream.shape[-1], device=stream.device)
    gain, tilt = (torch.randn(each, device=stream.device) for _ in range(2))
    return by.gain * gain + by.tilt * tilt * depth
