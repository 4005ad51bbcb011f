"""The commands: what they print, how they end, and that no name, number or date gets into output or logs."""

import json
import logging
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from typer.testing import CliRunner

from deid_samples import ACCESSION, MARKS, NAME, PATIENT, ct, everything_below, noise, save, ultrasound
from hepar.api.deid import OPTIONS
from hepar.cli import app
from hepar.core.errors import HeparError, ProtocolError, RunError
from hepar.io.deidentification import contact_sheet
from hepar.io.deidentification.instances import ALLOWABLE
from hepar.io.deidentification.proof import find_left
from hepar.io.deidentification.regions import Box, read_masks
from hepar.io.deidentification.scan import Found
from hepar.io.deidentification.typed_text import Typed


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contact sheets are drawn, small."""
    monkeypatch.setattr(contact_sheet, "DPI", 20)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Source, output and key."""
    (tmp_path / "key").write_text("4f6c1b0e9a7d2358" * 4)
    for k in range(2):
        save(ct(k), tmp_path / "in" / f"{k}.dcm")
    return tmp_path / "in", tmp_path / "out", tmp_path / "key"


def deid(places: tuple[Path, Path, Path], *more: str) -> Any:
    source, out, key = places
    return CliRunner().invoke(app, ["deid", str(source), str(out), "--key", str(key), *more])


def test_a_clean_run_ends_with_zero_and_says_what_to_do_next(places: tuple[Path, Path, Path]) -> None:
    found = deid(places, "--option", "modified-dates", "--option", "patient")
    assert found.exit_code == 0, found.output
    assert "2 images and 0 slides of 1 subjects" in found.output
    assert "sign-off.csv" in found.output
    report = json.loads((places[1] / "deid-report.json").read_text())
    assert report["options"]["dates"] == "modified"
    assert report["summary"]["images"] == 2
    assert report["table"].startswith("DICOM PS3.15")
    assert (places[1] / "contact-sheet-001.png").read_bytes().startswith(b"\x89PNG")


def test_an_image_that_was_set_aside_ends_with_one(places: tuple[Path, Path, Path]) -> None:
    save(ct(2, lambda d: setattr(d, "Modality", "OT")), places[0] / "x.dcm")
    found = deid(places)
    assert found.exit_code == 1
    assert "set aside: 1 (secondary-capture)" in found.output
    assert len(list(places[1].rglob("*.dcm"))) == 2


def test_what_is_allowed_is_passed_on(places: tuple[Path, Path, Path]) -> None:
    save(ct(2, lambda d: setattr(d, "Modality", "OT")), places[0] / "x.dcm")
    assert deid(places, "--allow", "secondary-capture").exit_code == 0
    assert json.loads((places[1] / "deid-report.json").read_text())["allowed"] == ["secondary-capture"]


def screen(folder: Path) -> None:
    """SIMULATED ultrasound with a region."""
    save(ultrasound(noise(1, 8, 12), "MONOCHROME2"), folder / "us.dcm")


