"""Runs, zones and dependences by PyRadiomics, on the 5 x 5 image of its documentation."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.features.pyradiomics.counts import Texture, count_texture
from hepar.features.pyradiomics.names import FEATURES, FeatureClass
from hepar.features.pyradiomics.settings import Settings
from hepar.features.pyradiomics.sizes import gldm, glrlm, glszm

CHART = np.array(
    [[5, 2, 5, 4, 4], [3, 3, 3, 1, 3], [2, 1, 1, 1, 3], [4, 2, 2, 2, 3], [3, 5, 3, 3, 2]], np.uint16
)


def counted(levels: np.ndarray, **given: object) -> Texture:
    settings = Settings.model_validate(given)
    return count_texture(
        levels, spacing_mm=(1.0, 1.0, 1.0), settings=settings, classes=["glrlm", "glszm", "gldm"]
    )


def test_all_names_are_there() -> None:
    texture = counted(CHART[None])
    by_class: dict[FeatureClass, dict[str, float]] = {
        "glrlm": glrlm(texture, Settings()),
        "glszm": glszm(texture),
        "gldm": gldm(texture),
    }
    for name, found in by_class.items():
        assert sorted(found) == sorted(FEATURES[name])


def test_zones_are_those_of_the_documentation() -> None:
    found = glszm(counted(CHART[None]))
    table = np.array([[0, 0, 0, 1, 0], [1, 0, 0, 0, 1], [1, 0, 1, 0, 1], [1, 1, 0, 0, 0], [3, 0, 0, 0, 0]])
    sizes = np.arange(1, 6)
    assert found["ZonePercentage"] == pytest.approx(table.sum() / 25)
    assert found["SmallAreaEmphasis"] == pytest.approx(np.sum(table / sizes**2) / table.sum())
    assert found["GrayLevelNonUniformity"] == pytest.approx(np.sum(table.sum(axis=1) ** 2) / table.sum())


def test_runs_are_averaged_over_directions_that_lie_in_the_region() -> None:
    found = glrlm(counted(CHART[None]), Settings())
    straight = [np.diff(turned.astype(int), axis=1) for turned in (CHART, CHART.T)]
    slanted = [
        np.concatenate([np.diff(np.diagonal(turned, k).astype(int)) for k in range(-4, 5)])
        for turned in (CHART, CHART[::-1])
    ]
    steps = [*straight, *slanted]
    percentages = [1 - np.count_nonzero(step == 0) / 25 for step in steps]
    assert found["RunPercentage"] == pytest.approx(np.mean(percentages))


def test_weighted_runs_are_added() -> None:
    settings = Settings.model_validate({"weightingNorm": "manhattan"})
    found = glrlm(counted(CHART[None], weightingNorm="manhattan"), settings)
    assert 0.5 < found["RunPercentage"] < 1


def test_two_voxels_apart_on_a_line_make_a_direction() -> None:
    levels = np.zeros((3, 3, 3), np.uint16)
    levels[0, 0, 0], levels[2, 0, 0], levels[2, 1, 2] = 1, 1, 2
    assert glrlm(counted(levels), Settings())["RunPercentage"] == 1
    levels[2, 0, 0] = 0
    with pytest.raises(DataError, match="no two voxels of the region lie in a line"):
        glrlm(counted(levels), Settings())


def test_a_voxel_depends_on_itself() -> None:
    found = gldm(counted(np.array([[[1, 2, 4, 8]]], np.uint16)))
    assert found["SmallDependenceEmphasis"] == 1
    assert found["LargeDependenceEmphasis"] == 1
