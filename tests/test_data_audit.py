"""The audit of data from end to end: the set with known faults, a clean one, a protocol; page, JSON, CSV, exit codes."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import hepar
import small_study
from hepar.api.data_audit import DataAudit, audit_data
from hepar.cli.audit import audit_app
from hepar.core.errors import DataError, ProtocolError
from hepar.simulation.flawed_pictures import PictureSet, write_picture_set

pytest.importorskip("PIL")
SMALL = (48, 64)


def rules(found: DataAudit) -> dict[str, int]:
    return {one.rule: one.n for audit in found.audits for one in audit.findings if one.severity != "note"}


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = PictureSet(train=250, test=63, copied=49, shape=SMALL)
    return write_picture_set(tmp_path_factory.mktemp("flawed"), asked=asked, seed=1)


def test_the_faults_of_the_set_are_counted_exactly(flawed: Path, tmp_path: Path) -> None:
    found = audit_data(flawed, out=tmp_path, simulated=True)
    assert rules(found)["copies-across-parts"] == 49
    assert rules(found)["same-picture"] == 98
    (copies,) = [one for one in found.audits[0].findings if one.rule == "copies-across-parts"]
    assert copies.what == "49 of 63 pictures of 'test' have an exact copy in 'train'"
    assert re.search(r"^data audit: \d serious, 2 notes \(313 cases", found.lines[2])
    told = [one.what for one in found.audits[0].findings if one.rule == "metadata-tells-outcome"]
    assert any(what.startswith("format alone tells stage F2 or more") for what in told)
    assert "near-copies-across-parts" not in rules(found)


def test_a_clean_set_of_the_same_size_gives_nothing(tmp_path: Path) -> None:
    asked = PictureSet(train=250, test=63, copied=0, confounded=False, shape=SMALL)
    table = write_picture_set(tmp_path / "set", asked=asked, seed=2)
    found = audit_data(table, out=tmp_path / "out", simulated=True)
    assert rules(found) == {}
    assert found.clean


@pytest.mark.slow
def test_the_published_size_gives_987_copies_and_a_clean_set_none(tmp_path: Path) -> None:
    table = write_picture_set(tmp_path / "set", asked=PictureSet(), seed=3)
    found = audit_data(table, out=tmp_path / "out", simulated=True)
    assert rules(found)["copies-across-parts"] == 987
    assert {"copies-across-parts", "same-picture", "metadata-tells-outcome"} == set(rules(found))
    sound = write_picture_set(tmp_path / "sound", asked=PictureSet(copied=0, confounded=False), seed=4)
    assert rules(audit_data(sound, out=tmp_path / "out", simulated=True)) == {}


def test_only_the_csv_names_cases(flawed: Path, tmp_path: Path) -> None:
    found = audit_data(flawed, out=tmp_path, simulated=True)
    page, text = (tmp_path / "audit.html").read_text(), (tmp_path / "audit.json").read_text()
    assert "test-0" not in page + text
    assert "SIMULATED DATA" in page
    rows = list(csv.DictReader((tmp_path / "audit.csv").read_text().splitlines()))
    assert sum(row["rule"] == "copies-across-parts" for row in rows) == 98
    assert all("(t" in row["id"] for row in rows)
    (document,) = json.loads(text)
    assert document["tests"] == found.audits[0].tests
    assert document["limits"]["Error rate"]["value"] == "0.05"


def test_near_copies_two_labels_and_unreadable_files_are_found(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    asked = PictureSet(train=70, test=10, copied=0, confounded=False, shape=SMALL)
    table = write_picture_set(tmp_path, asked=asked, seed=5)
    lines = table.read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    pixels = np.asarray(image.open(tmp_path / rows[0][0]).convert("L"))
    image.fromarray(np.ascontiguousarray(pixels[1:-1, 2:-1])).save(tmp_path / "cropped.png")
    image.fromarray(pixels).save(tmp_path / "again.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 cut")
    other = "F0" if rows[0][1] != "F0" else "F1"
    more = ["cropped.png,F0,test", f"again.png,{other},train", "broken.jpg,F2,test"]
    table.write_text("\n".join([*lines, *more]) + "\n")
    found = rules(audit_data(table, out=tmp_path / "out"))
    assert found["near-copies-across-parts"] == 1
    assert found["one-picture-two-labels"] == 2
    assert found["unreadable"] == 1


def test_columns_are_named_where_their_names_are_not_the_usual(flawed: Path, tmp_path: Path) -> None:
    table = tmp_path / "odd.csv"
    table.write_text(flawed.read_text().replace("file,stage,split", "a,b,c", 1))
    with pytest.raises(DataError, match="no column holds labels; name it by --label"):
        audit_data(table, out=tmp_path / "out")
    with pytest.raises(DataError, match="no column 'd' for the label"):
        audit_data(table, out=tmp_path / "out", roles={"label": "d"})
    found = audit_data(table, out=tmp_path / "out", roles={"label": "b", "split": "c"}, pictures=False)
    assert found.audits[0].pictures == 0
    assert not (tmp_path / "odd" / "audit.html").exists()


@pytest.mark.parametrize("path", ["../outside.png", "/etc/passwd", "C:\\x.png"])
def test_a_table_that_leads_out_of_its_folder_is_refused(path: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"file,label\n{path},a\nx.png,b\n")
    with pytest.raises(ProtocolError, match="path"):
        audit_data(table, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a,1"] * 9, "holds 1 class"),
        ([f"L{k}x,{k}" for k in range(40)], "has over 12 classes"),
    ],
)
def test_labels_of_which_nothing_can_be_learnt_are_refused(
    rows: list[str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["label,v", *rows]))
    with pytest.raises(DataError, match=said):
        audit_data(tmp_path / "t.csv", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_odd_cells_are_no_obstacle_and_no_markup(tmp_path: Path) -> None:
    odd = {3: "inf", 4: "", 5: "nan"}
    rows = [f"F{k % 3},{odd.get(k, k)},=cmd{k % 2}" for k in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["stage,<script>v</script>,=f", *rows]))
    found = audit_data(tmp_path / "t.csv", out=tmp_path / "out")
    assert found.clean
    assert "<script>v" not in (tmp_path / "out" / "audit.html").read_text()


def test_exit_codes_say_findings_none_and_error(flawed: Path, tmp_path: Path) -> None:
    path = small_study.write_study(tmp_path / "study")
    runner = CliRunner()
    clean = runner.invoke(audit_app, ["data", str(path), "-o", str(tmp_path / "one")])
    assert clean.exit_code == 0
    assert "data audit: nothing found (120 cases of 120 participants" in clean.output
    assert clean.output.startswith("SIMULATED DATA")
    bad = runner.invoke(audit_app, ["data", str(flawed), "--simulated", "-o", str(tmp_path / "two")])
    assert bad.exit_code == 1
    assert "serious: 49 of 63 pictures of 'test' have an exact copy in 'train'" in bad.output
    wrong = runner.invoke(audit_app, ["data", str(tmp_path / "none.csv")])
    assert isinstance(wrong.exception, DataError)


def test_a_column_of_a_table_is_refused_for_a_protocol(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="a protocol's dictionary says what its columns are"):
        audit_data(small_study.write_study(tmp_path), out=tmp_path / "out", roles={"label": "disease"})


def test_check_tells_what_the_audit_of_the_table_found(tmp_path: Path) -> None:
    data = small_study.table()
    data.loc[data["disease"] == 1, "marker"] = np.where(
        np.arange((data["disease"] == 1).sum()) % 2, np.nan, 1.0
    )
    lines = hepar.check(small_study.write_study(tmp_path, data=data))
    assert any("warning: that marker is missing" in line for line in lines)
    assert not any("P0" in line for line in lines)


def test_the_report_has_the_audit_as_a_section(tmp_path: Path) -> None:
    run = hepar.run(small_study.write_study(tmp_path), out=tmp_path / "out")
    page = run.report.path.read_text()
    assert 'id="main-audit"' in page
    assert "What metadata alone tell" in page
    assert "Limits of the audit" in page


def test_a_reference_date_that_is_no_field_of_days_is_refused(tmp_path: Path) -> None:
    rows = [f"F{k % 2},2024-01-{1 + k % 28:02}T10:00:00,{20240101 + k % 28}" for k in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["stage,scanned,biopsy_date", *rows]))
    with pytest.raises(DataError, match=r"no field of days 'biopsy' .*biopsy_date"):
        audit_data(tmp_path / "t.csv", out=tmp_path / "out", reference_date="biopsy")
    with pytest.raises(DataError, match="no field of days 'biopsy'"):
        audit_data(small_study.write_study(tmp_path), out=tmp_path / "out", reference_date="biopsy")
    assert not (tmp_path / "out").exists()
    assert audit_data(tmp_path / "t.csv", out=tmp_path / "out", reference_date="biopsy_date").clean


def test_days_with_a_time_and_days_in_digits_are_compared(tmp_path: Path) -> None:
    rows = [f"F{k % 2},2024-03-{1 + k % 28:02} 10:00:00,20240101" for k in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["stage,scanned,biopsy_date", *rows]))
    assert rules(audit_data(tmp_path / "t.csv", out=tmp_path / "out"))["measured-after-reference"] == 40


def test_days_and_numbers_that_were_taken_as_words_are_told(tmp_path: Path) -> None:
    rows = [f"F{k % 2},{1 + k % 28:02}/01/2024,{k if k else 'n.d.'},word{k % 3}" for k in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["stage,scan_date,depth,kind", *rows]))
    notes = " ".join(audit_data(tmp_path / "t.csv", out=tmp_path / "out").audits[0].notes)
    assert "'scan_date' was taken as words, not as days; write days as 2024-01-31" in notes
    assert "'depth' was taken as words: 1 of 40 cells are no number or day" in notes
    assert "'kind'" not in notes


def test_blank_pictures_are_one_finding_and_no_copies(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    asked = PictureSet(train=50, test=10, copied=0, confounded=False, shape=SMALL)
    table = write_picture_set(tmp_path, asked=asked, seed=6)
    rows = []
    for k in range(6):
        image.fromarray(np.full(SMALL, 40, np.uint8)).save(tmp_path / f"blank{k}.png")
        rows.append(f"blank{k}.png,F{k % 3},{'train' if k % 2 else 'test'}")
    table.write_text(table.read_text() + "\n".join(rows) + "\n")
    found = audit_data(table, out=tmp_path / "out")
    assert rules(found) == {"blank-picture": 6}
    (blank,) = [one for one in found.audits[0].findings if one.rule == "blank-picture"]
    assert blank.what.startswith("6 of 66 pictures are blank")


def test_it_is_told_where_no_field_could_be_held_against_the_outcome(tmp_path: Path) -> None:
    rows = [f"F{k > 2:d},{k}" for k in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(["stage,v", *rows]))
    found = audit_data(tmp_path / "t.csv", out=tmp_path / "out")
    assert any(
        "No field was held against the outcome: a class has fewer than 5" in one for one in found.lines
    )
