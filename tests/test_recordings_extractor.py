"""Arrays for networks from the recordings of a case; all recordings are SIMULATED."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.data.case import Acquisition, Case
from hepar.data.packed import unpack
from hepar.features.base import Extractor
from hepar.imaging.ultrasound.bmode import compressed
from hepar.imaging.ultrasound.frames import Box, RfFrames
from hepar.imaging.ultrasound.inputs import Grid, log_envelope, spectrogram
from hepar.io.simulated_rf import frames_of
from hepar.phantom.ultrasound import PROBES, Medium, homogeneous

PROBE = replace(PROBES["convex"], lines=40, span=25, samples=900)
SEEN = {"height_mm": 16.0, "width_mm": 20.0}
GRID = Grid(height_mm=16.0, width_mm=20.0)
LIVER = Box((12.0, 28.0), (4, 35))


def view(seed: int, *, frames: int = 3, regions: bool = True) -> RfFrames:
    medium = Medium(0.6, 0.0, 80.0, 8.0)
    made = homogeneous(PROBE, medium, rng=np.random.default_rng(seed), frames=frames)
    return replace(frames_of(made, scanner="A", site="S"), regions={"liver": LIVER} if regions else {})


def case(**recordings: Any) -> Case:
    def reader(found: Any) -> Callable[[tuple[Path, ...]], Any]:
        return lambda _: found

    acquisitions = {name: Acquisition(name, (), reader(found)) for name, found in recordings.items()}
    return Case("C1", "P1", "S1", {}, acquisitions)


@pytest.fixture(scope="module")
def views() -> tuple[RfFrames, ...]:
    return (view(0), view(1), view(2, regions=False), view(3))


def arrays(extractor: dict[str, Any], one: Case) -> dict[str, np.ndarray]:
    found = Extractor.parse({**extractor, "seen": {**SEEN, **extractor.get("seen", {})}}).extract(one)
    return {name: unpack(str(value)) for name, value in found.items()}


def test_frames_of_all_views_that_have_the_region_stand_one_after_the_other(
    views: tuple[RfFrames, ...],
) -> None:
    found = arrays({"kind": "rf_input", "seen": {"frames": 2}}, case(rf=views))
    assert set(found) == {"rf_spectrogram", "rf_envelope"}
    assert found["rf_spectrogram"].shape == (3 * 2, 24, 4, 8)
    assert found["rf_envelope"].shape == (3 * 2, 1, 16, 64)
    last = replace(views[3], rf=views[3].rf[[2]], frame_times_ms=None)
    np.testing.assert_array_equal(found["rf_envelope"][5:], log_envelope(last, LIVER, grid=GRID))
    np.testing.assert_array_equal(found["rf_spectrogram"][5:], spectrogram(last, LIVER, grid=GRID))


def test_both_kinds_see_the_same_frames(views: tuple[RfFrames, ...]) -> None:
    one = case(rf=views)
    raw = arrays({"kind": "rf_input", "what": "raw", "seen": {"frames": 1, "views": 2}}, one)["rf_lines"]
    picture = arrays({"kind": "bmode_input", "seen": {"frames": 1, "views": 2}}, one)["bmode_picture"]
    assert raw.shape == (2, 1, 8, 512)
    assert picture.shape == (2, 1, 16, 64)
    shown = [compressed(views[k], dynamic_range_db=80.0)[1] for k in (0, 1)]
    for found, display in zip(picture, shown, strict=True):
        assert np.isin(found[np.isfinite(found)], display).all()


def test_the_whole_frame_and_a_margin_can_be_asked_for(views: tuple[RfFrames, ...]) -> None:
    small = replace(views[0], regions={"liver": Box((18.0, 22.0), (18, 22))})
    narrow, wide = (
        arrays({"kind": "bmode_input", "seen": {"margin_mm": margin}}, case(rf=(small,)))["bmode_picture"]
        for margin in (0.0, 5.0)
    )
    assert np.isnan(narrow).mean() > np.isnan(wide).mean()
    whole = arrays({"kind": "bmode_input", "seen": {"region": "whole"}}, case(rf=views))["bmode_picture"]
    assert len(whole) == 4 * 2


def test_a_phantom_takes_the_probe_away(views: tuple[RfFrames, ...]) -> None:
    phantom = view(20, frames=6)
    other = replace(phantom, preset="other")
    plain = arrays({"kind": "rf_input"}, case(rf=views))["rf_spectrogram"].astype(float)
    divided = arrays({"kind": "rf_input", "phantom": "ref"}, case(rf=views, ref=(other, phantom)))[
        "rf_spectrogram"
    ]
    # the phantom here is of the same tissue: what is left of the spectrum's shape is chance
    assert divided.astype(float).mean(axis=(0, 2, 3)).std() < 0.2 * plain.mean(axis=(0, 2, 3)).std()
    with pytest.raises(DataError, match="was not recorded as the recording was: preset"):
        arrays({"kind": "rf_input", "phantom": "ref"}, case(rf=views, ref=(other,)))


def test_inputs_change_with_the_recordings_and_with_the_phantom(
    views: tuple[RfFrames, ...], tmp_path: Path
) -> None:
    def at(name: str) -> Case:
        file = tmp_path / name
        file.write_text(name)
        here = Acquisition("rf", (file,), lambda _: views)
        return Case("C1", "P1", "S1", {}, {"rf": here, "ref": here})

    plain, divided = Extractor.parse("rf_input"), Extractor.parse({"kind": "rf_input", "phantom": "ref"})
    assert plain.inputs(at("a")) == plain.inputs(at("a"))
    assert plain.inputs(at("a")) != plain.inputs(at("b"))
    assert divided.inputs(at("a")) != plain.inputs(at("a"))
    assert divided.acquisitions == ("rf", "ref")
    assert Extractor.parse("bmode_input").acquisitions == ("rf",)


def test_what_cannot_be_read_is_refused(views: tuple[RfFrames, ...]) -> None:
    with pytest.raises(DataError, match="none of the 1 recordings has the region 'liver'"):
        arrays({"kind": "rf_input"}, case(rf=(views[2],)))
    with pytest.raises(DataError, match="'rf' is no recording of raw ultrasound"):
        arrays({"kind": "bmode_input"}, case(rf="an image"))
    with pytest.raises(ProtocolError, match="height_mm is 20"):
        Extractor.parse({"kind": "rf_input", "seen": {"height_mm": 20.0}})
    with pytest.raises(ProtocolError, match="phantom goes with what: two_stream"):
        Extractor.parse({"kind": "rf_input", "what": "raw", "phantom": "ref"})
    with pytest.raises(ProtocolError, match="dynamic_range_db"):
        Extractor.parse({"kind": "bmode_input", "dynamic_range_db": 5})


@pytest.mark.parametrize("region", ["liver", "whole"])
@pytest.mark.parametrize(
    "extractor", [{"kind": "rf_input"}, {"kind": "rf_input", "what": "raw"}, {"kind": "bmode_input"}]
)
def test_a_recording_that_cannot_be_measured_is_shown_to_no_network(
    extractor: dict[str, Any], region: str, views: tuple[RfFrames, ...]
) -> None:
    level = np.float32(np.quantile(np.abs(views[1].rf), 0.9))
    clipped = replace(views[1], rf=np.clip(views[1].rf, -level, level))
    with pytest.raises(DataError, match=r"cannot be measured: .*clipped"):
        arrays({**extractor, "seen": {"region": region}}, case(rf=(views[0], clipped)))
