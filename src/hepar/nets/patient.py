"""From frames to the patient: any number of frames of any views, by attention, then the heads."""

import torch
from torch import Tensor, nn

from .blocks import GatedAttention
from .heads import Answers, Head

SIZE = 32
"""Numbers that describe a frame."""
Told = tuple[Tensor, Tensor, Tensor]
"""Answers (batch, widths), weight of each frame (batch, frames), attention in each (batch, frames, across, along)."""


class Patient(nn.Module):
    """Mean of frames by gated attention (Ilse, Tomczak and Welling 2018), and the answers of the heads."""

    def __init__(self, heads: tuple[Head, ...], *, dropout: float) -> None:
        super().__init__()
        self.attention = GatedAttention(SIZE)
        self.dropout = nn.Dropout(dropout)
        self.answers = Answers(heads, SIZE)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Answers to `frames` (batch, frames, size), and the weight of each frame."""
        mean, weights = self.attention(frames, mask)
        return self.answers(self.dropout(mean)), weights


def by_frame(stream: Tensor) -> Tensor:
    """A stream (batch, frames, channels, across, along) with every frame an item of its own."""
    return torch.flatten(stream, 0, 1)


def by_patient(items: Tensor, mask: Tensor) -> Tensor:
    """Items (batch x frames, ...) sorted to their patients again, (batch, frames, ...)."""
    return items.reshape(*mask.shape, *items.shape[1:])