def test_masked_images_say_nothing_of_their_pixels_until_a_person_does(
    places: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    screen(places[0])
    first = deid(places)
    assert first.exit_code == 0
    assert "do not say that their pixels are clean" in first.output
    assert "--pixels-approved" in first.output
    second = deid((places[0], tmp_path / "again", places[2]), "--pixels-approved")
    assert second.exit_code == 0
    assert "1 masked images say that their pixels are clean, on your word" in second.output
    said = [dcmread(p).get("BurnedInAnnotation") for p in sorted((tmp_path / "again").rglob("*.dcm"))]
    assert said.count("NO") == 1
    assert json.loads((tmp_path / "again" / "deid-report.json").read_text())["summary"]["approved"] == 1


def test_without_masked_images_nothing_is_said_of_pixels(places: tuple[Path, Path, Path]) -> None:
    assert "pixels" not in deid(places).output


def test_text_that_was_found_and_allowed_is_told(
    places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen(places[0])
    monkeypatch.setattr("hepar.io.deidentification.twins.read_back", lambda *_: Typed(1, Box(2, 3, 5, 8)))
    found = deid(places, "--allow", "typed-text", "--pixels-approved")
    assert "text was found inside the regions of 1 masked images that you allowed" in found.output
    assert "do not say that their pixels are clean" in found.output


def test_what_the_scan_found_is_told_by_new_name_and_ends_with_one(
    places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen(places[0])
    whole = find_left

    def some(*how: Any, todo: Any, **more: Any) -> list[Found]:
        names = [name for name, _ in todo if name.endswith("0002.dcm")]
        found = [Found(name, f"Attribute{k}", "uid") for name in names for k in range(7)]
        return found + whole(*how, todo=todo, **more)

    monkeypatch.setattr("hepar.io.deidentification.folder.find_left", some)
    found = deid(places)
    assert found.exit_code == 1
    assert re.search(r"taken out: S-\S+/0002.dcm: Attribute0 held a uid", found.output)
    assert "2 more finds" in found.output
    assert "set aside: 1 (identifier left)" in found.output
    assert not [mark for mark in MARKS if mark in found.output.lower()]
    assert len(list(places[1].rglob("*.dcm"))) == 2


@pytest.mark.parametrize(
    ("more", "kind", "word"),
    [
        (("--option", "device-id"), ProtocolError, "did you mean 'device'"),
        (("--option", "modified-dates", "--option", "full-dates"), ProtocolError, "exclude"),
        (("--allow", "slide-label"), ProtocolError, "no such kind"),
        (("--masks", "none.yaml"), ProtocolError, "none.yaml"),
        (("-j", "0"), RunError, "jobs is 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    more: tuple[str, ...], kind: type[HeparError], word: str, places: tuple[Path, Path, Path]
) -> None:
    found = deid(places, *more)
    assert isinstance(found.exception, kind)
    assert word in str(found.exception)
    assert not places[1].exists()


def test_a_package_that_is_absent_is_named_with_what_to_type(
    places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "hepar.core.packages.find_spec", lambda name: None if name == "cryptography" else True
    )
    found = deid(places)
    assert isinstance(found.exception, ProtocolError)
    assert "hepar[capture]" in str(found.exception)


def test_a_key_that_can_be_guessed_is_refused(places: tuple[Path, Path, Path]) -> None:
    places[2].write_text("a" * 64)
    found = deid(places)
    assert isinstance(found.exception, ProtocolError)
    assert not places[1].exists()


def test_a_mask_of_a_device_is_read_from_a_file(places: tuple[Path, Path, Path], tmp_path: Path) -> None:
    save(ultrasound(noise(1, 8, 12), "MONOCHROME2", region=None), places[0] / "us.dcm")
    box = "{top: 1, left: 1, bottom: 4, right: 4}"
    (tmp_path / "m.yaml").write_text(
        f"masks: [{{manufacturer: Echo Works, model: E9, rows: 8, columns: 12, boxes: [{box}]}}]\n"
    )
    found = deid(places, "--masks", str(tmp_path / "m.yaml"))
    assert found.exit_code == 0
    assert "1 masked" in found.output


def test_who_is_who_is_read_with_the_key_alone(places: tuple[Path, Path, Path], tmp_path: Path) -> None:
    deid(places, "--linkage", str(tmp_path / "apart" / "who"))
    file = tmp_path / "apart" / "who"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = CliRunner().invoke(app, ["linkage", str(file), "--key", str(places[2])])
    assert found.exit_code == 0
    assert f"subject,{PATIENT},S-" in found.stdout
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    refused = CliRunner().invoke(app, ["linkage", str(file), "--key", str(places[2])])
    assert isinstance(refused.exception, HeparError)
    assert PATIENT not in refused.output


def test_a_second_run_gives_the_same_subject_the_same_pseudonym(
    places: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    who = ("--linkage", str(tmp_path / "who"))
    deid(places, *who)
    deid((places[0], tmp_path / "again", places[2]), *who)
    names = [{p.name for p in out.iterdir() if p.is_dir()} for out in (places[1], tmp_path / "again")]
    assert names[0] == names[1]
    (tmp_path / "other").write_text("9a7d23584f6c1b0e" * 4)
    found = deid((places[0], tmp_path / "third", tmp_path / "other"), *who)
    assert isinstance(found.exception, HeparError)
    assert not (tmp_path / "third").exists()


def test_the_linkage_table_may_not_lie_in_what_is_passed_on(places: tuple[Path, Path, Path]) -> None:
    found = deid(places, "--linkage", str(places[1] / "who"))
    assert isinstance(found.exception, RunError)
    assert not places[1].exists()


def test_several_processes_write_the_same_files(places: tuple[Path, Path, Path], tmp_path: Path) -> None:
    deid(places)
    found = deid((places[0], tmp_path / "b", places[2]), "-j", "2")
    assert found.exit_code == 0, found.output
    for path in places[1].rglob("*.dcm"):
        assert (tmp_path / "b" / path.relative_to(places[1])).read_bytes() == path.read_bytes()


def bad_files(source: Path) -> None:
    """Files that each go wrong in another way, all of them about the same SIMULATED patient."""
    content = (source / "0.dcm").read_bytes()
    rows = content.index(b"\x28\x00\x10\x00US")
    name = f"{NAME} {PATIENT} {ACCESSION} 20190523"
    (source / f"{name} cut.dcm").write_bytes(content[:-9])
    (source / f"{name} vr.dcm").write_bytes(content[: rows + 4] + b"DS" + content[rows + 6 :])
    (source / f"{name} text.dcm").write_bytes(content.replace(b"20190523", b"2019052Z"))
    (source / f"{name} charset.dcm").write_bytes(content.replace(b"CT of", b"\xff\xfe\xfd\xfc\xfb"))
    (source / f"{name}.zip").write_bytes(b"PK\x03\x04" + NAME.encode())
    (source / f"{name}.svs").write_bytes(b"II*\0" + NAME.encode())
    save(ct(3, lambda d: setattr(d, "PatientAge", NAME[:4])), source / f"{name} age.dcm")
    save(ct(4, lambda d: setattr(d, "Modality", "OT")), source / f"{name} page.dcm")
    save(ultrasound(noise(2, 8, 12), "MONOCHROME2", region=(9, 9, 99, 99)), source / f"{name} us.dcm")


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_no_name_number_or_date_gets_into_output_logs_or_what_is_passed_on(
    places: tuple[Path, Path, Path], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    bad_files(places[0])
    with caplog.at_level(logging.DEBUG):
        found = deid(places, "--option", "modified-dates", "--option", "descriptors", "--option", "patient")
    assert found.exit_code == 1, found.output
    captured = capfd.readouterr()
    told = "\n".join(
        [found.output, captured.out, captured.err, *(r.getMessage() for r in caplog.records)]
    ).lower()
    assert "set aside" in told
    assert not [mark for mark in MARKS if mark in told]
    content = everything_below(places[1])
    assert not [mark for mark in MARKS if mark.encode() in content]


def test_the_list_of_what_was_left_out_is_for_its_owner_alone(places: tuple[Path, Path, Path]) -> None:
    deid(places)
    assert stat.S_IMODE(places[1].with_name("out.left-out.csv").stat().st_mode) == 0o600


def test_everything_that_is_passed_on_can_be_read_by_others(places: tuple[Path, Path, Path]) -> None:
    deid(places)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(places[1].stat().st_mode) == 0o777 & ~mask
    path = next(places[1].rglob("*.dcm"))
    assert dcmread(path).PatientIdentityRemoved == "YES"


PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "de-identify-images.md").read_text(
    encoding="utf-8"
)


def test_the_page_names_every_option_and_everything_that_can_be_allowed() -> None:
    first_cells = " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert not [name for name in (*OPTIONS, *ALLOWABLE) if f"`{name}`" not in first_cells]


def test_the_mask_of_the_page_can_be_read(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```text\n(masks:.*?)```", PAGE, re.DOTALL)
    (tmp_path / "m.yaml").write_text(snippet)
    assert len(read_masks(tmp_path / "m.yaml").masks) == 1
