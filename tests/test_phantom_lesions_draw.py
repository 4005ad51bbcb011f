"""SIMULATED lesions one by one: sizes, determinism, and what cannot be made."""

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.lesions import KINDS, LESIONS, LOOK, MIMICS, draw_lesion, us_look
from hepar.phantom.lesions.kinds import LARGEST_MM, SMALLEST_MM
from hepar.phantom.lesions.other_modalities import SEQUENCES, mr_ratio


def test_malignant_and_benign_kinds_and_mimics_are_what_the_study_names() -> None:
    assert set(LESIONS) == {"hcc", "icc", "metastasis", "haemangioma", "fnh", "cyst", "focal_fat"}
    assert set(MIMICS) == {"focal_sparing", "perfusion_anomaly", "regenerative_nodule"}
    assert {name for name, kind in KINDS.items() if kind.malignant} == {"hcc", "icc", "metastasis"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_lesion_has_a_whole_look_and_is_the_same_for_the_same_random_numbers(kind: str) -> None:
    one, again = (draw_lesion(np.random.default_rng(9), kind) for _ in range(2))
    assert one == again
    assert one.look is not None
    assert set(LOOK) < set(one.look)
    assert all(np.isfinite(value) for value in one.look.values())
    assert max(one.axes) == 1
    assert SMALLEST_MM <= one.diameter_mm <= LARGEST_MM
    assert 0 <= one.infiltration <= 0.8
    assert one.malignant == KINDS[kind].malignant
    assert one.mimic == KINDS[kind].mimic


def test_sizes_span_tiny_to_large_about_the_median_of_the_kind() -> None:
    rng = np.random.default_rng(3)
    sizes = np.array([draw_lesion(rng, "metastasis").diameter_mm for _ in range(2000)])
    assert np.median(sizes) == pytest.approx(KINDS["metastasis"].median_mm, rel=0.08)
    assert sizes.min() < 3
    assert sizes.max() > 60


def test_a_diameter_that_is_asked_for_is_what_is_made() -> None:
    assert draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=3.0).diameter_mm == 3.0


@pytest.mark.parametrize("diameter", [0.0, -4.0, np.nan, np.inf, 500.0])
def test_an_impossible_diameter_is_refused(diameter: float) -> None:
    with pytest.raises(SimulationError, match="diameter from 1 to 200 mm"):
        draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=diameter)


def test_kinds_overlap_on_mr_and_ultrasound() -> None:
    rng = np.random.default_rng(5)
    drawn = {kind: [draw_lesion(rng, kind) for _ in range(400)] for kind in ("hcc", "fnh", "haemangioma")}
    t2 = {kind: np.array([mr_ratio(lesion, "t2") for lesion in of]) for kind, of in drawn.items()}
    assert t2["haemangioma"].mean() > t2["hcc"].mean() > t2["fnh"].mean()
    assert 0.05 < (t2["fnh"] > np.median(t2["hcc"])).mean() < 0.4
    echo = {
        kind: np.array([us_look(lesion)["backscatter_db"] for lesion in of]) for kind, of in drawn.items()
    }
    assert 0.02 < (echo["hcc"] > np.median(echo["haemangioma"])).mean() < 0.3


def test_what_a_lesion_looks_like_elsewhere_is_refused_where_it_was_not_drawn() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "hcc")
    with pytest.raises(SimulationError, match="no sequence 't3'"):
        mr_ratio(lesion, "t3")
    assert all(mr_ratio(lesion, sequence) > 0 for sequence in SEQUENCES)
