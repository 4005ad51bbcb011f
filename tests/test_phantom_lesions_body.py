"""SIMULATED lesions on voxels: volume, partial volume, the same lesion on every grid, and its values."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import KINDS, PHASES, LesionBody, body_of, ct_change, draw_lesion, extent, mr_look
from hepar.phantom.lesions.ct import LIVER_HU, VESSEL_HU
from hepar.phantom.patient import Lesion

CENTRE = (0.8, -1.3, 2.1)


def grid(*spacing_mm: float, field_mm: float = 70.0) -> Grid:
    z, y, x = spacing_mm
    return Grid((int(field_mm / z), int(field_mm / y), int(field_mm / x)), (z, y, x))


def body(lesion: Lesion, on: Grid, *, seed: int = 6) -> LesionBody:
    return body_of(lesion, CENTRE, on, rng=np.random.default_rng(seed))


def volume_mm3(lesion: Lesion, on: Grid) -> float:
    return float(body(lesion, on).coverage.sum(dtype=float) * np.prod(on.spacing_mm))


def tissue(lesion: Lesion, on: Grid, phase: str, *, liver_hu: float | None = None) -> np.ndarray:
    return ct_change(
        lesion, body(lesion, on), phase, liver_hu=liver_hu or LIVER_HU[phase], vessel_hu=VESSEL_HU[phase]
    )


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 2.5, 2.5), (5.0, 0.8, 0.8)])
@pytest.mark.parametrize("kind", ["hcc", "metastasis", "haemangioma", "focal_fat"])
def test_volume_is_that_of_the_ellipsoid_on_any_grid(kind: str, spacing: tuple[float, float, float]) -> None:
    for number, diameter in enumerate((4.0, 11.0, 30.0)):
        lesion = draw_lesion(np.random.default_rng(number), kind, diameter_mm=diameter)
        expected = np.pi / 6 * diameter**3 * np.prod(lesion.axes)
        # a wide and ragged margin, which small lesions see little of, keeps its volume only about
        tolerance = 0.04 if lesion.infiltration < 0.3 else 0.12
        assert volume_mm3(lesion, grid(*spacing)) == pytest.approx(expected, rel=tolerance)


def test_outline_is_the_same_lesion_on_a_finer_grid() -> None:
    lesion = draw_lesion(np.random.default_rng(3), "icc", diameter_mm=24)
    coarse, fine = Grid((20, 20, 20), (2.0, 2.0, 2.0)), Grid((40, 40, 40), (1.0, 1.0, 1.0))
    whole = []
    for on in (coarse, fine):
        here = np.zeros(on.shape, np.float32)
        found = body(lesion, on)
        here[found.box] = found.coverage
        whole.append(here)
    averaged = whole[1].reshape(20, 2, 20, 2, 20, 2).mean((1, 3, 5))
    assert np.abs(averaged - whole[0]).max() < 0.25
    assert np.abs(averaged - whole[0]).mean() < 0.005


def test_a_cyst_of_3_mm_fills_no_voxel_of_2_5_mm_and_looks_denser_than_water() -> None:
    cyst = draw_lesion(np.random.default_rng(2), "cyst", diameter_mm=3.0)
    on = grid(2.5, 2.5, 2.5)
    found = body(cyst, on)
    assert found.coverage.max() < 0.95
    assert found.coverage.sum() * 2.5**3 == pytest.approx(np.pi / 6 * 27 * np.prod(cyst.axes), rel=0.05)
    shown = (1 - found.coverage) * LIVER_HU["portal"] + found.coverage * tissue(cyst, on, "portal")
    assert shown.min() > 15 + tissue(cyst, on, "portal").min()


def test_the_same_random_numbers_give_the_same_body_and_others_another() -> None:
    lesion = draw_lesion(np.random.default_rng(3), "hcc", diameter_mm=20)
    one, again, other = (body(lesion, grid(2, 2, 2), seed=seed) for seed in (1, 1, 2))
    for name in ("coverage", "depth", "scar", "texture"):
        assert (getattr(one, name) == getattr(again, name)).all()
    assert not (one.coverage == other.coverage).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_are_finite_and_within_their_ranges(kind: str) -> None:
    lesion = draw_lesion(np.random.default_rng(8), kind, diameter_mm=18)
    found = body(lesion, grid(3, 1.5, 1.5))
    for field in (found.coverage, found.depth, found.scar, *found.rim):
        assert field.dtype == np.float32
        assert field.min() >= 0
        assert field.max() <= 1 + 1e-5
    edges = np.ones(found.coverage.shape, bool)
    edges[1:-1, 1:-1, 1:-1] = False
    assert found.coverage[edges].max() < 0.02, "the box holds all of it"
    for phase in PHASES:
        assert np.isfinite(tissue(lesion, grid(3, 1.5, 1.5), phase)).all()


def with_look(lesion: Lesion, **look: float) -> Lesion:
    return replace(lesion, look={**(lesion.look or {}), **look})


def test_the_nodular_rim_of_a_haemangioma_grows_from_phase_to_phase_and_is_not_a_ring() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "haemangioma", diameter_mm=30)
    found = body(with_look(lesion, nodularity=0.8, rim_width=0.3, edge=0.0), grid(1.5, 1.5, 1.5))
    arterial, portal, delayed = (float((rim * found.coverage).sum()) for rim in found.rim)
    assert arterial < portal < delayed
    near_edge = found.rim[0][(found.depth > 0.9) & (found.coverage > 0.9)]
    assert (near_edge < 0.2).any()
    assert (near_edge > 0.8).any()


def test_core_rim_and_scar_have_the_values_of_the_look() -> None:
    plain = draw_lesion(np.random.default_rng(1), "metastasis", diameter_mm=40)
    lesion = with_look(
        plain, core_native=-10, core_portal=-40, rim_portal=25, rim_width=0.2, nodularity=0, texture=0, scar=0
    )
    found, values = body(lesion, grid(1.5, 1.5, 1.5)), tissue(lesion, grid(1.5, 1.5, 1.5), "portal")
    assert values[found.depth < 0.6].mean() == pytest.approx(LIVER_HU["portal"] - 40, abs=0.5)
    ring = (found.depth > 0.92) & (found.coverage > 0.99)
    assert values[ring].mean() == pytest.approx(LIVER_HU["portal"] - 15, abs=2)


def test_enhancement_follows_the_iodine_in_the_vessels_and_a_native_scan_does_not() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "fnh", diameter_mm=30)
    found = body(lesion, grid(2, 2, 2))

    def mean(phase: str, vessel_hu: float) -> float:
        return float(ct_change(lesion, found, phase, liver_hu=70, vessel_hu=vessel_hu).mean())

    assert mean("arterial", 200) < mean("arterial", 300) < mean("arterial", 400)
    assert mean("native", 200) == mean("native", 400)


def test_a_lesion_stands_out_otherwise_in_a_fatty_liver_and_a_spared_area_shows_only_there() -> None:
    spared = with_look(draw_lesion(np.random.default_rng(1), "focal_sparing", diameter_mm=20), core_native=0)
    values = tissue(spared, grid(2, 2, 2), "native", liver_hu=25)
    assert values.mean() - 25 == pytest.approx(32, abs=3)
    nodule = draw_lesion(np.random.default_rng(1), "regenerative_nodule", diameter_mm=12)
    assert tissue(nodule, grid(2, 2, 2), "native", liver_hu=25).mean() == pytest.approx(25, abs=20)


def test_a_lesion_at_the_border_is_cut_and_one_outside_has_no_voxels() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=20)
    on = grid(2, 2, 2)
    z, *_ = extent(lesion, (34.0, 0.0, 0.0), on)
    assert z.stop == on.shape[0]
    assert 0 < z.start < z.stop
    gone = body_of(lesion, (500.0, 0.0, 0.0), on, rng=np.random.default_rng(1))
    assert gone.coverage.size == 0
    values = ct_change(lesion, gone, "portal", liver_hu=110, vessel_hu=165)
    assert values.shape == gone.coverage.shape


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "adenoma"}, "no kind of lesion 'adenoma'"),
        ({"diameter_mm": -3.0}, "diameter from 1 to 200"),
        ({"diameter_mm": float("nan")}, "diameter from 1 to 200"),
        ({"axes": (1.0, 0.0, 1.0)}, "three shares"),
        ({"infiltration": -0.2}, "0 \\(sharp\\) to 1"),
    ],
)
def test_what_cannot_be_painted_is_refused(wrong: dict[str, Any], says: str) -> None:
    lesion = replace(draw_lesion(np.random.default_rng(1), "hcc"), **wrong)
    with pytest.raises(SimulationError, match=says):
        extent(lesion, CENTRE, grid(2, 2, 2))


def test_an_unknown_phase_or_a_lesion_without_a_look_is_refused() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "hcc", diameter_mm=10)
    found = body(lesion, grid(2, 2, 2))
    with pytest.raises(SimulationError, match="no phase 'venous'"):
        ct_change(lesion, found, "venous", liver_hu=100, vessel_hu=160)
    with pytest.raises(SimulationError, match="draw_lesion"):
        ct_change(replace(lesion, look=None), found, "portal", liver_hu=100, vessel_hu=160)
    with pytest.raises(SimulationError, match="finite"):
        ct_change(lesion, found, "portal", liver_hu=float("nan"), vessel_hu=160)


def test_mr_shows_the_ratio_that_was_drawn() -> None:
    lesion = draw_lesion(np.random.default_rng(1), "cyst", diameter_mm=20)
    found = body(lesion, grid(2, 2, 2))
    look = mr_look(lesion, found, "t2")
    assert look[found.depth < 0.7].mean() == pytest.approx((lesion.look or {})["mr_t2"], rel=0.05)
    assert (look > 0).all()


@pytest.mark.parametrize("side", [-70.0, 60.0])
def test_a_wedge_widens_from_the_hilum_to_the_capsule(side: float) -> None:
    lesion = draw_lesion(np.random.default_rng(1), "perfusion_anomaly", diameter_mm=30)
    lesion = replace(lesion, look={**(lesion.look or {}), "wedge": 1.0})
    on = Grid((30, 30, 80), (2.5, 2.5, 2.5))
    for seed in range(5):
        made = body_of(lesion, (0.0, -14.0, side), on, rng=np.random.default_rng(seed))
        away = np.sign(side + 30) * (on.axis_mm(2)[made.box[2]] - side)
        weight = made.coverage.sum(axis=(0, 1))
        assert weight[away > 0].sum() > 1.5 * weight[away < 0].sum()
