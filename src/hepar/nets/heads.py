"""What a network answers: yes or no, an ordered stage, a quantity, a class, or several of these at once."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Task = Literal["binary", "ordinal", "regression", "classes"]
_ONE_APART = math.log(math.expm1(1.0))
"""What softplus turns into 1."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question. `levels` counts the stages or classes; a binary head and a regression have none to count.

    Targets are floats (batch,), not a number where unknown: 0 or 1; the stage or class from 0; the quantity, over
    its standard deviation in the training part.
    """

    name: str
    task: Task
    levels: int = 2
    weight: float = 1.0
    """Of its loss among those of several heads."""

    @property
    def width(self) -> int:
        """Numbers that it answers with: one logit P(stage > k) for each k, one logit a class, else one number."""
        return {"ordinal": self.levels - 1, "classes": self.levels}.get(self.task, 1)


class Answers(nn.Module):
    """All heads on one vector: answers (batch, sum of widths), those of each head side by side in their order."""

    def __init__(self, heads: tuple[Head, ...], size: int) -> None:
        super().__init__()
        self.each = nn.ModuleList(
            CumulativeLink(size, head.levels) if head.task == "ordinal" else nn.Linear(size, head.width)
            for head in heads
        )

    def forward(self, vector: Tensor) -> Tensor:
        """Answers to `vector` (batch, size)."""
        return torch.cat([head(vector) for head in self.each], dim=1)


class CumulativeLink(nn.Module):
    """logit P(stage > k) = score - threshold k, thresholds rising (proportional odds, McCullagh 1980).

    The gaps between thresholds are softplus of what is learnt, so that probabilities can never cross.
    """

    def __init__(self, size: int, levels: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, 1, bias=False)
        self.first = nn.Parameter(torch.full((1,), -(levels - 2) / 2))
        self.gaps = nn.Parameter(torch.full((levels - 2,), _ONE_APART))

    def forward(self, vector: Tensor) -> Tensor:
        """Logits (batch, levels - 1), falling from left to right."""
        rises = torch.cat([self.first, functional.softplus(self.gaps)])
        falling: Tensor = self.score(vector) - torch.cumsum(rises, dim=0)
        return falling


def split(answers: Tensor, heads: tuple[Head, ...]) -> dict[str, Tensor]:
    """Answers of each head (batch, width) by its name."""
    parts = torch.split(answers, [head.width for head in heads], dim=1)
    return {head.name: part for head, part in zip(heads, parts, strict=True)}


def loss(answers: Tensor, targets: dict[str, Tensor], heads: tuple[Head, ...]) -> Tensor:
    """Weighted sum over the heads of the mean loss of cases whose target is known; 0 where none is."""
    parts = split(answers, heads)
    terms = [head.weight * _loss(parts[head.name], targets[head.name], head) for head in heads]
    return torch.stack(terms).sum()


def probabilities(answers: Tensor, head: Head) -> Tensor:
    """P(positive) (batch, 1), P(stage > k) (batch, levels - 1) or P(class) (batch, levels) of one head's answers."""
    return torch.softmax(answers, dim=1) if head.task == "classes" else torch.sigmoid(answers)


def _loss(answer: Tensor, target: Tensor, head: Head) -> Tensor:
    """Mean over the known: cross-entropy, summed over the thresholds of stages; smooth absolute error (Huber 1964)."""
    known = torch.isfinite(target)
    if not bool(known.any()):
        return answer.sum() * 0.0
    answer, target = answer[known], target[known]
    if head.task == "classes":
        return functional.cross_entropy(answer, target.long())
    if head.task == "regression":
        return functional.smooth_l1_loss(answer[:, 0], target)
    above = torch.arange(head.width, device=target.device)
    wanted = (target[:, None] > above).float()  # (batch, thresholds); binary: 1 > 0
    return functional.binary_cross_entropy_with_logits(answer, wanted, reduction="none").sum(dim=1).mean()
