"""A folder in, a new one out: named by pseudonyms, whole or not there, whatever lies among the files."""

import csv
import errno
import hashlib
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian

from deid_samples import KEY, MARKS, NAME, PATIENT, ct, everything_below, noise, run, save, ultrasound
from hepar.core.errors import DataError, RunError
from hepar.io.deidentification import bounds, contact_sheet
from hepar.io.deidentification.folder import Places, refuse_places
from hepar.io.deidentification.linkage import read_links
from hepar.io.dicom_header import lenient

FOLDER = Path(__file__).parent


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contact sheets are drawn, small."""
    monkeypatch.setattr(contact_sheet, "DPI", 20)


def source_with(folder: Path, **others: bytes) -> Path:
    """Three SIMULATED slices in a folder called after the patient, and other files."""
    source = folder / "in"
    for k in range(3):
        save(ct(k), source / NAME / f"{PATIENT}-{9 - k}.dcm")
    for name, content in others.items():
        (source / name).write_bytes(content)
    return source


def left_out(out: Path) -> str:
    return out.with_name(f"{out.name}.left-out.csv").read_text(encoding="utf-8")


def delivered(out: Path) -> list[str]:
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*.dcm"))


def nothing_is_left(folder: Path) -> bool:
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".left-out.csv")) == ["in"]


def test_files_are_named_by_pseudonym_uids_under_the_key_and_number(tmp_path: Path) -> None:
    made = run(source_with(tmp_path), tmp_path / "out")
    assert (made.images, made.series, made.set_aside, made.left_out) == (3, 1, {}, {})
    files = delivered(tmp_path / "out")
    assert [name.rpartition("/")[2] for name in files] == ["0001.dcm", "0002.dcm", "0003.dcm"]
    subject, study, series, _ = files[0].split("/")
    assert subject.startswith("S-")
    assert study.startswith("2.25.")
    assert series.startswith("2.25.")
    numbers = [int(dcmread(tmp_path / "out" / name).InstanceNumber) for name in files]
    assert numbers == sorted(numbers)


def test_no_mark_is_left_in_any_byte_or_name_of_what_is_passed_on(tmp_path: Path) -> None:
    run(source_with(tmp_path), tmp_path / "out")
    content = everything_below(tmp_path / "out")
    assert len(content) > 5000
    assert not [mark for mark in MARKS if mark.encode() in content]


def test_originals_are_only_read(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    before = {
        p: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in source.rglob("*.dcm")
    }
    run(source, tmp_path / "out")
    assert before == {
        p: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in source.rglob("*.dcm")
    }


def test_pixels_and_geometry_of_slices_stay(tmp_path: Path) -> None:
    run(source_with(tmp_path), tmp_path / "out")
    found = [dcmread(p) for p in sorted((tmp_path / "out").rglob("*.dcm"))]
    expected = sorted((ct(k) for k in range(3)), key=lambda d: int(d.InstanceNumber))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.pixel_array, b.pixel_array)
        assert a.ImagePositionPatient == b.ImagePositionPatient


def test_the_same_key_gives_the_same_files(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    for name in ("a", "b"):
        run(source, tmp_path / name)
    assert delivered(tmp_path / "a") == delivered(tmp_path / "b")
    for name in delivered(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_who_is_who_stands_in_the_table_apart(tmp_path: Path) -> None:
    run(source_with(tmp_path), tmp_path / "out")
    links = read_links(tmp_path / "out.linkage", secret=KEY)
    assert {(one.kind, one.original) for one in links} == {
        ("subject", PATIENT),
        ("study", ct().StudyInstanceUID),
    }
    assert {one.subject for one in links} == {p.name for p in (tmp_path / "out").iterdir() if p.is_dir()}


def test_what_is_no_image_is_listed_and_never_copied(tmp_path: Path) -> None:
    others = {
        "a.nii.gz": b"\x1f\x8bx",
        "b.h5": b"\x89HDF",
        "c.txt": b"Zyxwonder",
        "d.zip": b"PK\x03\x04",
        "e.dcm": b"no",
    }
    made = run(source_with(tmp_path, **others, empty=b""), tmp_path / "out")
    assert made.left_out == {"not DICOM": 2, "NIfTI": 1, "HDF5": 1}
    assert made.set_aside == {"archive": 1, "not DICOM": 1}
    assert "archives are never opened" in left_out(tmp_path / "out")
    assert {p.suffix for p in (tmp_path / "out").rglob("*") if p.is_file()} == {
        ".dcm",
        ".png",
        ".csv",
        ".json",
    }


def test_a_bomb_of_an_archive_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_with(tmp_path)
    with zipfile.ZipFile(source / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(1 << 20))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert run(source, tmp_path / "out").set_aside == {"archive": 1}


def test_an_index_of_a_medium_is_left_out(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    index: Any = FileDataset("", {}, file_meta=ct().file_meta, preamble=bytes(128))
    index.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    index.DirectoryRecordSequence = Sequence([Dataset()])
    index.save_as(source / "DICOMDIR", enforce_file_format=False)
    assert run(source, tmp_path / "out").left_out == {"DICOMDIR": 1}


def test_links_are_not_followed(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    save(ct(4), tmp_path / "elsewhere" / "a.dcm")
    (source / "folder").symlink_to(tmp_path / "elsewhere")
    (source / "file.dcm").symlink_to(tmp_path / "elsewhere" / "a.dcm")
    (source / "circle").symlink_to(source)
    os.mkfifo(source / "pipe")
    made = run(source, tmp_path / "out")
    assert (made.images, made.left_out) == (3, {"link": 3, "not a file": 1})


@pytest.mark.parametrize("uid", ["../../../escaped", "/tmp/escaped", "..", "1.2.3\n4"])
def test_a_uid_that_is_a_path_leads_nowhere(uid: str, tmp_path: Path) -> None:
    def change(dataset: Any) -> None:
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID"):
            dataset[keyword].value = uid
        dataset.PatientID = "../../../escaped"

    source = tmp_path / "deep" / "in"
    with lenient():
        save(ct(0, change), source / "..%2f..%2fescaped.dcm")
    run(source, tmp_path / "deep" / "out")
    assert len(delivered(tmp_path / "deep" / "out")) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep"]
    assert b"escaped" not in everything_below(tmp_path / "deep" / "out")


def deep_sequence(levels: int) -> bytes:
    """A CT whose sequences of undefined length lie in one another."""
    start = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return (start + item) * levels


def with_tail(folder: Path, tail: bytes) -> bytes:
    path = save(ct(), folder / "tail.dcm")
    content = path.read_bytes()
    path.unlink()
    return content + tail


@pytest.mark.parametrize("levels", [40, 5000])
def test_sequences_within_sequences_are_a_bomb(levels: int, tmp_path: Path) -> None:
    bomb = with_tail(tmp_path, deep_sequence(levels))
    made = run(source_with(tmp_path, bomb=bomb), tmp_path / "out")
    assert (made.images, made.set_aside) == (3, {"damaged": 1})
    assert "nests sequences" in left_out(tmp_path / "out")


def test_a_sequence_of_a_million_items_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "ITEMS", 1000)
    start = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
    bomb = with_tail(tmp_path, start + struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 1001)
    assert run(source_with(tmp_path, bomb=bomb), tmp_path / "out").set_aside == {"damaged": 1}
    assert "items of sequences" in left_out(tmp_path / "out")


def test_a_bomb_that_hides_its_kind_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "ITEMS", 1000)
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 1001
    bomb = with_tail(tmp_path, struct.pack("<HH2sHI", 0x0040, 0xA730, b"UN", 0, len(items)) + items)
    assert run(source_with(tmp_path, bomb=bomb), tmp_path / "out").set_aside == {"damaged": 1}
    assert "items of sequences" in left_out(tmp_path / "out")


def test_a_deflated_bomb_is_not_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "INFLATED", 1 << 16)
    dataset = ct()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    source = source_with(tmp_path)
    content = save(dataset, source / "bomb.dcm").read_bytes()
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    head = content[: content.index(b"1.2.840.10008.1.2.1.99") + 22]
    meta_end = 144 + struct.unpack("<I", content[140:144])[0]
    assert len(head) <= meta_end
    (source / "bomb.dcm").write_bytes(content[:meta_end] + pack.compress(bytes(1 << 20)) + pack.flush())
    assert run(source, tmp_path / "out").set_aside == {"damaged": 1}
    assert "deflated" in left_out(tmp_path / "out")


def test_a_deflated_image_is_read_and_written_plain(tmp_path: Path) -> None:
    dataset = ct()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    save(dataset, tmp_path / "in" / "a.dcm")
    run(tmp_path / "in", tmp_path / "out")
    (path,) = (tmp_path / "out").rglob("*.dcm")
    np.testing.assert_array_equal(dcmread(path).pixel_array, ct().pixel_array)


def test_a_big_endian_image_is_written_little_endian(tmp_path: Path) -> None:
    dataset = ct()
    expected = dataset.pixel_array
    dataset.PixelData = expected.astype(">i2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=False)
    save(dataset, tmp_path / "in" / "a.dcm")
    run(tmp_path / "in", tmp_path / "out")
    (path,) = (tmp_path / "out").rglob("*.dcm")
    found = dcmread(path)
    assert found.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    np.testing.assert_array_equal(found.pixel_array, expected)


def test_truncated_files_and_wrong_kinds_of_values_are_set_aside_and_stop_no_other(tmp_path: Path) -> None:
    whole = with_tail(tmp_path, b"")
    rows = whole.index(b"\x28\x00\x10\x00US")
    others = {
        "cut": whole[:-20],
        "header": whole[:200],
        "vr": whole[: rows + 4] + b"DS" + whole[rows + 6 :],
        "length": whole[: rows + 6] + b"\xff\xff" + whole[rows + 8 :],
    }
    made = run(source_with(tmp_path, **others), tmp_path / "out")
    assert made.images == 3
    assert sum(made.set_aside.values()) == 4
    assert "duplicate" not in made.set_aside, "a damaged copy stands in no good one's place"


def test_of_two_files_of_one_instance_the_first_is_passed_on(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    save(ct(0), source / "zz" / "copy.dcm")
    made = run(source, tmp_path / "out")
    assert (made.images, made.set_aside) == (3, {"duplicate": 1})
    assert "zz/copy.dcm,image,duplicate" in left_out(tmp_path / "out")


def test_a_file_of_nobody_is_set_aside(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    save(ct(4, lambda d: setattr(d, "PatientID", " ")), source / "nobody.dcm")
    assert run(source, tmp_path / "out").set_aside == {"no patient id": 1}


@pytest.mark.parametrize("approved", [False, True])
def test_ultrasound_is_masked_in_all_frames_and_called_clean_only_on_a_persons_word(
    approved: bool, tmp_path: Path
) -> None:
    pixels = noise(3, 8, 12, 3)
    dataset = ultrasound(pixels)
    dataset.BurnedInAnnotation = "YES"
    save(dataset, tmp_path / "in" / "a.dcm")
    made = run(tmp_path / "in", tmp_path / "out", approved=approved)
    assert (made.masked, made.approved) == (1, int(approved))
    (path,) = (tmp_path / "out").rglob("*.dcm")
    found = dcmread(path)
    inside = np.zeros((8, 12), bool)
    inside[2:6, 3:9] = True
    np.testing.assert_array_equal(found.pixel_array[:, inside], pixels[:, inside])
    assert not found.pixel_array[:, ~inside].any()
    assert found.get("BurnedInAnnotation") == ("NO" if approved else None)
    assert found.ImageType[0] == "DERIVED"
    assert ("113101" in [item.CodeValue for item in found.DeidentificationMethodCodeSequence]) == approved


def test_a_mask_that_is_not_found_again_in_the_written_file_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.io.deidentification.twins.clean_pixels", lambda *_, **__: True)
    source = source_with(tmp_path)
    save(ultrasound(noise(2, 8, 12), "MONOCHROME2"), source / "us.dcm")
    made = run(source, tmp_path / "out")
    assert (made.images, made.masked, made.set_aside) == (3, 0, {"damaged": 1})
    assert "mask could not be found again" in left_out(tmp_path / "out")


def test_slices_do_not_claim_that_their_pixels_were_cleaned(tmp_path: Path) -> None:
    run(source_with(tmp_path), tmp_path / "out")
    found = dcmread(next((tmp_path / "out").rglob("*.dcm")))
    assert "113101" not in [item.CodeValue for item in found.DeidentificationMethodCodeSequence]
    assert found.get("BurnedInAnnotation") != "NO"


def test_ultrasound_without_regions_waits_for_somebody_to_allow_it(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    save(ultrasound(noise(1, 8, 12), "MONOCHROME2", region=None), source / "us.dcm")
    assert run(source, tmp_path / "a").set_aside == {"ultrasound": 1}
    made = run(source, tmp_path / "b", allowed=frozenset({"ultrasound"}))
    assert (made.images, made.masked, made.set_aside) == (4, 0, {})


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, calls = source_with(tmp_path), []
    whole = FileDataset.save_as

    def full(self: Any, file: Any, **how: Any) -> None:
        calls.append(file)
        if len(calls) == 2:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, file, **how)

    monkeypatch.setattr(Dataset, "save_as", full)
    with pytest.raises(RunError, match=r"No space left on device.*make room"):
        run(source, tmp_path / "out")
    assert nothing_is_left(tmp_path)


def test_a_disk_that_takes_no_more_bytes_leaves_nothing(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    code = LIMITED.format(tests=str(FOLDER), source=str(source), out=str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "cannot be written, make room\n", done.stderr[-500:]
    assert nothing_is_left(tmp_path)


def test_a_run_that_is_killed_leaves_no_half_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    source = source_with(tmp_path)
    monkeypatch.setattr("hepar.io.deidentification.folder.write_contact_sheets", killed)
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "out")
    assert nothing_is_left(tmp_path)


def test_where_nothing_can_be_passed_on_the_reasons_are_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(ct(0, lambda d: setattr(d, "Modality", "OT")), tmp_path / "in" / "a.dcm")
    with pytest.raises(DataError, match="no file of it can be passed on"):
        run(tmp_path / "in", tmp_path / "out")
    assert "secondary-capture" in left_out(tmp_path / "out")
    assert nothing_is_left(tmp_path)
    made = run(tmp_path / "in", tmp_path / "out", allowed=frozenset({"secondary-capture"}))
    assert made.images == 1
    assert "secondary-capture" not in left_out(tmp_path / "out")


def test_odd_names_of_files_are_told_and_lead_nowhere(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    names = [b"\xff\xfe.txt", b"=cmd().txt", b"a\nb.txt", b"-rf.dcm"]
    for name in names:
        (source / os.fsdecode(name)).write_bytes(b"x")
    assert sum((made := run(source, tmp_path / "out")).left_out.values()) == 3
    assert made.set_aside == {"not DICOM": 1}
    rows = list(csv.reader(left_out(tmp_path / "out").splitlines(keepends=True)))
    assert {row[0] for row in rows[1:]} == {"\\udcff\\udcfe.txt", "'=cmd().txt", "a\nb.txt", "'-rf.dcm"}


def test_an_empty_folder_may_become_the_output_and_nothing_is_replaced(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    (tmp_path / "out").mkdir()
    run(source, tmp_path / "out")
    with pytest.raises(RunError, match="already"):
        run(source, tmp_path / "out")
    with pytest.raises(RunError, match="lies in the source"):
        run(source, source / "out")
    with pytest.raises(DataError, match="no such file"):
        run(tmp_path / "none", tmp_path / "other")


def test_two_patients_with_one_number_of_two_hospitals_stay_two(tmp_path: Path) -> None:
    def issued(issuer: str, dataset: Any) -> None:
        dataset.IssuerOfPatientID = issuer

    for k, issuer in enumerate(("A", "B")):
        save(ct(k, partial(issued, issuer)), tmp_path / "in" / f"{k}.dcm")
    assert run(tmp_path / "in", tmp_path / "out").subjects == 2


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
sys.dont_write_bytecode = True
sys.path.insert(0, {tests!r})
from deid_samples import run
from hepar.core.errors import RunError
try:
    run(Path({source!r}), Path({out!r}))
except RunError as error:
    print("cannot be written, make room" if "make room" in str(error) else error)
"""


