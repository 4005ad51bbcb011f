"""Reference: the IBSI digital phantom; every sphere summed voxel by voxel."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.local_intensity import RADIUS_MM, local_intensity
from ibsi_phantom import SPACING_MM, Reference, phantom, references


@pytest.mark.parametrize("reference", references("local_intensity"), ids=lambda r: r.tag)
def test_local_intensity_of_the_digital_phantom_is_that_of_the_manual(reference: Reference) -> None:
    assert reference.holds(local_intensity(*phantom(), SPACING_MM)[reference.tag])


def by_definition(
    image: np.ndarray, mask: np.ndarray, spacing_mm: tuple[float, float, float]
) -> dict[str, float]:
    places = np.argwhere(np.ones(image.shape)) * spacing_mm
    centres = np.argwhere(mask) * spacing_mm
    within = ((places[None] - centres[:, None]) ** 2).sum(axis=2) <= RADIUS_MM**2
    means = np.array([image.ravel()[sphere].mean() for sphere in within])
    brightest = image[mask] == image[mask].max()
    return {"loc_peak_local": means[brightest].max(), "loc_peak_glob": means.max()}


@pytest.mark.parametrize("spacing_mm", [(2, 2, 2), (3.27, 0.98, 0.98), (1, 4, 2.5), (7, 7, 7), (0.9, 3, 0.7)])
@pytest.mark.parametrize("shape", [(6, 9, 11), (1, 12, 5), (9, 2, 3), (5, 5, 1)])
def test_spheres_cut_by_the_border_are_averaged_over_what_there_is(
    spacing_mm: tuple[float, float, float], shape: tuple[int, int, int]
) -> None:
    rng = np.random.default_rng(sum(shape))
    image, mask = rng.normal(50, 20, shape), rng.random(shape) < 0.4
    assert local_intensity(image, mask, spacing_mm) == pytest.approx(
        by_definition(image, mask, spacing_mm), rel=1e-12
    )


def test_of_several_brightest_voxels_the_one_in_the_brightest_sphere_counts() -> None:
    image = np.zeros((5, 5, 40), np.float32)
    image[2, 2, [5, 30]], image[2, 2, 31] = 9, 8
    mask = np.ones(image.shape, bool)
    mask[2, 2, 31] = False
    found = local_intensity(image, mask, (4, 4, 4))
    assert found["loc_peak_local"] == found["loc_peak_glob"] == pytest.approx(17 / 19)


def test_a_voxel_larger_than_the_sphere_stands_for_itself() -> None:
    image = np.arange(27.0).reshape(3, 3, 3)
    assert local_intensity(image, image < 20, (10, 10, 10)) == {"loc_peak_local": 19, "loc_peak_glob": 19}


def test_integer_images_and_views_give_the_same() -> None:
    rng = np.random.default_rng(1)
    image, mask = rng.integers(-100, 200, (8, 9, 10)).astype(np.int16), rng.random((8, 9, 10)) < 0.3
    as_view = np.asfortranarray(image.astype(np.float32))
    assert local_intensity(image, mask, (2, 2, 2)) == local_intensity(
        as_view, np.asfortranarray(mask), (2, 2, 2)
    )


def test_far_parts_of_the_image_need_no_numbers() -> None:
    image = np.ones((3, 3, 30))
    image[..., 25] = np.nan
    mask = np.zeros(image.shape, bool)
    mask[1, 1, 2] = True
    assert local_intensity(image, mask, (2, 2, 2))["loc_peak_glob"] == 1


def test_a_value_within_reach_that_is_no_number_is_refused() -> None:
    image, mask = np.ones((3, 3, 3)), np.zeros((3, 3, 3), bool)
    mask[1, 1, 1] = True
    image[1, 1, 2] = np.nan
    with pytest.raises(DataError, match="not a finite number"):
        local_intensity(image, mask, (2, 2, 2))


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        local_intensity(np.ones((2, 2, 2)), np.zeros((2, 2, 2), bool), (1, 1, 1))
