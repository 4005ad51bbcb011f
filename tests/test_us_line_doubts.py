from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.quality import quality
from us_phantoms import reference

FRAMES = reference()
BOX = Box((30, 70), (0, 95))
ARC = np.radians(FRAMES.line_angle_deg)


def doubts(frames: RfFrames) -> dict[str, str]:
    return {one.name: one.message for one in quality(frames, box=BOX).problems}


def test_lines_that_lie_as_probes_have_them_are_not_doubted() -> None:
    assert not {"no picture", "lines on one another"} & set(doubts(FRAMES))


def test_lines_from_the_last_to_the_first_form_no_picture() -> None:
    turned = replace(
        FRAMES, line_angle_deg=FRAMES.line_angle_deg[::-1], line_origin_mm=FRAMES.line_origin_mm[::-1]
    )
    assert "lines stand in their order" in doubts(turned)["no picture"]


def test_angles_in_radians_put_all_lines_in_one_place() -> None:
    radius, angle = FRAMES.radius_mm, np.radians(ARC)
    origin = np.stack([radius * np.sin(angle), radius * (np.cos(angle) - 1)], axis=1)
    told = doubts(replace(FRAMES, line_angle_deg=ARC, line_origin_mm=origin))["lines on one another"]
    assert "angles in radians" in told
    assert "line_angle_deg (degrees)" in told


def test_places_in_metres_put_all_lines_in_one_place() -> None:
    across = np.linspace(-0.019, 0.019, FRAMES.rf.shape[1])
    flat = replace(
        FRAMES,
        geometry="linear",
        radius_mm=0.0,
        line_angle_deg=np.zeros_like(across),
        line_origin_mm=np.stack([across, np.zeros_like(across)], axis=1),
    )
    assert "lines on one another" in doubts(flat)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"fs_mhz": 20_000.0}, "fs_mhz is 20000; it is in MHz"),
        ({"fs_mhz": 2e7, "fc_mhz": 3.5e6}, "in kHz or Hz"),
        ({"fc_mhz": 3500.0}, "fc_mhz is 3500; it is in MHz"),
        ({"bandwidth": 60.0}, "0.6 for 60 %"),
        ({"radius_mm": 0.05}, "radius_mm is 0.05; that of a convex probe is in mm"),
    ],
)
def test_a_setting_in_another_unit_is_named(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        replace(FRAMES, **changed)


def test_a_region_outside_of_lines_taken_for_samples_says_so() -> None:
    turned = np.swapaxes(FRAMES.rf, 1, 2)
    lines, samples = turned.shape[1:]
    frames = replace(
        FRAMES,
        rf=turned,
        line_angle_deg=np.linspace(-30, 30, lines),
        line_origin_mm=np.zeros((lines, 2)),
        tgc_db=np.zeros(samples),
        regions={},
    )
    with pytest.raises(DataError, match=f"order of the axes: {lines} lines of {samples} samples"):
        quality(frames, box=BOX)
