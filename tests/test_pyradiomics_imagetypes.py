"""Derived images."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.features.pyradiomics.imagetypes import derived_images, log_name
from hepar.features.pyradiomics.parameters import ImageType
from hepar.features.pyradiomics.settings import Settings
from hepar.imaging.geometry import Volume

VALUES = np.array([[[-8, -2, 0, 2, 8]]], np.int16)
BOX = (slice(0, 1), slice(0, 1), slice(1, 4))


def derived(image_type: ImageType, values: np.ndarray = VALUES, **given: object) -> np.ndarray:
    settings = Settings.model_validate(given)
    affine = np.diag([1.0, 1.0, 0.5, 1.0])
    ((_, found),) = derived_images(Volume(values, affine), BOX, image_type=image_type, settings=settings)
    return np.asarray(found).ravel()


def test_functions_of_the_value_keep_the_largest_value_of_the_whole_image() -> None:
    assert derived("Square") == pytest.approx([0.5, 0, 0.5])
    assert derived("SquareRoot") == pytest.approx([-4, 0, 4])
    assert derived("Logarithm") == pytest.approx([-8 / 2, 0, 8 / 2])
    assert derived("Exponential") == pytest.approx([8**-0.25, 1, 8**0.25])


def test_the_gradient_is_a_central_difference_per_mm() -> None:
    assert derived("Gradient") == pytest.approx([8, 4, 8])
    assert derived("Gradient", gradientUseSpacing=False) == pytest.approx([4, 2, 4])


def test_beyond_the_border_the_gradient_sees_the_border() -> None:
    (found,) = derived_images(
        Volume(VALUES, np.eye(4)),
        (slice(0, 1), slice(0, 1), slice(0, 1)),
        image_type="Gradient",
        settings=Settings(),
    )
    assert float(found[1][0, 0, 0]) == pytest.approx(3)


def test_the_original_is_cut_to_the_box() -> None:
    assert derived("Original").tolist() == [-2, 0, 2]


def test_an_image_of_zeros_has_no_derived_images() -> None:
    with pytest.raises(DataError, match="0 everywhere"):
        derived("Square", np.zeros((1, 1, 5)))


def test_the_name_of_a_log_writes_sigma_as_the_file_does() -> None:
    assert (log_name(3), log_name(2.5)) == ("log-sigma-3-mm-3D", "log-sigma-2-5-mm-3D")
