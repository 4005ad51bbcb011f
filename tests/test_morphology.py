"""Reference: the IBSI digital phantom; shapes whose measures are known."""

from functools import cache

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.morphology import morphology
from ibsi_phantom import SPACING_MM, Reference, phantom, references

BALL = np.asarray(((np.indices((25, 25, 25)) - 12.0) ** 2).sum(axis=0) <= 11.2**2)


@cache
def of_phantom() -> dict[str, float]:
    image, mask = phantom()
    return morphology(mask, SPACING_MM, image=image, correlation=True, enclosing=True)


@pytest.mark.parametrize("reference", references("morphology"), ids=lambda r: r.tag)
def test_morphology_of_the_digital_phantom_is_that_of_the_manual(reference: Reference) -> None:
    assert reference.holds(of_phantom()[reference.tag])


def test_the_smallest_box_around_the_phantom_is_the_one_along_its_axes() -> None:
    """As the manual's first edition had it with moderate consensus: 0.869 and 0.866."""
    assert of_phantom()["morph_vol_dens_ombb"] == pytest.approx(0.869, abs=5e-4)
    assert of_phantom()["morph_area_dens_ombb"] == pytest.approx(0.866, abs=5e-4)


def test_there_are_25_features_and_four_more_on_request() -> None:
    assert len(references("morphology")) == 25
    assert len(of_phantom()) == 29
    assert len(morphology(BALL, (1, 1, 1))) == 21


def test_a_ball_is_measured_as_a_ball() -> None:
    found = morphology(BALL, (2, 2, 2), enclosing=True)
    assert found["morph_volume"] == pytest.approx(found["morph_vol_approx"], rel=0.01)
    assert 46 <= found["morph_diam"] <= 46.8
    assert found["morph_pca_elongation"] == pytest.approx(1)
    assert found["morph_pca_flatness"] == pytest.approx(1)
    around = 4 / 3 * np.pi * (found["morph_diam"] / 2) ** 3
    assert found["morph_vol_dens_mvee"] == pytest.approx(found["morph_volume"] / around, rel=0.01)
    assert 0.85 < found["morph_sphericity"] < 1
    assert found["morph_pca_maj_axis"] == pytest.approx(4 * np.sqrt(22.4**2 / 5), rel=0.01)


def test_ratios_of_area_and_volume_are_functions_of_each_other() -> None:
    found = morphology(BALL, (1, 2, 3))
    area, volume = found["morph_area_mesh"], found["morph_volume"]
    assert found["morph_av"] == pytest.approx(area / volume)
    assert found["morph_comp_1"] == pytest.approx(volume / (np.sqrt(np.pi) * area**1.5))
    assert found["morph_comp_2"] == pytest.approx(36 * np.pi * volume**2 / area**3)
    assert found["morph_asphericity"] == pytest.approx((area**3 / (36 * np.pi * volume**2)) ** (1 / 3) - 1)


def test_axes_come_from_the_covariance_divided_by_one_less_than_the_voxels() -> None:
    region = np.random.default_rng(2).random((5, 7, 6)) < 0.4
    spacing_mm = (2.5, 0.8, 1.1)
    variances = np.linalg.eigvalsh(np.cov((np.argwhere(region) * spacing_mm).T))[::-1]
    found = morphology(region, spacing_mm)
    axes = [found[f"morph_pca_{name}_axis"] for name in ("maj", "min", "least")]
    assert axes == pytest.approx(4 * np.sqrt(variances), rel=1e-12)


def test_the_intensity_mask_moves_the_centre_of_mass_and_not_the_shape() -> None:
    region = np.ones((3, 3, 5), bool)
    image = np.broadcast_to(np.arange(5.0), region.shape)
    kept = region & (image >= 3)
    found = morphology(region, (1, 1, 2), image=image, intensity_mask=kept)
    assert found["morph_com"] == pytest.approx(2 * ((3 * 3 + 4 * 4) / 7 - 2))
    assert found["morph_integ_int"] == pytest.approx(3.5 * found["morph_volume"])
    assert found["morph_vol_approx"] == 90


def test_intensities_that_sum_to_zero_have_no_centre() -> None:
    image = np.array([[[-1.0, 1.0]]])
    assert np.isnan(morphology(np.ones(image.shape, bool), (1, 1, 1), image=image)["morph_com"])


def test_small_integers_are_summed_without_overflow() -> None:
    image = np.full((10, 20, 20), 30_000, np.int16)
    found = morphology(np.ones(image.shape, bool), (1, 1, 1), image=image)
    assert found["morph_integ_int"] == pytest.approx(30_000 * found["morph_volume"])


def test_a_single_voxel_is_an_octahedron_without_axes() -> None:
    image = np.full((3, 3, 3), 4.0)
    region = np.zeros(image.shape, bool)
    region[1, 1, 1] = True
    found = morphology(region, (1, 2, 3), image=image, correlation=True, enclosing=True)
    assert found["morph_volume"] == pytest.approx(1)
    assert found["morph_diam"] == 3
    assert found["morph_pca_maj_axis"] == 0
    assert found["morph_vol_dens_conv_hull"] == pytest.approx(1)
    undefined = {tag for tag, value in found.items() if np.isnan(value)}
    assert undefined == {
        *(f"morph_{name}" for name in ("pca_elongation", "pca_flatness", "moran_i", "geary_c")),
        *(f"morph_{name}_dens_aee" for name in ("vol", "area")),
    }


@pytest.mark.parametrize(
    ("shape", "undefined"),
    [
        ((1, 1, 2), {"morph_vol_dens_aee", "morph_area_dens_aee"}),
        ((1, 6, 1), {"morph_vol_dens_aee", "morph_area_dens_aee"}),
        ((4, 1, 5), {"morph_vol_dens_aee"}),
    ],
)
def test_lines_and_planes_fill_no_ellipsoid(shape: tuple[int, int, int], undefined: set[str]) -> None:
    found = morphology(np.ones(shape, bool), (1, 1, 1), enclosing=True)
    assert {tag for tag, value in found.items() if np.isnan(value)} == undefined
    assert found["morph_pca_flatness"] == 0
    assert found["morph_volume"] > 0


def test_a_region_at_the_border_is_closed_there() -> None:
    inside = np.zeros((29, 29, 29), bool)
    inside[2:27, 2:27, 2:27] = BALL
    at_border = BALL[1:24, 1:24, 1:24]
    assert at_border[0].any()
    assert morphology(at_border, (1, 1, 1)) == pytest.approx(morphology(inside, (1, 1, 1)))


def test_two_components_are_one_region() -> None:
    region = np.zeros((5, 5, 20), bool)
    region[1:4, 1:4, 1:4] = region[1:4, 1:4, 16:19] = True
    one = morphology(region[..., :5], (1, 1, 1))
    both = morphology(region, (1, 1, 1))
    assert both["morph_volume"] == pytest.approx(2 * one["morph_volume"])
    assert both["morph_area_mesh"] == pytest.approx(2 * one["morph_area_mesh"])
    assert both["morph_vol_dens_conv_hull"] < 0.5
    assert both["morph_diam"] == pytest.approx(np.hypot(18, np.hypot(2, 2)), rel=0.02)


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        morphology(np.zeros((3, 3, 3), bool), (1, 1, 1))


def test_an_image_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="shapes"):
        morphology(BALL, (1, 1, 1), image=np.ones((3, 3, 3)))
