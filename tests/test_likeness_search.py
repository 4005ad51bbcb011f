"""The search in blocks finds the pairs that a comparison of every pair, one by one, finds."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hepar.imaging.likeness import Likeness, alike, fingerprint_of
from hepar.imaging.likeness.align import aligned_correlation
from hepar.imaging.likeness.fingerprint import Fingerprint
from hepar.imaging.likeness.likely import likely_pairs
from hepar.imaging.likeness.looks import firm_look, whole_look
from hepar.imaging.likeness.picture import by_rank
from hepar.imaging.likeness.pose import POSES, Pose, waves_of

N = 70
RULE = Likeness(whole=0.25, firm=0.2)
"""Low, so that many pairs of random pictures reach it."""


@pytest.fixture(scope="module")
def prints() -> list[Fingerprint]:
    """Random pictures, some of them copies of others in every pose, with a little noise."""
    rng = np.random.default_rng(3)
    pictures = [
        gaussian_filter(rng.normal(size=(64, 64)), 2).astype(np.float32) for _ in range(N - len(POSES))
    ]
    for k, pose in enumerate(POSES):
        turned = pictures[k].T if pose.exchanged else pictures[k]
        turned = turned[:: -1 if pose.rows else 1, :: -1 if pose.columns else 1]
        noise = rng.normal(0, 0.005, turned.shape)
        pictures.append(((-turned if pose.inverted else turned) + noise).astype(np.float32))
    return [fingerprint_of(one, digest=f"{k}") for k, one in enumerate(pictures)]


def cosines(prints: Sequence[Fingerprint], pose: Pose) -> list[np.ndarray]:
    """Of every two pictures, by both looks, in double precision."""
    levels = np.stack([one.inner.levels for one in prints])
    upright, posed = waves_of(by_rank(levels)), waves_of(pose.of(levels))
    found = []
    for look in (whole_look(upright), firm_look(upright, by_rank(levels))):
        one, other = ((waves.astype(float) - look.centre) @ look.directions for waves in (upright, posed))
        apart = other.mean(axis=0) - one.mean(axis=0)
        apart = apart / max(np.linalg.norm(apart), 1e-6)
        one, other = (seen - np.outer(seen @ apart, apart) for seen in (one, other))
        length = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)[None]
        found.append(one @ other.T / length)
    return found


@pytest.mark.parametrize("block", [7, 64, 1024])
def test_likely_pairs_are_those_of_every_pair_compared_alone(
    block: int, prints: list[Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.imaging.likeness.likely.BLOCK", block)
    code = np.arange(N) // 2
    found = likely_pairs([one.inner for one in prints], code, poses=POSES, rule=RULE)
    reached = 0
    for pose, pairs in found:
        whole, firm = cosines(prints, pose)
        expected = {
            (a, b)
            for a, b in itertools.combinations(range(N), 2)
            if code[a] != code[b] and (whole[a, b] >= RULE.whole or firm[a, b] >= RULE.firm)
        }
        assert {(a, b) for a, b in pairs.tolist()} == expected
        assert len(pairs) == len(expected)
        reached += len(expected)
    assert reached > 50 * len(POSES)


def test_what_is_found_is_what_proving_every_pair_in_every_pose_finds(prints: list[Fingerprint]) -> None:
    levels = np.stack([one.inner.levels for one in prints])
    first, second = np.triu_indices(N, 1)
    proved = set()
    for pose in POSES:
        score = aligned_correlation(by_rank(levels[first]), pose.of(levels[second]))
        proved |= {(int(a), int(b)) for a, b in zip(first[score >= 0.8], second[score >= 0.8], strict=True)}
    found = alike(prints, [f"{k}" for k in range(N)])
    assert {(pair.first, pair.second) for pair in found} == proved
    assert len(proved) >= len(POSES)


def test_one_odd_picture_among_upright_ones_is_not_proved_against_each(prints: list[Fingerprint]) -> None:
    """An inverted picture has the layout of every other one inverted: that alone makes no pair likely."""
    rng = np.random.default_rng(4)
    layout = np.outer(np.hanning(64), np.hanning(64)) * 40
    pictures = [layout + gaussian_filter(rng.normal(size=(64, 64)), 2) * 40 for _ in range(200)]
    pictures[7] = -pictures[7]
    small = [fingerprint_of(one.astype(np.float32), digest="").inner for one in pictures]
    likely = [len(pairs) for _, pairs in likely_pairs(small, np.arange(200), poses=POSES, rule=Likeness())]
    assert sum(likely) < 20
