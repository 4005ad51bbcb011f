"""Answers of the heads and their losses, by hand."""

import math

import pytest
import torch

from hepar.nets.device import alone
from hepar.nets.heads import Answers, CumulativeLink, Head, loss, probabilities, split

STAGE = Head("stage", "ordinal", levels=5)
EVERY = (Head("sick", "binary"), STAGE, Head("stiffness", "regression"), Head("kind", "classes", levels=3))


def test_every_head_has_its_place_among_the_answers() -> None:
    with alone(0):
        answers = Answers(EVERY, 6)(torch.randn(7, 6))
    assert answers.shape == (7, 1 + 4 + 1 + 3)
    parts = split(answers, EVERY)
    assert {name: part.shape[1] for name, part in parts.items()} == {
        "sick": 1,
        "stage": 4,
        "stiffness": 1,
        "kind": 3,
    }
    assert torch.equal(parts["kind"], answers[:, 6:])


@pytest.mark.parametrize("spread", [0.1, 5.0, 50.0])
def test_probabilities_of_stages_never_cross_whatever_is_learnt(spread: float) -> None:
    with alone(1):
        link = CumulativeLink(4, 5)
        with torch.no_grad():
            for weight in link.parameters():
                weight.normal_(0, spread)
        above = probabilities(link(torch.randn(200, 4)), STAGE)
    assert (above.diff(dim=1) <= 0).all()


def test_untrained_thresholds_lie_one_apart_about_zero() -> None:
    logits = CumulativeLink(3, 5)(torch.zeros(1, 3))[0]
    torch.testing.assert_close(logits, torch.tensor([1.5, 0.5, -0.5, -1.5]))


def test_a_stage_costs_the_cross_entropy_of_every_threshold() -> None:
    logits = torch.tensor([[2.0, 0.5, -1.0, -3.0]])
    found = loss(logits, {"stage": torch.tensor([2.0])}, (STAGE,)).item()
    sigmoid = [1 / (1 + math.exp(-x)) for x in (2.0, 0.5, -1.0, -3.0)]
    by_hand = -sum(math.log(p) for p in sigmoid[:2]) - sum(math.log(1 - p) for p in sigmoid[2:])
    assert found == pytest.approx(by_hand, rel=1e-5)


def test_binary_and_regression_and_classes_cost_what_they_should() -> None:
    binary, regression = Head("y", "binary"), Head("y", "regression")
    sick = loss(torch.tensor([[1.0], [-2.0]]), {"y": torch.tensor([1.0, 0.0])}, (binary,)).item()
    assert sick == pytest.approx((math.log(1 + math.exp(-1)) + math.log(1 + math.exp(-2))) / 2, rel=1e-5)
    miss = loss(torch.tensor([[0.5], [3.0]]), {"y": torch.tensor([0.0, 0.0])}, (regression,)).item()
    assert miss == pytest.approx((0.125 + 2.5) / 2)
    kind = loss(torch.zeros(2, 3), {"y": torch.tensor([0.0, 2.0])}, (Head("y", "classes", levels=3),)).item()
    assert kind == pytest.approx(math.log(3), rel=1e-5)


def test_what_is_unknown_costs_nothing_and_weights_count() -> None:
    heads = (Head("a", "regression"), Head("b", "binary", weight=0.25))
    answers = torch.tensor([[1.0, 0.0], [5.0, 0.0]], requires_grad=True)
    nan = math.nan
    both = loss(answers, {"a": torch.tensor([1.0, nan]), "b": torch.tensor([nan, 1.0])}, heads)
    assert both.item() == pytest.approx(0.25 * math.log(2))
    none = loss(answers, {"a": torch.tensor([nan, nan]), "b": torch.tensor([nan, nan])}, heads)
    assert none.item() == 0
    torch.autograd.backward(none)
    assert answers.grad is not None
    assert not answers.grad.any()
