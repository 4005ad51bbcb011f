"""Every network: equal capacity, gradients everywhere, frames in any number and order, training that is repeatable."""

import numpy as np
import pytest
import torch

from hepar.core.device import Device
from hepar.core.errors import ProtocolError, RunError
from hepar.nets.augment import Augment, augment
from hepar.nets.bmode import POWERS, cell_means
from hepar.nets.build import Architecture, Blueprint, build, capacity
from hepar.nets.device import alone
from hepar.nets.heads import Head, loss
from hepar.nets.training import Budget, Examined, _drawn, _shuffled, restored, told, train

SICK = (Head("sick", "binary"),)
SHAPES: dict[Architecture, tuple[tuple[int, int, int], ...]] = {
    "two_stream": ((24, 2, 8), (1, 8, 64)),
    "raw": ((1, 4, 128),),
    "bmode": ((1, 8, 64),),
}
EVERY = sorted(SHAPES)
DEVICES: tuple[Device, ...] = ("cpu", "cuda")


def blueprint(
    architecture: Architecture, heads: tuple[Head, ...] = SICK, *, dropout: float = 0.0
) -> Blueprint:
    return Blueprint(architecture, tuple(shape[0] for shape in SHAPES[architecture]), heads, dropout)


def examined(architecture: Architecture, *, patients: int = 12, frames: int = 3, seed: int = 0) -> Examined:
    rng = np.random.default_rng(seed)
    streams = [
        rng.standard_normal((patients, frames, *shape)).astype(np.float16) for shape in SHAPES[architecture]
    ]
    for stream in streams:
        stream[..., -(stream.shape[-1] // 8) :] = 0  # beyond the region nothing is known
    return Examined(tuple(streams), np.ones((patients, frames), dtype=np.float32))


def test_networks_have_the_same_capacity_within_a_tenth() -> None:
    plans = [
        Blueprint("two_stream", (24, 1), SICK),
        Blueprint("raw", (1,), SICK),
        Blueprint("bmode", (1,), SICK),
    ]
    with alone(0):
        sizes = [capacity(build(plan)) for plan in plans]
    assert max(sizes) < 1.1 * min(sizes)


@pytest.mark.parametrize("architecture", EVERY)
class TestEveryNetwork:
    def test_the_gradient_reaches_every_parameter(self, architecture: Architecture) -> None:
        heads = (
            Head("sick", "binary"),
            Head("stage", "ordinal", levels=4),
            Head("kind", "classes", levels=3),
        )
        seen = examined(architecture)
        with alone(0):
            network = build(blueprint(architecture, heads))
            answers, _, _ = network(*(torch.from_numpy(s).float() for s in seen.streams), torch.ones(12, 3))
            targets = {head.name: torch.arange(12.0) % head.levels for head in heads}
            torch.autograd.backward(loss(answers, targets, heads))
        for name, weight in network.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.abs().max() > 0, name

    def test_padding_changes_nothing(self, architecture: Architecture) -> None:
        plan, seen = blueprint(architecture), examined(architecture)
        with alone(0):
            weights = {name: value.numpy() for name, value in build(plan).state_dict().items()}
        padded = Examined(
            tuple(np.concatenate([s, np.full_like(s[:, :2], 9)], axis=1) for s in seen.streams),
            np.concatenate([seen.mask, np.zeros((12, 2), dtype=np.float32)], axis=1),
        )
        plain, more = told(plan, weights, seen), told(plan, weights, padded)
        np.testing.assert_allclose(more.answers, plain.answers, atol=1e-6)
        assert not more.frames[:, 3:].any()

    def test_the_order_of_the_frames_does_not_matter(self, architecture: Architecture) -> None:
        plan, seen = blueprint(architecture), examined(architecture)
        with alone(0):
            weights = {name: value.numpy() for name, value in build(plan).state_dict().items()}
        turned = Examined(tuple(s[:, [2, 0, 1]] for s in seen.streams), seen.mask)
        plain, other = told(plan, weights, seen), told(plan, weights, turned)
        np.testing.assert_allclose(other.answers, plain.answers, atol=1e-6)
        np.testing.assert_allclose(other.frames, plain.frames[:, [2, 0, 1]], atol=1e-6)

    def test_it_learns_a_few_patients_by_heart(self, architecture: Architecture) -> None:
        seen, sick = examined(architecture), (np.arange(12) % 2).astype(float)
        still = Augment(gain=0, tilt=0, noise=0, dropped=0, mirrored=False)
        budget = Budget(epochs=30, batch=12, rate=5e-3, decay=0.0, frames=3, augment=still)
        trained = train(blueprint(architecture), seen, {"sick": sick}, budget=budget, seed=0)
        answers = told(blueprint(architecture), trained.weights, seen).answers[:, 0]
        assert trained.loss < 0.1
        assert ((answers > 0) == (sick > 0.5)).all()

    def test_the_same_seed_gives_the_same_network_and_another_another(
        self, architecture: Architecture
    ) -> None:
        seen, sick = examined(architecture), (np.arange(12) % 2).astype(float)
        first, again, other = (
            train(blueprint(architecture), seen, {"sick": sick}, budget=Budget(epochs=1, batch=6), seed=seed)
            for seed in (5, 5, 6)
        )
        assert all(np.array_equal(first.weights[name], again.weights[name]) for name in first.weights)
        assert first.loss == again.loss
        assert not all(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)

    def test_attention_sums_to_one_over_frames_and_places(self, architecture: Architecture) -> None:
        plan = blueprint(architecture)
        with alone(0):
            weights = {name: value.numpy() for name, value in build(plan).state_dict().items()}
        said = told(plan, weights, examined(architecture))
        np.testing.assert_allclose(said.frames.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(said.places.sum(axis=(2, 3)), 1, rtol=1e-5)


def test_attention_alone_finds_lesions_that_it_was_never_shown() -> None:
    rng = np.random.default_rng(0)
    picture = rng.standard_normal((80, 1, 1, 32, 192)).astype(np.float16)
    sick, corner = np.arange(80.0) % 2, rng.integers(0, (25, 161), (80, 2))
    for image, (across, along), one in zip(picture, corner, sick, strict=True):
        image[..., across : across + 8, along : along + 32] += 2 * one
    still = Augment(gain=0, tilt=0, noise=0, dropped=0, mirrored=False)
    plan = Blueprint("bmode", (1,), SICK, dropout=0.0, trend=False)
    once = np.ones((40, 1), dtype=np.float32)
    budget = Budget(epochs=10, rate=1e-2, augment=still)
    trained = train(plan, Examined((picture[:40],), once), {"sick": sick[:40]}, budget=budget, seed=0)
    there = told(plan, trained.weights, Examined((picture[40:],), once)).places[sick[40:] > 0, 0]
    peaks = np.stack(np.unravel_index(there.reshape(len(there), -1).argmax(axis=1), there.shape[1:]), axis=1)
    away = np.abs((peaks + 0.5) * (4, 16) - corner[40:][sick[40:] > 0] - (4, 16))
    # a lesion fills 4 % of the picture
    assert (away <= (4, 16)).all(axis=1).mean() > 0.8


def test_one_network_answers_several_questions_of_whom_some_are_unknown() -> None:
    heads = (Head("sick", "binary"), Head("kpa", "regression"))
    seen, known = examined("bmode"), np.full(12, np.nan)
    known[:6] = np.linspace(-1, 1, 6)
    trained = train(
        blueprint("bmode", heads),
        seen,
        {"sick": np.arange(12.0) % 2, "kpa": known},
        budget=Budget(epochs=1),
        seed=0,
    )
    assert told(blueprint("bmode", heads), trained.weights, seen).answers.shape == (12, 2)


def test_mirroring_gain_and_lost_lines_are_what_they_are_called() -> None:
    stream = torch.arange(1.0, 49.0).reshape(1, 1, 1, 6, 8)
    nothing = Augment(gain=0, tilt=0, noise=0, dropped=0)
    turned = augment(stream, nothing, raw=False, mirror=torch.tensor([[True]]))
    assert torch.equal(turned, stream.flip(3))
    with alone(0):
        louder = augment(
            stream, Augment(gain=1, tilt=0, noise=0, dropped=0), raw=False, mirror=torch.tensor([[False]])
        )
        half = augment(stream, nothing, raw=True, mirror=torch.tensor([[False]]))
        lost = augment(
            stream,
            Augment(gain=0, tilt=0, noise=0, dropped=0.5),
            raw=False,
            mirror=torch.tensor([[False]]),
        )
    rise = louder - stream
    torch.testing.assert_close(rise, rise[..., :1, :1].expand_as(rise))
    assert rise.abs().max() > 0
    assert half.shape[3] == 3
    by_line = lost[0, 0, 0].abs().sum(dim=1)
    assert ((by_line == 0) | (lost[0, 0, 0] == stream[0, 0, 0]).all(dim=1)).all()
    assert (by_line == 0).any()


def test_frames_are_drawn_from_those_that_there_are() -> None:
    mask = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]]).float()
    with alone(0):
        drawn = torch.stack([_drawn(mask, 3) for _ in range(20)])
    assert drawn.shape == (20, 3, 3)
    for row in range(3):
        assert mask[row, drawn[:, row].flatten()].all()
    assert all(len(set(one.tolist())) == 3 for one in drawn[:, 1])


