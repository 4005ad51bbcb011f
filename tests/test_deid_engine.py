"""One data set in, a new one out: determinism, references between files, headers, and input made to do harm."""

import copy
import hashlib
import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicom_samples import BIRTH, NAME, PATIENT, ct_slice, values
from hepar.core.errors import DataError
from hepar.io.deidentification import Deidentified, Options, Rules, Subject, deidentify, engine
from hepar.io.dicom_header import lenient

KEY, OTHER = b"a SIMULATED key of 32 bytes ....1", b"a SIMULATED key of 32 bytes ....2"
SUBJECT = Subject("S-SIMULATED", -400)


def sample(k: int = 0) -> Any:
    return ct_slice(values()[k], k)


def run(dataset: Dataset, *, key: bytes = KEY, subject: Subject = SUBJECT, **options: Any) -> Deidentified:
    return deidentify(dataset, rules=Rules(key, Options(**options)), subject=subject)


def cleaned(dataset: Dataset, **options: Any) -> Any:
    return run(dataset, **options).dataset


def stored(dataset: Dataset) -> bytes:
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def given(name: str) -> Any:
    found = get_testdata_file(name)
    assert isinstance(found, str)
    return dcmread(found, force=True)


def all_uids(dataset: Dataset) -> set[str]:
    return {str(e.value) for e in dataset.iterall() if e.VR == "UI"} | {
        str(e.value) for e in dataset.file_meta if e.VR == "UI"
    }


# --- what is written


def test_the_input_stays_as_it_was() -> None:
    dataset = sample()
    dataset.ReferencedImageSequence = Sequence([copy.deepcopy(dataset)])
    before = stored(copy.deepcopy(dataset))
    made = cleaned(dataset)
    made.PixelSpacing[0] = 99
    assert stored(dataset) == before


def test_identity_gives_way_to_the_subject() -> None:
    made = cleaned(sample())
    assert (made.PatientName, made.PatientID, made.PatientBirthDate) == ("S-SIMULATED", "S-SIMULATED", "")
    told = stored(made).decode("latin-1")
    assert not any(secret in told for secret in (NAME, PATIENT, BIRTH, "20010203", "112233"))


def test_the_subject_is_written_where_no_name_was() -> None:
    dataset = sample()
    del dataset.PatientName, dataset.PatientID
    assert cleaned(dataset).PatientName == "S-SIMULATED"


def test_a_nested_identity_is_emptied_not_replaced() -> None:
    dataset, donor = sample(), Dataset()
    donor.PatientName, donor.PatientID = "Other^Person", "OTHER-1"
    dataset.DerivationImageSequence = Sequence([donor])
    (item,) = cleaned(dataset).DerivationImageSequence
    assert (item.PatientName, item.PatientID) == ("", "REMOVED")


@pytest.mark.parametrize(
    ("options", "codes", "temporal"),
    [
        ({}, ["113100"], "REMOVED"),
        ({"dates": "modified", "retain_device": True}, ["113100", "113107", "113109"], "MODIFIED"),
        (
            {"dates": "full", "retain_uids": True, "clean_pixels": True},
            ["113100", "113101", "113106", "113110"],
            "UNMODIFIED",
        ),
        (
            {"retain_patient": True, "retain_institution": True, "retain_safe_private": True},
            ["113100", "113108", "113111", "113112"],
            "REMOVED",
        ),
        (
            {"clean_descriptors": True, "clean_structured": True, "clean_graphics": True},
            ["113100", "113103", "113104", "113105"],
            "REMOVED",
        ),
    ],
)
def test_the_header_tells_how_it_was_done(options: dict[str, Any], codes: list[str], temporal: str) -> None:
    made = cleaned(sample(), **options)
    assert made.PatientIdentityRemoved == "YES"
    assert list(made.DeidentificationMethod)[:2] == ["hepar", "DICOM PS3.15 2026c"]
    assert [code.CodeValue for code in made.DeidentificationMethodCodeSequence] == codes
    assert made.LongitudinalTemporalInformationModified == temporal


def test_the_file_header_is_made_anew() -> None:
    dataset = sample()
    dataset.file_meta.SourceApplicationEntityTitle = "HOSPITAL_PACS"
    dataset.file_meta.PrivateInformationCreatorUID, dataset.file_meta.PrivateInformation = (
        "1.2.3.4",
        b"SECRET",
    )
    dataset.preamble = b"SECRET" + bytes(122)
    file = stored(cleaned(dataset))
    assert file[:128] == bytes(128)
    assert b"SECRET" not in file
    assert b"HOSPITAL_PACS" not in file
    meta = dcmread(io.BytesIO(file)).file_meta
    assert meta.MediaStorageSOPInstanceUID == cleaned(dataset).SOPInstanceUID != dataset.SOPInstanceUID
    assert meta.MediaStorageSOPClassUID == dataset.SOPClassUID


