"""What is told of image and mask."""

import numpy as np
import pytest

from hepar.features.pyradiomics.diagnostics import image_diagnostics, mask_diagnostics
from hepar.imaging.geometry import Volume

AFFINE = np.array([[0, 0, 0.5, -10.0], [0, 1.0, 0, 5.0], [2.0, 0, 0, 40.0], [0, 0, 0, 1]])
IMAGE = Volume(np.arange(60).reshape(3, 4, 5), AFFINE)


def test_numbers_of_several_axes_stand_in_the_order_x_y_z() -> None:
    found = image_diagnostics(IMAGE, "original")
    assert found["diagnostics_Image-original_Spacing"] == "(0.5, 1.0, 2.0)"
    assert found["diagnostics_Image-original_Size"] == "(5, 4, 3)"
    assert found["diagnostics_Image-original_Mean"] == 29.5


def test_a_region_is_told_by_its_box_its_pieces_and_its_centre() -> None:
    region = np.zeros((3, 4, 5), bool)
    region[1, 1, 1] = region[2, 2, 2] = region[0, 3, 4] = True
    found = mask_diagnostics(IMAGE, region, "interpolated")
    head = "diagnostics_Mask-interpolated"
    assert found[f"{head}_BoundingBox"] == "(1, 1, 0, 4, 3, 3)"
    assert (found[f"{head}_VoxelNum"], found[f"{head}_VolumeNum"]) == (3, 2)
    assert found[f"{head}_Maximum"] == 52
    assert found[f"{head}_CenterOfMass"] == str((-10 + 0.5 * 7 / 3, 7.0, 42.0))
    assert f"{head}_Mean" not in mask_diagnostics(IMAGE, region, "interpolated", values=False)
    assert found[f"{head}_Mean"] == pytest.approx((26 + 52 + 19) / 3)