def test_batches_hold_every_patient_once_and_none_is_tiny() -> None:
    with alone(0):
        batches = list(_shuffled(33, 16))
    assert sorted(torch.cat(batches).tolist()) == list(range(33))
    assert min(map(len, batches)) >= 16


def test_a_training_that_diverges_is_no_result() -> None:
    seen = examined("bmode")
    broken = Examined((np.full_like(seen.streams[0], np.inf),), seen.mask)
    with pytest.raises(RunError, match="diverged"):
        train(blueprint("bmode"), broken, {"sick": np.arange(12.0) % 2}, budget=Budget(epochs=1), seed=0)


def test_a_blueprint_of_other_arrays_is_refused() -> None:
    with pytest.raises(ProtocolError, match="two_stream reads 2 arrays; found 1"):
        build(Blueprint("two_stream", (24,), SICK))


def test_a_restored_network_only_predicts() -> None:
    with alone(0):
        weights = {name: value.numpy() for name, value in build(blueprint("bmode")).state_dict().items()}
    assert not restored(blueprint("bmode"), weights).training


def test_what_is_padding_stays_padding_under_every_change() -> None:
    stream = torch.ones(1, 1, 1, 6, 8)
    stream[..., 5:] = 0
    changed = augment(stream, Augment(), raw=False, mirror=torch.tensor([[False]]))
    assert (changed[..., 5:] == 0).all()
    assert (changed[..., :5] != 0).any()


