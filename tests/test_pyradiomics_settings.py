"""Settings of a PyRadiomics parameter file."""

from hepar.features.pyradiomics.settings import Settings


def test_the_axis_across_a_plane_is_that_of_the_array() -> None:
    assert Settings().plane_axis is None
    assert Settings.model_validate({"force2D": True, "force2Ddimension": 2}).plane_axis == 2


def test_the_defaults_are_those_of_pyradiomics() -> None:
    found = Settings()
    assert (found.bin_width, found.pad_distance, found.minimum_roi_dimensions, found.label) == (25, 5, 2, 1)
    assert (found.interpolator, found.distances, found.symmetrical_glcm) == ("sitkBSpline", (1,), True)
