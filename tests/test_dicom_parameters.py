"""Acquisition parameters: what a report of a study needs, and nothing of the patient."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.datadict import tag_for_keyword

from dicom_samples import BIRTH, NAME, PATIENT, enhanced_mr, setting, values, write_ct
from hepar.core.errors import DataError
from hepar.io.dicom_parameters import PARAMETERS, acquisition_parameters

GOLDEN = Path(__file__).parent / "golden" / "images"


def test_those_of_a_real_venous_ct_are_told() -> None:
    told = acquisition_parameters(GOLDEN / "venous_liver")
    assert told["tube_voltage_kv"] == "120"
    assert told["kernel"] == "Br38f, 3"
    assert told["slice_thickness_mm"] == "3"
    assert told["contrast_agent"] == "APPLIED"
    assert told["manufacturer"] == "SIEMENS"
    assert "echo_time_ms" not in told


def test_those_of_a_real_mr_are_told() -> None:
    found = get_testdata_file("examples_overlay.dcm")
    assert isinstance(found, str)
    told = acquisition_parameters(found)
    assert (told["repetition_time_ms"], told["echo_time_ms"], told["flip_angle_deg"]) == (
        "5.53",
        "2.81",
        "10",
    )
    assert told["field_strength_t"].startswith("1.49")
    assert told["contrast_agent"] == "11 ml Omniscan"


def test_what_varies_between_slices_is_told_as_a_range(tmp_path: Path) -> None:
    write_ct(
        tmp_path,
        changes={k: setting(XRayTubeCurrent=200 + 9 * k, ConvolutionKernel="AB"[k % 2]) for k in range(5)},
    )
    told = acquisition_parameters(tmp_path)
    assert told["tube_current_ma"] == "200 to 236"
    assert told["kernel"] == "A; B"


def test_nothing_of_the_patient_is_told(tmp_path: Path) -> None:
    write_ct(tmp_path)
    told = " ".join(acquisition_parameters(tmp_path).values())
    for private in (NAME, PATIENT, BIRTH, "20010203", "112233"):
        assert private not in told
    keywords = {keyword for of in PARAMETERS.values() for keyword in of}
    assert not any(keyword.startswith("Patient") for keyword in keywords - {"PatientPosition"})
    assert not any(
        "Date" in keyword or "UID" in keyword or keyword.endswith("Name") for keyword in keywords
    ) or {keyword for keyword in keywords if keyword.endswith("Name")} == {
        "ManufacturerModelName",
        "PulseSequenceName",
        "SequenceName",
        "ReceiveCoilName",
    }


def test_every_keyword_is_one_of_dicom() -> None:
    assert all(tag_for_keyword(keyword) for keywords in PARAMETERS.values() for keyword in keywords)


def test_the_groups_of_a_multi_frame_instance_are_looked_into(tmp_path: Path) -> None:
    enhanced_mr(values(4)).save_as(tmp_path / "e.dcm", enforce_file_format=True)
    assert acquisition_parameters(tmp_path)["slice_spacing_mm"] == "4"


def test_a_folder_of_several_series_needs_a_choice(tmp_path: Path) -> None:
    write_ct(tmp_path / "a")
    write_ct(tmp_path / "b", every=setting(SeriesInstanceUID="1.2.3", SeriesDescription="arterial", KVP=80))
    with pytest.raises(DataError, match="holds 2 series"):
        acquisition_parameters(tmp_path)
    assert acquisition_parameters(tmp_path, series="arterial")["tube_voltage_kv"] == "80"