def test_power_means_of_a_cell_lie_above_its_mean_by_what_its_echoes_are_spread() -> None:
    picture = torch.zeros(1, 1, 4, 16)
    picture[..., :4, :8] = 1.0
    picture[..., 8:12] = 2.0
    maps, known = cell_means(picture)
    assert known.tolist() == [[[[1.0, 0.0]]]]
    torch.testing.assert_close(maps[0, :, 0, 0], torch.tensor([1.0, 0.0, 0.0, 0.0]))
    torch.testing.assert_close(maps[0, :, 0, 1], torch.tensor([2.0, 0.0, 0.0, 0.0]))
    spread = torch.tensor([1.0, 3.0]).repeat(16).reshape(1, 1, 4, 8)
    for power, above in zip(POWERS, cell_means(spread)[0][0, 1:, 0, 0].tolist(), strict=True):
        wanted = np.log((np.exp(power) + np.exp(3 * power)) / 2) / power - 2
        assert above == pytest.approx(wanted, rel=1e-5)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    sick, budget = (np.arange(12) % 2).astype(float), Budget(epochs=1, device="cuda")
    with pytest.raises(RunError, match="finds no cuda here"):
        train(blueprint("bmode"), examined("bmode"), {"sick": sick}, budget=budget, seed=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")
@pytest.mark.parametrize("architecture", EVERY)
class TestOnTheGpu:
    def test_the_same_seed_gives_the_same_network(self, architecture: Architecture) -> None:
        seen, sick = examined(architecture), (np.arange(12) % 2).astype(float)
        budget = Budget(epochs=3, batch=6, device="cuda")
        first, again = (
            train(blueprint(architecture), seen, {"sick": sick}, budget=budget, seed=5) for _ in range(2)
        )
        assert all(np.array_equal(first.weights[name], again.weights[name]) for name in first.weights)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")
@pytest.mark.parametrize("architecture", ["two_stream", "bmode"])
def test_without_random_changes_that_of_the_gpu_is_that_of_the_cpu(architecture: Architecture) -> None:
    seen, sick = examined(architecture), (np.arange(12) % 2).astype(float)
    still = Augment(gain=0, tilt=0, noise=0, dropped=0, mirrored=False)
    plan = blueprint(architecture)
    cpu, gpu = (
        train(plan, seen, {"sick": sick}, budget=Budget(epochs=2, augment=still, device=device), seed=0)
        for device in DEVICES
    )
    answers = [told(plan, trained.weights, seen).answers for trained in (cpu, gpu)]
    np.testing.assert_allclose(gpu.loss, cpu.loss, rtol=1e-3)
    np.testing.assert_allclose(answers[1], answers[0], atol=5e-3)
