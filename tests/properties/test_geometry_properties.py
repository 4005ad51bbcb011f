"""Properties of volumes: any placement turns and travels through files without moving a voxel."""

import tempfile
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hepar.imaging.contours import filled, outlines
from hepar.imaging.geometry import Volume, affine_of
from hepar.io.images import read_image, write_nifti

CODES = ["".join(code) for pairs in permutations(("RL", "AP", "IS")) for code in product(*pairs)]


@st.composite
def volumes(draw: st.DrawFn) -> Volume:
    """An image of any shape, spacing, origin and obliquity."""
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    spacing = draw(st.tuples(*[st.floats(0.3, 8)] * 3))
    origin = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    quaternion = np.array([2.2, 0, 0, 0]) + draw(st.tuples(*[st.floats(-1, 1)] * 4))
    steps = (_rotation(quaternion / np.linalg.norm(quaternion)) * spacing[::-1]).T[::-1]
    kind = draw(st.sampled_from([np.int16, np.uint8, np.float32, np.int32]))
    array = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 200, shape).astype(kind)
    return Volume(array, affine_of(steps, origin))


def _rotation(q: np.ndarray) -> np.ndarray:
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


HALFWAY = np.array(
    [
        [0.64327485, -0.64327485, 0.41520468],
        [0.29239766, 0.70760234, 0.64327485],
        [0.70760234, 0.29239766, -0.64327485],
    ]
)
"""Steps along x, y, z of an oblique image that is as near to one order of the patient's axes as to another."""


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("angle", [45, 135, 225])
def test_an_image_halfway_between_two_axes_is_what_it_was_turned_to(code: str, angle: int) -> None:
    turn = np.deg2rad(angle)
    flat = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    for steps in (HALFWAY.T, flat.T):
        image = Volume(np.arange(24).reshape(2, 3, 4), affine_of(steps[::-1], (1.0, 2.0, 3.0)))
        turned = image.oriented(code)
        assert turned.orientation == code
        assert np.array_equal(turned.aligned_to(image).array, image.array)


@given(volumes(), st.sampled_from(CODES))
def test_turning_never_moves_a_voxel_and_can_be_undone(image: Volume, code: str) -> None:
    turned = image.oriented(code)
    assert turned.orientation == code
    points = np.argwhere(np.ones(turned.array.shape, bool))
    there = np.round(image.index(turned.world_mm(points))).astype(int)
    assert np.array_equal(image.array[tuple(there.T)], turned.array.ravel())
    back = turned.aligned_to(image)
    assert np.array_equal(back.array, image.array)
    assert np.array_equal(back.affine, image.affine)


@settings(max_examples=100, deadline=None)
@given(volumes(), st.sampled_from(CODES), st.sampled_from(["a.nii", "a.nii.gz"]))
def test_a_volume_of_any_orientation_survives_nifti(image: Volume, code: str, name: str) -> None:
    turned = image.oriented(code)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_nifti(turned, path)
        read = read_image(path)
    assert read.array.dtype == turned.array.dtype
    assert np.array_equal(read.array, turned.array)
    assert np.abs(read.affine - turned.affine).max() < 1e-4
    assert read.orientation == code


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_the_outlines_of_a_region_enclose_exactly_its_pixels(region: np.ndarray) -> None:
    assert np.array_equal(filled(outlines(region), region.shape), region)
