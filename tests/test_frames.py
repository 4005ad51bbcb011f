"""Frames of raw ultrasound: what they refuse, where their samples lie, and what a region stands for."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.frames import Box, RfFrames

LINES, SAMPLES = 8, 200


def frames() -> RfFrames:
    return RfFrames(
        rf=np.ones((1, LINES, SAMPLES), dtype=np.float32),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="linear",
        line_angle_deg=np.zeros(LINES),
        line_origin_mm=np.zeros((LINES, 2)),
        start_mm=2.0,
        tgc_db=np.linspace(0, 20, SAMPLES),
        gain_db=6.0,
        scale=0.5,
    )


def test_samples_lie_half_a_pulse_journey_apart() -> None:
    found = frames()
    assert found.sample_mm == pytest.approx(0.0385)
    assert found.depth_mm[[0, -1]].tolist() == pytest.approx([2.0, 2.0 + 199 * 0.0385])


def test_gain_and_time_gain_are_undone_and_unknown_ones_are_not() -> None:
    found = frames().without_gain()
    assert found[0, 0, 0] == pytest.approx(0.5 * 10 ** (-6 / 20))
    assert found[0, 0, -1] == pytest.approx(0.5 * 10 ** (-26 / 20))
    np.testing.assert_allclose(replace(frames(), tgc_db=None, gain_db=None).without_gain(), 0.5)


def test_a_region_stands_for_its_lines_and_samples() -> None:
    lines, samples = frames().within(Box((3.0, 5.0), (2, 4)))
    assert (lines.start, lines.stop) == (2, 5)
    depth = frames().depth_mm[samples]
    assert depth[0] == pytest.approx(3.0, abs=0.02)
    assert depth[-1] == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize("box", [Box((3.0, 50.0), (0, 7)), Box((3.0, 5.0), (0, 8)), Box((0.5, 5.0), (0, 7))])
def test_a_region_out_of_the_frame_is_refused(box: Box) -> None:
    with pytest.raises(DataError, match=r"reaches out of the frame: lines 0 to 7, 2 to 9\.7 mm"):
        frames().within(box)
    with pytest.raises(DataError, match="region 'liver'"):
        replace(frames(), regions={"liver": box})


def test_an_unknown_region_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(DataError, match="no region 'spleen'"):
        frames().region("spleen")


@pytest.mark.parametrize("depth_mm", [(5.0, 5.0), (-1.0, 5.0), (float("nan"), 5.0)])
def test_a_box_that_is_none_is_refused(depth_mm: tuple[float, float]) -> None:
    with pytest.raises(DataError, match="two rising depths"):
        Box(depth_mm, (0, 3))


def test_a_sampling_rate_too_low_for_the_frequency_is_refused() -> None:
    with pytest.raises(DataError, match="is no radio frequency"):
        replace(frames(), fs_mhz=6.0)