def test_actions_and_removed_attributes_are_told_without_values() -> None:
    dataset = sample()
    dataset.PatientComments = "smokes"
    made = run(dataset)
    assert made.actions["pseudonym"] == 2
    assert made.actions["map"] == 5  # the class among them, which stays
    assert {"PatientComments", "SeriesDescription"} <= set(made.removed)
    assert "smokes" not in repr(made.removed) + repr(made.actions)


def test_a_second_pass_is_told_and_makes_new_uids() -> None:
    first = run(sample())
    second = run(first.dataset)
    assert (first.again, second.again) == (False, True)
    assert second.dataset.SOPInstanceUID not in (sample().SOPInstanceUID, first.dataset.SOPInstanceUID)
    same = {e.tag for e in second.dataset if e.VR != "UI" and first.dataset[e.tag] == e}
    assert same == {e.tag for e in first.dataset if e.VR != "UI"}


# --- the same everywhere


def test_the_same_key_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]); import test_deid_engine as t;"
        " print(hashlib.sha256(t.stored(t.cleaned(t.sample(), dates='modified'))).hexdigest())"
    )
    here = hashlib.sha256(stored(cleaned(sample(), dates="modified"))).hexdigest()
    run_there = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, check=True
    )
    assert run_there.stdout.strip() == here


def test_other_keys_have_no_uid_in_common() -> None:
    mine, theirs = (all_uids(cleaned(sample(), key=key)) for key in (KEY, OTHER))
    of_dicom = {str(sample().SOPClassUID), str(sample().file_meta.TransferSyntaxUID)}
    assert {uid for uid in mine & theirs if not uid.startswith("2.25.2131749")} == of_dicom
    assert not (mine | theirs) & (all_uids(sample()) - of_dicom)


def test_references_between_files_still_meet() -> None:
    first, second = sample(0), sample(1)
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = (
        first.SOPClassUID,
        first.SOPInstanceUID,
    )
    second.SourceImageSequence = Sequence([reference])
    made = [cleaned(first), cleaned(second)]
    assert made[0].SOPInstanceUID != made[1].SOPInstanceUID
    assert made[1].SourceImageSequence[0].ReferencedSOPInstanceUID == made[0].SOPInstanceUID
    assert made[1].SourceImageSequence[0].ReferencedSOPClassUID == first.SOPClassUID
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        assert made[0][keyword].value == made[1][keyword].value != first[keyword].value


# --- what options keep


def test_dates_of_a_subject_move_together_and_times_stay() -> None:
    dataset = sample()
    dataset.SeriesDate, dataset.AcquisitionDateTime = "20010303", "20010203112233.5+0100"
    made = cleaned(dataset, dates="modified")
    assert (made.StudyDate, made.SeriesDate) == ("19991231", "20000128")
    assert (made.AcquisitionDateTime, made.AcquisitionTime) == ("19991231112233.5+0100", "112233")


def test_an_age_above_89_is_capped_and_others_stay_with_patient_characteristics() -> None:
    dataset = sample()
    for age, told in (("095Y", "090Y"), ("061Y", "061Y")):
        dataset.PatientAge = age
        assert cleaned(dataset, retain_patient=True).PatientAge == told
        assert "PatientAge" not in cleaned(dataset)


def test_names_in_other_scripts_leave_a_file_that_can_be_read() -> None:
    dataset = sample()
    dataset.SpecificCharacterSet = "GB18030"
    dataset.PatientName, dataset.InstitutionName = "Wang^XiaoDong=王^小东=", "北京医院"
    dataset = dcmread(io.BytesIO(stored(dataset)))
    read = dcmread(io.BytesIO(stored(cleaned(dataset, retain_institution=True))))
    assert (read.SpecificCharacterSet, read.InstitutionName) == ("ISO_IR 192", "北京医院")
    assert read.PatientName == "S-SIMULATED"
    assert "北京医院".encode() not in stored(cleaned(dataset))


def test_a_safe_private_number_stays_only_with_its_option() -> None:
    dataset = sample()
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "800")
    block.add_new(0x0A, "LO", "SECRET")
    made = cleaned(dataset, retain_safe_private=True)
    assert made[0x0019, 0x100C].value == 800
    assert [int(e.tag) for e in made if e.tag.is_private] == [0x00190010, 0x0019100C]
    assert not [e for e in cleaned(dataset) if e.tag.is_private]