SPARSE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, 400 << 20))
sys.path.insert(0, {tests!r})
from deid_samples import run
made = run(Path({source!r}), Path({out!r}))
print(made.images, dict(made.set_aside), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_private_element_of_300_megabytes_is_never_read(tmp_path: Path) -> None:
    path = save(ct(), tmp_path / "in" / "a.dcm")
    content = path.read_bytes()
    at = content.index(b"\x10\x00\x10\x00PN")  # between the groups 0008 and 0010
    size = 300 << 20
    with path.open("wb") as file:
        file.write(content[:at])
        file.write(struct.pack("<HH2sH", 0x0009, 0x0010, b"LO", 4) + b"ZYX ")
        file.write(struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, size))
        file.seek(size, 1)
        file.write(content[at:])
    code = SPARSE.format(tests=str(FOLDER), source=str(path.parent), out=str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("1 {} ")
    (made,) = (tmp_path / "out").rglob("*.dcm")
    assert made.stat().st_size < len(content) + 2000


@pytest.mark.parametrize("linkage", ["in/who.linkage", "out.left-out.csv"])
def test_the_table_of_who_is_who_lies_apart(linkage: str, tmp_path: Path) -> None:
    places = Places.beside(tmp_path / "out", linkage=tmp_path / linkage)
    with pytest.raises(RunError, match="choose"):
        refuse_places(source_with(tmp_path), places)


def test_an_image_whose_colours_cannot_be_shown_stops_no_run(tmp_path: Path) -> None:
    save(ultrasound(noise(1, 8, 12), "PALETTE COLOR"), tmp_path / "in" / "a.dcm")
    assert run(tmp_path / "in", tmp_path / "out").images == 1
