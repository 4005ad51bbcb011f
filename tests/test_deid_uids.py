"""Pseudonyms, shifts and UIDs by a key: the same with the same, nothing in common with another."""

import pytest

from hepar.core.errors import DataError
from hepar.io.deidentification import Rules, subject_of
from hepar.io.deidentification.subject import LEAST_SHIFT_DAYS, SHIFTS
from hepar.io.deidentification.uids import is_standard, is_well_formed, keyed_uid

KEY, OTHER = b"a SIMULATED key of 32 bytes ....1", b"a SIMULATED key of 32 bytes ....2"
IDS = [str(number) for number in range(2000)]


def test_a_uid_is_the_first_half_of_an_hmac() -> None:
    # computed once with `openssl dgst -sha256 -hmac`, the message being "uid", a zero byte and the UID
    assert keyed_uid(KEY, "1.2.3") == "2.25.227853004411305963834779440438939099316"


def test_uids_are_well_formed_and_differ_between_uids_and_keys() -> None:
    mine, theirs = ({keyed_uid(key, f"1.2.{text}") for text in IDS} for key in (KEY, OTHER))
    assert len(mine) == len(theirs) == len(IDS)
    assert not mine & theirs
    assert all(map(is_well_formed, mine))


def test_subjects_differ_between_patients_issuers_and_keys() -> None:
    mine = [subject_of(KEY, text) for text in IDS]
    assert len({subject.name for subject in mine}) == len(IDS)
    assert not {s.name for s in mine} & {subject_of(OTHER, text).name for text in IDS}
    assert subject_of(KEY, "7", issuer="A") != subject_of(KEY, "7", issuer="B")
    assert subject_of(KEY, " 7 ") == subject_of(KEY, "7")


@pytest.mark.parametrize("patient_id", ["", "  ", "\0"])
def test_no_patient_id_is_no_subject(patient_id: str) -> None:
    with pytest.raises(DataError, match="Patient ID"):
        subject_of(KEY, patient_id, issuer="A")


def test_shifts_cover_their_range_and_never_reach_the_same_year() -> None:
    days = [-subject_of(KEY, text).shift_days for text in IDS]
    assert LEAST_SHIFT_DAYS <= min(days) < LEAST_SHIFT_DAYS + 50
    assert LEAST_SHIFT_DAYS + SHIFTS - 50 < max(days) < LEAST_SHIFT_DAYS + SHIFTS


def test_a_short_key_is_refused_and_no_key_is_printed() -> None:
    with pytest.raises(DataError, match="at least 16 random"):
        Rules(b"hospital")
    assert "SIMULATED" not in repr(Rules(KEY))


@pytest.mark.parametrize(
    ("uid", "keyword", "standard"),
    [
        ("1.2.840.10008.5.1.4.1.1.2", "SOPClassUID", True),
        ("1.2.840.10008.5.1.4.1.1.999", "SOPClassUID", True),
        ("1.2.840.10008.1.4.1.1", "FrameOfReferenceUID", True),
        ("1.2.840.10008.19611111", "SOPInstanceUID", False),
        ("1.2.840.10008.../../passwd", "SOPClassUID", False),
        ("1.3.12.2.1107.5.9.1", "SOPClassUID", False),
    ],
)
def test_only_uids_of_the_standard_are_told_as_such(uid: str, keyword: str, standard: bool) -> None:
    assert is_standard(uid, keyword) is standard


@pytest.mark.parametrize(
    "text", ["", "1", "1..2", "01.2", "1.2/../3", "1.2\n", "1." * 40 + "1", "../../etc/passwd"]
)
def test_what_is_no_uid_is_told(text: str) -> None:
    assert not is_well_formed(text)


@pytest.mark.parametrize("uid", ["1.2.840.10008.1961.0203.5544", "1.2.840.10008.5.19610203", "1.2.840.10008"])
def test_a_number_under_the_root_of_dicom_is_no_class(uid: str) -> None:
    assert not is_standard(uid, "ReferencedSOPClassUID")


def test_a_class_of_an_edition_to_come_is_one() -> None:
    assert is_standard("1.2.840.10008.5.1.4.1.1.999.1", "ReferencedSOPClassUID")
