"""Blocks that the networks share: convolution, gated attention, and the summary of a frame.

Maps are (items, channels, across, along): lines or lateral groups, then depth.
"""

import torch
from torch import Tensor, nn

BINS = 4
"""Parts of the depth whose means are kept apart, so that a trend over depth can be seen."""
NEVER = 1e4
"""Taken off the attention logit of an item that is only padding: its weight is 0 exactly."""


def conv(into: int, out: int, *, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    """Convolution that keeps the size but for its stride, batch normalisation (Ioffe and Szegedy 2015), rectifier."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride, padding, bias=False), nn.BatchNorm2d(out), nn.ReLU()
    )


class GatedAttention(nn.Module):
    """Mean of items with weights that are learnt from each item (Ilse, Tomczak and Welling 2018).

    Weight k is the softmax over the items of w' (tanh(V h_k) * sigmoid(U h_k)).
    """

    def __init__(self, size: int, hidden: int = 16) -> None:
        super().__init__()
        self.value = nn.Linear(size, hidden)
        self.gate = nn.Linear(size, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, items: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (batch, size) of `items` (batch, items, size), and weights (batch, items); `mask` is 1, of padding 0."""
        logits = self.score(torch.tanh(self.value(items)) * torch.sigmoid(self.gate(items)))[..., 0]
        weights = torch.softmax(logits + (mask - 1) * NEVER, dim=1)  # (batch, items)
        return (weights[..., None] * items).sum(dim=1), weights


class FrameSummary(nn.Module):
    """A map of features (items, channels, across, along) as one vector (items, size), and where it looked.

    The vector is made of a mean by attention over the places and, with `trend`, of the means over four parts of the
    depth. Without them all that is known comes from where the attention lies, so that its peak finds a lesion.
    """

    def __init__(self, channels: int, *, size: int, dropout: float, trend: bool = True) -> None:
        super().__init__()
        self.trend = trend
        self.attention = GatedAttention(channels)
        read = channels * (BINS + 1) if trend else channels
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(read, size), nn.ReLU())

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (items, size) and attention (items, across, along), which sums to 1."""
        items, channels, across, along = features.shape
        places = features.flatten(2).transpose(1, 2)  # (n, places, c)
        looked, weights = self.attention(places, torch.ones_like(places[..., 0]))  # (n, c), (n, places)
        weights = weights.reshape(items, across, along)
        if not self.trend:
            return self.mix(looked), weights
        parts = features.reshape(items, channels, across, BINS, along // BINS).mean(dim=(2, 4))  # (n, c, 4)
        return self.mix(torch.cat([parts.flatten(1), looked], dim=1)), weights
