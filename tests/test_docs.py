"""The snippets of the documentation run, and what it names exists."""

import re
from pathlib import Path

import pytest
import yaml

from hepar.data.dictionary import Dataset
from hepar.features.filters import MEMBERS, Filter
from hepar.features.radiomics.settings import Settings
from hepar.study.protocol import Study

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def snippets(language: str) -> list[tuple[str, str]]:
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [
        (f"{page.stem}-{k}", code)
        for page in PAGES
        for k, code in enumerate(pattern.findall(page.read_text()))
    ]


@pytest.mark.parametrize(
    ("name", "code"), snippets("python"), ids=lambda value: value if len(value) < 40 else ""
)
def test_every_python_snippet_runs(
    name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    exec(compile(code, name, "exec"), {"__name__": name})


@pytest.mark.parametrize(
    ("name", "code"), snippets("yaml"), ids=lambda value: value if len(value) < 40 else ""
)
def test_every_yaml_snippet_is_a_valid_document(name: str, code: str) -> None:
    document = yaml.safe_load(code)
    kind = Study if "arms" in document else Dataset if "table" in document else Settings
    assert kind.model_validate(document)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_radiomics_setting_and_filter_is_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "extract-features.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| `")}
    for name in Settings.model_fields:
        assert f"`{name}`" in rows, name
    for kind in MEMBERS:
        (row,) = [line for cell, line in rows.items() if f"`{kind}`" in cell.split(", ")]
        for key in Filter.member(kind).model_fields:
            assert key in ("kind", "dimensions", "boundary") or f"`{key}`" in row, (kind, key)
