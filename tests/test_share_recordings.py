"""A recording made safe: what stays, what goes, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.study.share_recordings import without_identity, without_serial
from test_share_scan import frames

FULL = replace(
    frames(),
    frame_times_ms=np.array([1.7e12]),
    device="Clarius C3 HD3 SN: 1234",
    preset="Abdomen",
    subject="Jane",
    site="Dresden",
    view="Jane's right lobe",
    remark="she was tired",
    more={
        "focus_mm": 60.0,
        "f_number": 2.0,
        "serial_number": 77.0,
        "patient_age": 40.0,
        "tgc_date": 20150601.0,
    },
)


def test_echoes_and_settings_stay_as_they_are() -> None:
    safe = without_identity(FULL, subject="P-1", site="S-1")
    assert np.array_equal(safe.rf, FULL.rf)
    assert (safe.fs_mhz, safe.fc_mhz, safe.scale) == (FULL.fs_mhz, FULL.fc_mhz, FULL.scale)
    assert (safe.preset, safe.more) == ("Abdomen", {"focus_mm": 60.0, "f_number": 2.0})


def test_names_texts_serial_number_and_time_of_day_go() -> None:
    safe = without_identity(FULL, subject="P-1", site="S-1")
    assert (safe.subject, safe.site, safe.device) == ("P-1", "S-1", "Clarius C3 HD3")
    assert (safe.view, safe.remark) == ("", "")
    assert safe.frame_times_ms is not None
    assert safe.frame_times_ms.tolist() == [0.0]


def test_texts_stay_where_they_are_allowed() -> None:
    safe = without_identity(FULL, subject="P-1", site="S-1", texts=True)
    assert (safe.view, safe.remark) == (FULL.view, FULL.remark)


def test_that_a_recording_is_simulated_always_stays() -> None:
    made = replace(FULL, remark="SIMULATED for Jane")
    assert without_identity(made, subject="P-1", site="").remark == "SIMULATED, no patient stands behind it"


def test_the_name_of_the_site_among_what_stays_is_refused() -> None:
    with pytest.raises(DataError, match="'Dresden', stands in the recording's device"):
        without_identity(replace(FULL, preset="Liver Dresden"), subject="P-1", site="S-1")


@pytest.mark.parametrize("name", ["../liver", "liver/left", "a\\b"])
def test_a_region_whose_name_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="a shared region is named by letters"):
        without_identity(replace(FULL, regions={name: FULL.whole()}), subject="P-1", site="S-1")


@pytest.mark.parametrize(
    ("device", "kept"),
    [
        ("Verasonics Vantage 256", "Verasonics Vantage 256"),
        ("C3HD3 serial number 0815-A", "C3HD3"),
        ("SuperSonic [S/N 4711] Mach 30", "SuperSonic Mach 30"),
        ("L11-5v 20230117-88", "L11-5v"),
        ("SIMULATED US A", "SIMULATED US A"),
    ],
)
def test_a_device_keeps_its_model_and_loses_its_serial_number(device: str, kept: str) -> None:
    assert without_serial(device) == kept
