"""The extractor of spectral parameters: known tissue, several views, a region beside another, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from hepar.core.errors import DataError
from hepar.data.case import Acquisition, Case
from hepar.features.recordings import RfInput, Seen
from hepar.features.spectral import Spectral
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, Medium, homogeneous, reference_phantom

PROBE = replace(PROBES["convex"], lines=48)
LIVER = Box((30.0, 70.0), (0, 47))
WANTED = ("attenuation_db_cm_mhz", "nakagami_m")


def recording(seed: int, *, attenuation: float = 0.8) -> RfFrames:
    medium = Medium(attenuation, 0.0, 80.0, 20.0)
    made = homogeneous(PROBE, medium, rng=np.random.default_rng(seed), frames=1)
    return replace(frames_of(made, scanner="A", site="A"), regions={"liver": LIVER})


@pytest.fixture(scope="module")
def phantom() -> RfFrames:
    return frames_of(reference_phantom(PROBE, frames=4), scanner="A", site="")


def case(views: tuple[RfFrames, ...], phantom: RfFrames | None = None) -> Case:
    found = {"rf": Acquisition("rf", (Path(__file__),), lambda _files: views)}
    if phantom is not None:
        found["phantom"] = Acquisition("phantom", (Path(__file__),), lambda _files: (phantom,))
    return Case("P1", "P1", "A", {}, found)


def test_known_attenuation_is_found_and_views_are_averaged_by_their_precision(phantom: RfFrames) -> None:
    one, other = recording(1), recording(2)

    def attenuation(*views: RfFrames) -> float:
        found = Spectral(phantom="phantom", parameters=WANTED).extract(case(views, phantom))
        value = found["attenuation_db_cm_mhz"]
        assert isinstance(value, float)
        return value

    first, second, both = attenuation(one), attenuation(other), attenuation(one, other)
    assert min(first, second) <= both <= max(first, second)
    assert both == pytest.approx(0.8, abs=0.05)  # three standard errors of 48 lines and 40 mm


def test_what_cannot_be_told_is_missing_and_what_can_is_there() -> None:
    found = Spectral(parameters=WANTED).extract(case((recording(1),)))
    assert found["attenuation_db_cm_mhz"] is None
    assert found["nakagami_m"] == pytest.approx(1.0, abs=0.25)  # twenty scatterers per mm2: nearly Rayleigh


def test_a_region_is_held_against_another(phantom: RfFrames) -> None:
    whole = replace(recording(1), regions={"liver": LIVER, "target": LIVER})
    found = Spectral(phantom="phantom", region="target", against="liver", parameters=WANTED).extract(
        case((whole,), phantom)
    )
    assert found == {"attenuation_db_cm_mhz_over_liver": 0.0, "nakagami_m_over_liver": 0.0}


def test_a_recording_that_cannot_be_measured_is_refused(phantom: RfFrames) -> None:
    clipped = replace(recording(1), rf=np.clip(recording(1).rf, -40, 40))
    with pytest.raises(DataError, match="cannot be measured"):
        Spectral(phantom="phantom").extract(case((clipped,), phantom))
    other = frames_of(reference_phantom(PROBES["linear"]), scanner="A", site="")
    with pytest.raises(DataError, match=r"preset|recorded"):
        Spectral(phantom="phantom").extract(case((recording(1),), other))
    with pytest.raises(DataError, match="none of the 1 recordings has the region 'spleen'"):
        Spectral(region="spleen").extract(case((recording(1),)))


def test_a_damaged_phantom_is_refused_by_parameters_and_by_inputs_of_networks(phantom: RfFrames) -> None:
    clipped = replace(phantom, rf=np.clip(phantom.rf, -400, 400))
    extractors = (
        Spectral(phantom="phantom", parameters=WANTED),
        RfInput(phantom="phantom", seen=Seen(region="liver")),
    )
    for extractor in extractors:
        extractor.extract(case((recording(1),), phantom))
        with pytest.raises(DataError, match="phantom cannot be measured by"):
            extractor.extract(case((recording(1),), clipped))


@pytest.mark.parametrize("parameters", [("attenuation",), (), ("nakagami_m", "nakagami_m")])
def test_parameters_that_are_none_are_refused(parameters: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match=r"no spectral parameter 'attenuation'|name at least one"):
        Spectral(parameters=parameters)
