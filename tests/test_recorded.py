"""How raw ultrasound was recorded, as a report tells it."""

from dataclasses import replace

import numpy as np

from hepar.imaging.ultrasound.frames import RfFrames
from hepar.study.imaging import summarised
from hepar.study.recorded import recording_parameters


def recording() -> RfFrames:
    return RfFrames(
        rf=np.ones((2, 8, 100), dtype=np.float32),
        fs_mhz=20.0,
        fc_mhz=3.5,
        c_mm_us=1.54,
        geometry="convex",
        line_angle_deg=np.zeros(8),
        line_origin_mm=np.zeros((8, 2)),
        start_mm=0.0,
        tgc_db=None,
        device="SIMULATED US A",
        preset="convex",
    )


def test_numbers_that_differ_between_views_are_a_range() -> None:
    told = recording_parameters([recording(), replace(recording(), fc_mhz=2.5)])
    assert told["centre_frequency_mhz"] == "2.5 to 3.5"
    assert told["time_gain"] == "not told"
    assert (told["views"], told["frames"], told["device"]) == ("2", "2", "SIMULATED US A")


def test_mixed_presets_of_a_cohort_are_told_with_their_cases() -> None:
    cases = [[recording()], [recording()], [replace(recording(), preset="linear")]]
    assert summarised(map(recording_parameters, cases))["preset"] == "convex (2), linear (1)"
