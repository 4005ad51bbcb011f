"""Co-occurrence by PyRadiomics."""

import numpy as np
import pytest

from hepar.features.pyradiomics.counts import Texture, count_texture
from hepar.features.pyradiomics.glcm import glcm, step_lengths
from hepar.features.pyradiomics.names import FEATURES
from hepar.features.pyradiomics.settings import Settings

CHART = np.array(
    [[1, 2, 5, 2, 3], [3, 2, 1, 3, 1], [1, 3, 5, 5, 2], [1, 1, 1, 1, 2], [1, 2, 4, 3, 5]], np.uint16
)
"""The 5 x 5 image of the documentation of PyRadiomics."""


def counted(settings: Settings, levels: np.ndarray = CHART) -> Texture:
    return count_texture(levels[None], spacing_mm=(1.0, 1.0, 1.0), settings=settings, classes=["glcm"])


def test_the_pairs_along_a_row_are_those_of_the_documentation() -> None:
    texture = counted(Settings())
    row = [tuple(step) for step in texture.pair_steps].index((0, 0, 1))
    both = texture.pairs[row] + texture.pairs[row].T
    expected = [[6, 4, 3, 0, 0], [4, 0, 2, 1, 3], [3, 2, 0, 1, 2], [0, 1, 1, 0, 0], [0, 3, 2, 0, 2]]
    assert both.tolist() == expected


def test_all_names_are_there() -> None:
    assert sorted(glcm(counted(Settings()), Settings())) == sorted(FEATURES["glcm"])


def test_a_feature_is_the_mean_over_directions_with_pairs() -> None:
    texture = counted(Settings())
    i, j = np.indices((5, 5))
    kept = [pairs / pairs.sum() for pairs in texture.pairs if pairs.sum()]
    assert len(kept) == 4
    expected = np.mean([np.sum(p * (i - j) ** 2) for p in kept])
    assert glcm(texture, Settings())["Contrast"] == pytest.approx(expected)


def test_weights_fall_with_the_square_of_the_length() -> None:
    apart = np.array([[0.0, 0.0, 1.0], [2.0, 1.0, 1.0]])
    assert step_lengths(apart, "infinity").tolist() == [1, 2]
    assert step_lengths(apart, "manhattan").tolist() == [1, 4]
    assert step_lengths(apart, "euclidean") == pytest.approx([1, np.sqrt(6)])
    assert step_lengths(apart, "no_weighting").tolist() == [1, 1]
    settings = Settings.model_validate({"weightingNorm": "euclidean"})
    texture = counted(settings)
    weights = np.exp(-np.sum(texture.pair_steps**2, axis=1))
    p = np.tensordot(weights, texture.pairs, axes=1)
    i, j = np.indices((5, 5))
    assert glcm(texture, settings)["Contrast"] == pytest.approx(np.sum(p * (i - j) ** 2) / p.sum())


def test_pairs_counted_one_way_have_two_margins() -> None:
    settings = Settings.model_validate({"symmetricalGLCM": False, "weightingNorm": "no_weighting"})
    texture = counted(settings)
    p = texture.pairs.sum(axis=0) / texture.pairs.sum()
    found = glcm(texture, settings)
    assert found["JointAverage"] == pytest.approx(p.sum(axis=1) @ np.arange(1, 6))
    assert found["JointEnergy"] == pytest.approx(np.sum(p**2))
    assert found["Correlation"] == pytest.approx(_correlation(texture.pairs.sum(axis=0)))


def _correlation(pairs: np.ndarray) -> float:
    first, second = (np.repeat(index.ravel(), pairs.ravel()) for index in np.indices(pairs.shape))
    return float(np.corrcoef(first, second)[0, 1])


def test_independent_levels_have_no_maximal_correlation_and_blocks_have_all() -> None:
    blocks = np.kron(np.array([[1, 3]], np.uint16), np.ones((4, 4), np.uint16))
    settings = Settings.model_validate({"weightingNorm": "no_weighting"})
    apart = blocks.copy()
    apart[:, 3:5] = 0
    assert glcm(counted(settings, apart), settings)["MCC"] == pytest.approx(1)
    noise = np.random.default_rng(0).integers(1, 4, (300, 300)).astype(np.uint16)
    assert glcm(counted(settings, noise), settings)["MCC"] < 0.02
