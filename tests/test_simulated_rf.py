"""Boxes of SIMULATED recordings: in the liver, out of the shadow, and telling nothing by their place."""

import numpy as np
import pytest

from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.simulated_rf import frames_of
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import Region, RfRecording, rf_frames

PATIENTS = 14


@pytest.fixture(scope="module")
def recorded() -> list[tuple[RfRecording, RfFrames]]:
    patients = (draw_patient(Scenario.of("B"), seed=3, number=number) for number in range(1, PATIENTS + 1))
    made = [rf_frames(patient) for patient in patients]
    return [(one, frames_of(one, scanner="A", site="A")) for one in made]


def inside(recording: RfRecording, frames: RfFrames, name: str) -> np.ndarray:
    lines, samples = frames.within(frames.region(name))
    return recording.regions[lines, samples.start // 4 : samples.stop // 4]


def test_the_liver_box_holds_nearly_nothing_but_liver(recorded: list[tuple[RfRecording, RfFrames]]) -> None:
    boxes = [inside(*one, "liver") for one in recorded if "liver" in one[1].regions]
    assert len(boxes) > PATIENTS / 2
    assert min((box == Region.LIVER).mean() for box in boxes) > 0.9
    assert not any((box >= Region.LESION).any() for box in boxes)


def test_the_target_is_the_lesion_or_a_piece_of_liver_placed_as_one(
    recorded: list[tuple[RfRecording, RfFrames]],
) -> None:
    pieces = 0
    for recording, frames in recorded:
        if "lesion" in frames.regions:
            assert frames.region("target") == frames.region("lesion")
        elif "target" in frames.regions:
            pieces += 1
            box = frames.region("target")
            middle = sum(box.lines) / 2 / recording.probe.lines
            assert abs(middle - 0.5) < 0.2  # where the operator holds what is aimed at
            centre = inside(recording, frames, "target")[box.lines[1] - box.lines[0] >> 1]
            assert not np.isin(centre, (Region.SKIN, Region.FAT, Region.MUSCLE, Region.BEYOND)).any()
    assert pieces >= 3


def test_the_same_recording_has_the_same_boxes(recorded: list[tuple[RfRecording, RfFrames]]) -> None:
    recording, frames = recorded[0]
    assert frames_of(recording, scanner="A", site="A").regions == frames.regions
