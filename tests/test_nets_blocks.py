"""Blocks of the networks against hand computations; masks and order change nothing."""

import math

import pytest
import torch

from hepar.nets.blocks import BINS, FrameSummary, GatedAttention, conv
from hepar.nets.device import alone


def test_attention_weights_are_the_gated_softmax() -> None:
    block = GatedAttention(2, hidden=1)
    with torch.no_grad():
        for layer, weight in (
            (block.value, [[1.0, 0.0]]),
            (block.gate, [[0.0, 1.0]]),
            (block.score, [[2.0]]),
        ):
            layer.weight.copy_(torch.tensor(weight))
        block.value.bias.zero_()
        block.gate.bias.zero_()
    items = torch.tensor([[[0.5, 1.0], [-1.0, 0.3]]])
    mean, weights = block(items, torch.ones(1, 2))
    logit = [2 * math.tanh(h) / (1 + math.exp(-g)) for h, g in ((0.5, 1.0), (-1.0, 0.3))]
    share = math.exp(logit[0]) / sum(map(math.exp, logit))
    assert weights[0, 0].item() == pytest.approx(share, abs=1e-6)
    assert mean[0, 1].item() == pytest.approx(share * 1.0 + (1 - share) * 0.3, abs=1e-6)


def test_padding_has_no_weight_at_all() -> None:
    with alone(0):
        block = GatedAttention(4)
        items = torch.randn(2, 5, 4)
        mask = torch.tensor([[1, 1, 1, 0, 0], [1, 0, 1, 1, 0]]).float()
    mean, weights = block(items, mask)
    assert (weights[mask == 0] == 0).all()
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(2))
    other = torch.where(mask[..., None] > 0, items, torch.full_like(items, 7.0))
    torch.testing.assert_close(block(other, mask)[0], mean, rtol=0, atol=0)


def test_convolution_keeps_the_size_but_for_its_stride() -> None:
    block = conv(2, 3, kernel=(3, 5), stride=(1, 2)).eval()
    assert block(torch.zeros(4, 2, 8, 16)).shape == (4, 3, 8, 8)
    assert (block(torch.randn(4, 2, 8, 16)) >= 0).all()


def test_a_convolution_of_a_step_is_what_the_hand_computes() -> None:
    block = conv(1, 1, kernel=(1, 3)).eval()
    with torch.no_grad():
        next(block.parameters()).copy_(torch.tensor([[[[-1.0, 0.0, 1.0]]]]))
    step = torch.tensor([0.0, 0.0, 2.0, 2.0])[None, None, None]
    # running mean 0 and variance 1: batch normalisation divides by sqrt(1 + 1e-5); the last difference is -2
    torch.testing.assert_close(block(step)[0, 0, 0], torch.tensor([0.0, 2.0, 2.0, 0.0]) / math.sqrt(1 + 1e-5))


def test_a_frame_is_summed_up_by_the_means_of_parts_of_its_depth() -> None:
    block = FrameSummary(1, size=BINS + 1, dropout=0.0).eval()
    with torch.no_grad():
        weight, bias = block.mix.parameters()
        weight.copy_(torch.eye(BINS + 1))
        bias.zero_()
    depth = torch.arange(8.0)[None, None, None].expand(2, 1, 3, 8)
    vector, looked = block(depth)
    torch.testing.assert_close(vector[0, :BINS], torch.tensor([0.5, 2.5, 4.5, 6.5]))
    assert looked.shape == (2, 3, 8)
    torch.testing.assert_close(looked.sum(dim=(1, 2)), torch.ones(2))
    torch.testing.assert_close(vector[0, BINS], (looked[0] * torch.arange(8.0)).sum())


def test_threads_and_random_numbers_are_afterwards_as_they_were() -> None:
    threads = torch.get_num_threads()
    before = torch.random.get_rng_state()
    with alone(3):
        assert torch.get_num_threads() == 1
        first = torch.rand(1)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), before)
    with alone(3):
        assert torch.equal(torch.rand(1), first)
