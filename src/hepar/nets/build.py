"""A network from its description, always the same one for the same seed."""

from dataclasses import dataclass
from typing import Literal

from torch import nn

from ..core.errors import ProtocolError
from .bmode import BModeNet
from .heads import Head
from .raw import RawLines
from .two_stream import TwoStream

Architecture = Literal["two_stream", "raw", "bmode"]
STREAMS: dict[str, int] = {"two_stream": 2, "raw": 1, "bmode": 1}
"""How many arrays each reads."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is needed to build a network; `channels` are those of each stream that it reads.

    `trend` lets it see how features change over depth (attenuation); without, attention over the places is all that it
    goes by, and its peak shows where (lesions).
    """

    architecture: Architecture
    channels: tuple[int, ...]
    heads: tuple[Head, ...]
    dropout: float = 0.5
    trend: bool = True


def build(blueprint: Blueprint) -> nn.Module:
    """The network, with weights drawn by torch's own generator."""
    heads, dropout, trend = blueprint.heads, blueprint.dropout, blueprint.trend
    channels = blueprint.channels
    if len(channels) != STREAMS[blueprint.architecture]:
        raise ProtocolError(
            f"{blueprint.architecture} reads {STREAMS[blueprint.architecture]} arrays; found {len(channels)}"
        )
    if blueprint.architecture == "two_stream":
        return TwoStream(heads, channels=(channels[0], channels[1]), dropout=dropout, trend=trend)
    if blueprint.architecture == "raw":
        return RawLines(heads, channels=(channels[0],), dropout=dropout, trend=trend)
    return BModeNet(heads, channels=(channels[0],), dropout=dropout, trend=trend)


def capacity(network: nn.Module) -> int:
    """Numbers that training can change."""
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
