import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.resegment import region_values, resegment

IMAGE = np.array([[[-600.0, -100, 0, 50, 100, 500]]])
REGION = np.array([[[True, True, True, True, True, False]]])


def test_the_range_includes_both_its_ends() -> None:
    kept = resegment(IMAGE, REGION, intensity_range=(-100, 50))
    assert kept.ravel().tolist() == [False, True, True, True, False, False]


def test_an_open_end_keeps_all_on_its_side() -> None:
    assert resegment(IMAGE, REGION, intensity_range=(0, None)).sum() == 3
    assert resegment(IMAGE, REGION, intensity_range=(None, 0)).sum() == 3


def test_the_region_stays_as_it_is() -> None:
    before = REGION.copy()
    resegment(IMAGE, REGION, intensity_range=(-100, 50), outlier_sigma=1)
    assert (before == REGION).all()


def test_without_rules_the_intensity_mask_is_the_region() -> None:
    assert (resegment(IMAGE, REGION) == REGION).all()


def test_outliers_lie_beyond_standard_deviations_of_the_region_divided_by_its_size() -> None:
    values = IMAGE[REGION]
    sigma = abs(values[0] - values.mean()) / values.std()
    assert resegment(IMAGE, REGION, outlier_sigma=sigma * 1.0001).sum() == 5
    assert resegment(IMAGE, REGION, outlier_sigma=sigma * 0.9999).sum() == 4


def test_both_rules_look_at_the_whole_region_and_meet() -> None:
    """The manual intersects the ranges, so that outliers are those of the region before the range cuts it."""
    rng = np.random.default_rng(2)
    image = rng.normal(0, 100, (4, 5, 6))
    region = rng.random(image.shape) < 0.7
    values = image[region]
    outliers = np.abs(image - values.mean()) > 1.5 * values.std()
    expected = region & (image >= -120) & (image <= 60) & ~outliers
    assert (resegment(image, region, intensity_range=(-120, 60), outlier_sigma=1.5) == expected).all()


def test_a_constant_region_has_no_outliers() -> None:
    image = np.full((2, 2, 2), 0.1, np.float32)
    assert resegment(image, np.ones(image.shape, bool), outlier_sigma=3).all()


def test_an_empty_result_is_refused_with_what_the_region_holds() -> None:
    with pytest.raises(DataError, match=r"no voxel .* 1000\.\.2000: its intensities run from -600 to 100"):
        resegment(IMAGE, REGION, intensity_range=(1000, 2000))


@pytest.mark.parametrize("limits", [(50, -50), (float("nan"), 1), (0, float("inf"))])
def test_a_range_that_holds_nothing_is_refused(limits: tuple[float, float]) -> None:
    with pytest.raises(ProtocolError, match="holds no intensity"):
        resegment(IMAGE, REGION, intensity_range=limits)


@pytest.mark.parametrize("sigma", [0, -3, float("nan")])
def test_outliers_need_a_positive_number_of_standard_deviations(sigma: float) -> None:
    with pytest.raises(ProtocolError, match="outlier_sigma"):
        resegment(IMAGE, REGION, outlier_sigma=sigma)


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(DataError, match="the region is empty"):
        resegment(IMAGE, np.zeros_like(REGION))


def test_a_value_that_is_no_number_is_refused_with_its_voxel() -> None:
    image = IMAGE.copy()
    image[0, 0, 3] = np.nan
    with pytest.raises(DataError, match=r"nan at voxel \(0, 0, 3\)"):
        region_values(image, REGION)


def test_a_region_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match=r"shapes \(1, 1, 6\) and \(1, 6, 1\)"):
        region_values(IMAGE, REGION.reshape(1, 6, 1))