# --- made to do harm


@pytest.mark.parametrize("text", ["Dr Smith", "SMITH^JOHN", "A VERY LONG CODE STRING", "MÜLLER"])
def test_a_code_string_outside_its_repertoire_is_gone(text: str) -> None:
    dataset = sample()
    with lenient():
        dataset.ScanOptions = ["HELICAL MODE", text]
        dataset.BodyPartExamined = text
        dataset.ImageType = ["ORIGINAL", "PRIMARY", text]
    made = cleaned(dataset)
    assert "ScanOptions" not in made
    assert "BodyPartExamined" not in made
    assert list(made.ImageType) == ["ORIGINAL", "PRIMARY", "OTHER"]


def test_text_in_the_clothes_of_a_code_is_gone() -> None:
    dataset, private, public = sample(), Dataset(), Dataset()
    private.CodeValue, private.CodingSchemeDesignator, private.CodeMeaning = "SMITH", "99LOCAL", "John Smith"
    public.CodeValue, public.CodingSchemeDesignator, public.CodeMeaning = "10200004", "SCT", "John Smith"
    dataset.AnatomicRegionSequence = Sequence([private, public])
    (item,) = cleaned(dataset).AnatomicRegionSequence
    assert item.CodeValue == "10200004"
    assert "Smith" not in item.CodeMeaning


def test_pixels_within_a_sequence_are_gone() -> None:
    dataset = sample()
    dataset.DerivationImageSequence = Sequence([sample(1)])
    (item,) = cleaned(dataset).DerivationImageSequence
    assert "PixelData" not in item
    assert item.Rows == dataset.Rows


def test_an_address_of_several_lines_stays_with_the_institution() -> None:
    dataset = sample()
    dataset.InstitutionAddress = "Street 1\r\nTown"
    assert cleaned(dataset, retain_institution=True).InstitutionAddress == "Street 1\r\nTown"
    dataset.InstitutionAddress = "Street 1\x1b[2J"
    assert "InstitutionAddress" not in cleaned(dataset, retain_institution=True)


def nested(levels: int) -> Any:
    inner = Dataset()
    inner.PatientName = NAME
    for _ in range(levels):
        outer = Dataset()
        outer.DerivationImageSequence = Sequence([inner])
        inner = outer
    dataset = sample()
    dataset.DerivationImageSequence = inner.DerivationImageSequence
    return dataset


def test_sequences_as_deep_as_allowed_are_cleaned() -> None:
    made = cleaned(nested(16))
    assert not any(NAME in str(e.value) for e in made.iterall() if e.VR == "PN")


@pytest.mark.parametrize("levels", [17, 300])
def test_deeper_sequences_are_refused_without_a_name(levels: int) -> None:
    with pytest.raises(DataError, match="deeper than 16 levels") as error:
        cleaned(nested(levels))
    assert NAME not in str(error.value)


def test_a_file_of_sequences_within_sequences_is_refused() -> None:
    content = b""
    for _ in range(5000):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content
        content = struct.pack("<HHI", 0x0008, 0x9124, len(item)) + item
    dataset = sample()
    raw = RawDataElement(Tag(0x00089124), "SQ", len(content) - 8, content[8:], 0, True, True)
    dataset._dict[Tag(0x00089124)] = raw
    with pytest.raises(DataError, match="set the file aside"):
        cleaned(dataset)


def test_a_bomb_of_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_ELEMENTS", 100)
    dataset = sample()
    dataset.DerivationImageSequence = Sequence([sample() for _ in range(5)])
    with pytest.raises(DataError, match="more than 100 elements"):
        cleaned(dataset)


def test_a_large_private_element_is_never_read(tmp_path: Path) -> None:
    dataset = sample()
    dataset.private_block(0x0099, "MAKER", create=True).add_new(0x01, "OB", bytes(100_000))
    path = tmp_path / "large.dcm"
    path.write_bytes(stored(dataset))
    deferred = dcmread(path, defer_size=50_000)
    path.unlink()  # whoever reads the deferred value now fails
    assert not [e for e in cleaned(deferred) if e.tag.is_private]


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00280010, "US", b"\x01\x02\x03"),
        (0x00180050, "DS", b"Smith John"),
        (0x00200013, "IS", b"Smith John"),
        (0x00180060, "DS", b"\xff\xfe\x00"),
        (0x00180010, "LO", b"\xff\xfe\xfa"),
        (0x00089124, "SQ", b"Smith John"),
        (0x0008002A, "DT", b"Smith John"),
        (0x00101010, "AS", b"Smith John"),
        (0x00080030, "TM", b"Smith John"),
        (0x00080018, "UI", b"../../Smith John"),
        (0x00080201, "SH", b"Smith John"),
    ],
)
def test_damaged_values_neither_stop_it_nor_stay(tag: int, vr: str, value: bytes) -> None:
    dataset = sample()
    dataset._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
    for options in (
        {},
        {"dates": "modified", "retain_uids": True, "retain_patient": True, "clean_descriptors": True},
    ):
        assert b"Smith" not in stored(cleaned(dataset, **options))


