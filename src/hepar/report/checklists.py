"""Reporting checklists (TRIPOD+AI, STARD-AI), filled from what the run made and from what the protocol states.

An item is answered by its evidence: `auto.*` by an artefact of the run, `study.*` by the protocol, any other key by
the protocol's `statements`. What none of them answers is a gap, and is marked as one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..study.result import Result
from .blocks import Cell, Section, Table, Text, table
from .evidence import Answer, answer
from .numbers import count


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist and its answer; None where there is a gap."""

    number: str
    label: str
    evidence: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist as filled."""

    name: str
    doi: str
    items: tuple[Item, ...]

    @property
    def gaps(self) -> int:
        """How many items nothing answers."""
        return sum(item.answer is None for item in self.items)


def checklists(result: Result) -> tuple[Checklist, ...]:
    """Every checklist, filled from `result`."""
    return tuple(_fill(name, content, result) for name, content in _published().items())


def statement_keys() -> frozenset[str]:
    """Keys under which a protocol's statements can answer an item."""
    items = [item for content in _published().values() for item in _items(content)]
    return frozenset(item["evidence"] for item in items)


def section(filled: Sequence[Checklist]) -> Section:
    """The checklists as tables; gaps are marked and counted."""
    intro = (
        "Answers come from this run and from the protocol's statements. A gap is for the authors to fill: the software"
        " claims nothing that it did not find."
    )
    parts = tuple(
        Section(f"checklist-{at}", one.name, (Text(_score(one)), _table(one)))
        for at, one in enumerate(filled)
    )
    return Section("checklists", "Reporting checklists", (Text(intro),), parts)


def as_json(filled: Sequence[Checklist]) -> list[dict[str, object]]:
    """The checklists as plain values."""
    return [
        {
            "name": one.name,
            "doi": one.doi,
            "gaps": one.gaps,
            "items": [
                {"item": i.number, "about": i.label, "answer": i.answer.text if i.answer else None}
                for i in one.items
            ],
        }
        for one in filled
    ]


@cache
def _published() -> Mapping[str, Mapping[str, object]]:
    text = (files("hepar.report") / "templates" / "checklists.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, object]] = json.loads(text)
    return found


def _items(content: Mapping[str, object]) -> list[Mapping[str, str]]:
    items = content["items"]
    assert isinstance(items, list)
    return items


def _fill(name: str, content: Mapping[str, object], result: Result) -> Checklist:
    filled = tuple(
        Item(i["id"], i["label"], i["evidence"], answer(i["evidence"], result)) for i in _items(content)
    )
    return Checklist(name, str(content["doi"]), filled)


def _score(one: Checklist) -> str:
    answered = len(one.items) - one.gaps
    score = f"{answered} of {len(one.items)} items answered; {count(one.gaps, 'gap')}."
    return f"{score} Item labels are abridged; see doi.org/{one.doi}."


def _table(one: Checklist) -> Table:
    rows = [(item.number, item.label, _cell(item)) for item in one.items]
    return table(f"{one.name}, filled", head=("Item", "About", "Answer"), rows=rows, prose=True)


def _cell(item: Item) -> Cell:
    if item.answer is None:
        how = (
            f"state {item.evidence!r} in the protocol"
            if not item.evidence.startswith("auto.")
            else f"no artefact of this run answers it; state {item.evidence!r}"
        )
        return Cell(f"GAP: {how}.", strong=True)
    return Cell(item.answer.text, link=item.answer.anchor)
