"""The how-to on checking forms names every annotation and every rule."""

import re
from pathlib import Path

import hepar.data.crf
from hepar.data.crf.annotation import TAGS

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "check-a-case-record-form.md"


def test_every_annotation_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| `@(HEPAR-[A-Z-]+)=", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(TAGS)


def test_every_rule_is_documented() -> None:
    folder = Path(hepar.data.crf.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    rules = set(re.findall(r"\bFinding\(\s*\"([a-z ]+)\"", source))
    rules |= set(re.findall(r"\bValidation\(\"([a-z]+)\"", source)) | {"choice", "checkbox"}
    assert len(rules) > 15
    page = PAGE.read_text(encoding="utf-8")
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in page] == []
