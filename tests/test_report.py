"""The report: whole, self-contained, and equal to the numbers beside it."""

import itertools
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import report_fixtures as made
from hepar.analyses.base import row
from hepar.core.errors import RunError
from hepar.report import document
from hepar.report.document import write_report
from hepar.report.numbers import p_value
from hepar.report.tables import shown

NAMES = {"report.html", "estimates.csv", "estimates.json", "predictions.csv", "curves.csv"}


class Page(HTMLParser):
    """Ids, links, cells and loads of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.cells: list[tuple[int, str]] = []
        self._row: int | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: str(value) for name, value in attrs if value}
        self.tags.append(tag)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if tag == "a" and found.get("href") else []
        self.loads += [found[name] for name in ("src", "srcset", "data") if name in found]
        self.loads += [found["href"]] if tag == "link" else []
        self._row = int(found["data-row"]) if "data-row" in found else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._row is not None:
            self.cells.append((self._row, ""))
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._row is not None:
            self.cells.append((self._row, data))
            self._row = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    write_report(made.result(), path)
    return path


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_files_are_those_promised(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == NAMES


def test_the_same_result_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_report(made.result(), tmp_path)
    for name in NAMES:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_page_is_small_and_loads_nothing(text: str) -> None:
    page = Page(text)
    assert len(text.encode()) < 1_000_000
    assert "script" not in page.tags
    assert page.loads == []
    assert not re.search(r"@import|url\((?!#)|https?://", text)


def test_every_id_is_unique_and_every_link_has_its_target(text: str) -> None:
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    referred = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'xlink:href="#([^"]+)"', text))
    assert referred
    assert referred <= set(page.ids)


def test_headings_never_skip_a_level(text: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_pictures_and_tables_say_what_they_are(text: str) -> None:
    assert text.count("<svg") == len(re.findall(r'<svg [^>]*role="img" aria-label="[^"]+"', text)) > 8
    assert text.count("<figure") == text.count("<figcaption>")
    assert text.count("<table") == text.count("<caption>")
    assert '<html lang="en">' in text


def test_every_number_of_the_page_stands_in_the_estimates_file(folder: Path, text: str) -> None:
    estimates = pd.read_csv(folder / "estimates.csv", keep_default_na=False, na_values=[""])
    estimates = estimates.fillna({"method": "", "group": "", "versus": ""})
    cells = Page(text).cells
    shown_rows = {at for at, _ in cells}
    for at, cell in cells:
        line = estimates.iloc[at]
        assert cell in {"", shown(line), p_value(line["p"]), f"{line['n']:.0f}", f"{line['events']:.0f}"}
    holm = set(estimates.index[estimates["quantity"].str.endswith(", Holm")])
    assert shown_rows | holm == set(estimates.index)


def test_an_unknown_analysis_is_shown_as_a_table_and_a_drawing(text: str) -> None:
    assert "<h3>Never heard of</h3>" in text
    assert "12345.7 (12345.2 to 12346.2)" in text


def test_no_case_no_participant_and_no_date_of_a_patient_is_named(folder: Path) -> None:
    for name in NAMES - {"predictions.csv"}:
        content = (folder / name).read_text(encoding="utf-8")
        assert "secret-" not in content, name
        assert "1999" not in content, name


def test_names_with_markup_in_them_are_escaped(text: str) -> None:
    assert "<model>" not in text
    assert "<simulated>" not in text
    assert "Clinical &lt;model&gt; &amp; &#34;friends&#34;" in text


def test_simulated_data_deviations_and_intended_use_are_announced(text: str) -> None:
    assert "SIMULATED DATA" in text
    assert "Not a medical device" in text
    assert "PROTOCOL DEVIATION" not in text
    deviating = made.changed(
        made.result(made.study(simulated=False), drawn=False), deviations=("the data changed",)
    )
    page = document.render(deviating, estimates=deviating.estimates)
    assert "PROTOCOL DEVIATION" in page
    assert "the data changed" in page
    assert "SIMULATED DATA" not in page


def test_the_json_is_nested_and_holds_null_for_what_is_not_defined(folder: Path) -> None:
    found = json.loads((folder / "estimates.json").read_text(encoding="utf-8"))
    assert set(found) == {"study", "provenance", "arms", "checklists", "estimates"}
    undefined = [row for row in found["estimates"] if row["method"] == "not defined: too few"]
    assert [row["value"] for row in undefined] == [None]
    assert found["study"]["name"] == "simulated-report"
    assert found["provenance"]["seeds"] == {"main": 0}
    assert found["arms"]["main"]["counts"]["cases"] == found["arms"]["main"]["flow"]["included"]


def test_what_import_changed_is_told(text: str) -> None:
    assert "converted from months" in text


def test_a_full_disk_leaves_no_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, handle: int) -> None:
            self.handle = handle

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            os.close(self.handle)

        def write(self, content: bytes) -> None:
            os.write(self.handle, content[:10])
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(document, "render", lambda *_, **__: "a page")
    monkeypatch.setattr(os, "fdopen", lambda handle, *_, **__: Full(handle))
    with pytest.raises(RunError, match="No space left"):
        write_report(made.result(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(document, "render", lambda *_, **__: "a page")
    monkeypatch.setattr(document, "write_atomically", lambda path, _: written.append(path.name))
    write_report(made.result(), tmp_path)
    assert set(written) == NAMES
    assert written[-1] == "report.html"


def test_a_result_without_any_estimate_still_gives_a_report(tmp_path: Path) -> None:
    page = write_report(made.result(rows=[], drawn=False), tmp_path).read_text(encoding="utf-8")
    assert "give no primary estimate" in page


@pytest.mark.parametrize(
    ("outcome", "model", "said"),
    [
        (
            {"kind": "continuous", "label": "stiffness", "field": "followed_y", "unit": "kPa"},
            "ridge",
            "measured",
        ),
        (
            {
                "kind": "time_to_event",
                "label": "death",
                "time": "followed_y",
                "event": {"field": "event", "value": True},
                "horizons_y": [3],
            },
            "cox",
            "censored",
        ),
        (
            {"kind": "graded", "label": "stage", "field": "stage", "grades": [0, 1, 2], "threshold": 1},
            "logistic",
            "negative",
        ),
    ],
)
def test_every_kind_of_outcome_gives_a_page_whose_links_lead_somewhere(
    outcome: dict[str, object], model: str, said: str
) -> None:
    result = made.result(made.study_of(outcome, model=model), rows=[], drawn=False)
    text = document.render(result, estimates=result.estimates)
    page = Page(text)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert said in text


def test_many_small_sites_without_an_estimate_are_counted_not_listed() -> None:
    place = {"analysis": "sites", "quantity": "auc", "test": "model", "role": "cross-validated"}
    small = [row(made.nothing(at), group=f"site=tiny-{at}", **place) for at in range(11)]
    result = made.result(rows=[*made.estimates(), *small], drawn=False)
    text = document.render(result, estimates=result.estimates)
    assert "tiny-" not in text
    assert "12 lines for which nothing is defined" in text


def test_counts_are_written_without_a_decimal_point(folder: Path) -> None:
    estimates = (folder / "estimates.csv").read_text(encoding="utf-8").splitlines()
    at = estimates[0].split(",").index("n")
    assert {line.rsplit(",", 4)[1] for line in estimates[1:] if ",made up," in line} == {"50"}
    assert estimates[0].split(",")[at : at + 2] == ["n", "events"]
    found = json.loads((folder / "estimates.json").read_text(encoding="utf-8"))["estimates"]
    assert all(isinstance(row["n"], int) and isinstance(row["events"], int) for row in found)


def test_net_benefit_differences_are_a_table() -> None:
    place: dict[str, Any] = {
        "analysis": "decision_curve",
        "test": "model",
        "role": "cross-validated",
        "threshold": 0.2,
    }
    gain = row(made.made_up(0.031, 0.02), quantity="net benefit difference", versus="treat all", **place)
    result = made.result(rows=[*made.estimates(), gain], drawn=False)
    text = document.render(result, estimates=result.estimates)
    assert "<caption>Clinical utility: Net benefit difference</caption>" in text
    assert "0.031 (0.011 to 0.051)" in text
    assert "treat all" in text


def test_the_design_says_what_pooling_over_parts_mixes() -> None:
    result = made.result(drawn=False)
    text = document.render(result, estimates=result.estimates)
    assert "mixes the scores of several models" in text
    assert "Comparators are the same rule in every part" in text
    assert "compares only cases of the same part" in text


def test_a_test_that_was_not_shown_to_beat_chance_is_not_said_to_be_no_better(text: str) -> None:
    assert ">not shown<" in text
    assert ">no<" not in text