def test_no_log_line_and_no_warning_tells_a_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    dataset = sample()
    for tag, vr in (
        (0x00180050, "DS"),
        (0x00200013, "IS"),
        (0x00080022, "DA"),
        (0x00080008, "CS"),
        (0x00081155, "UI"),
    ):
        dataset._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, 10, b"Smith John", 0, False, True)
    cleaned(dataset, dates="modified", retain_uids=True)
    assert not any(secret in caplog.text for secret in ("Smith", NAME, PATIENT, BIRTH))


def test_a_uid_that_is_a_path_is_replaced_everywhere_even_where_uids_are_kept() -> None:
    dataset = sample()
    with lenient():
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "../../etc/passwd"
    for options in ({}, {"retain_uids": True}):
        made = cleaned(dataset, **options)
        assert made.SOPInstanceUID.startswith("2.25.")
        assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SOPClassUID"])
def test_a_data_set_that_does_not_say_what_it_is_is_refused(keyword: str) -> None:
    dataset = sample()
    delattr(dataset, keyword)
    dataset.file_meta[f"MediaStorage{keyword}"].value = ""
    with pytest.raises(DataError, match=keyword) as error:
        cleaned(dataset)
    assert NAME not in str(error.value)


def test_uids_that_only_the_file_header_has_are_taken_from_it() -> None:
    dataset = sample()
    whole = cleaned(dataset)
    dataset.SOPClassUID, dataset.SOPInstanceUID = "", ""
    made = cleaned(dataset)
    assert (made.SOPClassUID, made.SOPInstanceUID) == (whole.SOPClassUID, whole.SOPInstanceUID)


def test_a_transfer_syntax_that_is_none_of_dicom_is_refused() -> None:
    dataset = sample()
    dataset.file_meta.TransferSyntaxUID = "1.2.3"
    with pytest.raises(DataError, match="transfer syntax"):
        cleaned(dataset)


# --- files of many kinds


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "ExplVR_BigEnd.dcm",
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "MR_small_implicit.dcm",
        "MR_small_bigendian.dcm",
        "examples_palette.dcm",
        "examples_overlay.dcm",
        "image_dfl.dcm",
        "liver_1frame.dcm",
        "no_meta.dcm",
        "rtstruct.dcm",
        "test-SR.dcm",
        "UN_sequence.dcm",
        "badVR.dcm",
        "MR_truncated.dcm",
        "nested_priv_SQ.dcm",
        "waveform_ecg.dcm",
    ],
)
def test_files_of_any_kind_keep_their_pixels_and_lose_names_and_dates(name: str) -> None:
    with lenient():
        dataset = given(name)
        if "SOPInstanceUID" not in dataset:
            dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", "1.2.3"
        names, dates = texts(dataset, "PN"), texts(dataset, "DA")
        read = dcmread(io.BytesIO(stored(cleaned(dataset))))
        assert read.get("PixelData") == dataset.get("PixelData")
    assert read.SOPInstanceUID != dataset.SOPInstanceUID
    assert not names & texts(read, "PN")
    assert not dates & texts(read, "DA")
    assert not [e for e in read.iterall() if e.tag.is_private]


def texts(dataset: Dataset, vr: str) -> set[str]:
    """All values of a representation, at every level."""
    return {str(e.value) for e in dataset.iterall() if vr == e.VR and e.value}


def test_items_of_a_report_that_describe_the_patient_are_gone() -> None:
    dataset = sample()
    items = []
    for code, value in (("121033", "95"), ("112031", "7")):  # subject age, attenuation coefficient
        name, item, measured = Dataset(), Dataset(), Dataset()
        name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = code, "DCM", "as named"
        measured.NumericValue = value
        item.ConceptNameCodeSequence, item.MeasuredValueSequence = Sequence([name]), Sequence([measured])
        items.append(item)
    dataset.ContentSequence = Sequence(items)
    made = cleaned(dataset, clean_structured=True)
    assert [item.MeasuredValueSequence[0].NumericValue for item in made.ContentSequence] == [7]
