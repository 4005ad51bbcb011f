"""Training as one straight loop, and prediction: arrays in, arrays out; the same seed gives the same network."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..core.device import Device
from ..core.errors import RunError
from .augment import Augment, augment
from .build import Blueprint, build
from .device import alone
from .heads import loss

Weights = Mapping[str, NDArray[np.float32]]
CLIPPED = 1.0
"""Norm of the gradient beyond which it is scaled down."""
AT_ONCE = 64
"""Patients predicted at a time."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long and how a network is trained: the same for the networks that are compared.

    There is no stopping by a result: `epochs` passes over the patients, `batch` of them at a step, each with at most
    `frames` frames drawn anew. AdamW (Loshchilov and Hutter 2019) under a one-cycle rate (Smith 2018).
    """

    epochs: int = 30
    batch: int = 16
    rate: float = 1e-3
    decay: float = 0.1
    frames: int = 4
    augment: Augment = field(default_factory=Augment)
    device: Device = "cpu"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Examined:
    """Patients as a network reads them.

    `streams` each (patients, frames, channels, across, along) of float16 or float32, standardised, without a NaN;
    `mask` (patients, frames) is 1 for a frame and 0 for padding.
    """

    streams: tuple[NDArray[np.floating], ...]
    mask: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trained:
    """Weights and running means of a network by name, and the mean training loss of its last pass."""

    weights: Weights
    loss: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Told:
    """Answers (patients, widths); where it looked: `frames` (patients, frames), `places` (.., across, along), sum 1."""

    answers: NDArray[np.float32]
    frames: NDArray[np.float32]
    places: NDArray[np.float32]


def train(
    blueprint: Blueprint,
    seen: Examined,
    targets: Mapping[str, NDArray[np.floating]],
    *,
    budget: Budget,
    seed: int,
) -> Trained:
    """The network of `blueprint` trained on `seen`; `targets` (patients,) by the name of a head, NaN where unknown.

    Weights and batches are the same on every device; what is changed at random in a batch is not.
    """
    device, mask = budget.device, torch.from_numpy(seen.mask)
    with alone(seed, device):
        wanted = {
            n: torch.tensor(np.asarray(of), dtype=torch.float32).to(device) for n, of in targets.items()
        }
        streams = [torch.from_numpy(np.ascontiguousarray(stream)).to(device) for stream in seen.streams]
        network = build(blueprint).to(device)
        last = math.nan
        optimiser = torch.optim.AdamW(network.parameters(), lr=budget.rate, weight_decay=budget.decay)
        steps = budget.epochs * _batches(len(mask), budget.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=budget.rate, total_steps=steps)
        network.train()
        for _ in range(budget.epochs):
            losses: list[Tensor] = []
            for chosen in _shuffled(len(mask), budget.batch):
                frames = _drawn(mask[chosen], budget.frames)  #                  (batch, frames)
                batch = _batch(streams, chosen, frames, blueprint=blueprint, budget=budget)
                answers, _, _ = network(*batch, torch.ones(frames.shape, device=device))
                miss = loss(answers, {name: of[chosen] for name, of in wanted.items()}, blueprint.heads)
                optimiser.zero_grad()
                torch.autograd.backward(miss)
                nn.utils.clip_grad_norm_(network.parameters(), CLIPPED)
                optimiser.step()
                schedule.step()
                losses.append(miss.detach())
            last = float(torch.stack(losses).double().mean())
    if not math.isfinite(last):
        raise RunError(f"training diverged (loss {last}); lower the learning rate")
    return Trained({name: value.cpu().numpy() for name, value in network.state_dict().items()}, last)


def restored(blueprint: Blueprint, weights: Weights) -> nn.Module:
    """The network with its weights, ready to predict or to be exported."""
    with alone(0):
        network = build(blueprint)
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    return network.eval()


def told(blueprint: Blueprint, weights: Weights, seen: Examined) -> Told:
    """What the network says of every patient."""
    network = restored(blueprint, weights)
    parts: list[tuple[Tensor, ...]] = []
    with alone(0), torch.no_grad():
        for first in range(0, len(seen.mask), AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            streams = [torch.from_numpy(np.ascontiguousarray(s[rows])).float() for s in seen.streams]
            parts.append(network(*streams, torch.from_numpy(seen.mask[rows])))
    answers, frames, places = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
    return Told(answers, frames, places)


def _batches(patients: int, size: int) -> int:
    return max(1, round(patients / size))


def _shuffled(patients: int, size: int) -> Iterator[Tensor]:
    """All patients in random batches of nearly the same size: a batch of one has no deviation to learn from."""
    yield from torch.tensor_split(torch.randperm(patients), _batches(patients, size))


def _drawn(mask: Tensor, most: int) -> Tensor:
    """Frames (batch, min(most, frames)) of each patient in random order; who has fewer has some of them twice."""
    order = torch.argsort(torch.rand(mask.shape) + (1 - mask) * 2, dim=1)
    place = torch.arange(min(most, mask.shape[1]))[None] % mask.sum(dim=1).long().clamp(min=1)[:, None]
    return torch.gather(order, 1, place)


def _batch(
    streams: list[Tensor], chosen: Tensor, frames: Tensor, *, blueprint: Blueprint, budget: Budget
) -> list[Tensor]:
    """The frames drawn of the patients chosen, changed at random; all streams of a frame turn together."""
    turned = (budget.augment.mirrored * torch.rand(frames.shape) > 0.5).to(budget.device)
    raw = blueprint.architecture == "raw"
    chosen, frames = chosen.to(budget.device), frames.to(budget.device)
    drawn = (stream[chosen[:, None], frames].float() for stream in streams)
    return [augment(stream, budget.augment, raw=raw, mirror=turned) for stream in drawn]
