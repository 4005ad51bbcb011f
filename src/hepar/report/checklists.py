"""Reporting checklists (TRIPOD+AI, STARD-AI, CLAIM, METRICS, CLEAR, RQS, IBSI), filled from run and protocol.

An item is answered by its evidence: `auto.*` by an artefact of the run, `study.*` by the protocol, `ibsi.*` by what an
extractor reports of its settings, any other key by the protocol's `statements`, which may answer each of them. What
none of them answers is a gap, and is marked as one. A checklist on images or radiomics is filled from the arms that
use them, and left out where none does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from ..study.protocol import Arm
from ..study.result import Result
from .answers import Answer
from .blocks import Cell, Section, Table, Text, table
from .components import reads_images, with_radiomics
from .evidence import answer
from .evidence_images import modalities_of
from .numbers import count
from .scores import Checklist, Item, score_words, worth_words

USERS: Mapping[str, Callable[[Arm], bool]] = {
    "every": lambda _: True,
    "images": reads_images,
    "radiomics": lambda arm: bool(with_radiomics(arm)),
}
"""Whom a checklist is for -> whether an arm is one of them."""


def checklists(result: Result) -> tuple[Checklist, ...]:
    """Every checklist that is for an arm of the study, filled from the arms that it is for."""
    filled = []
    for name, content in _published().items():
        fits = USERS[str(content.get("for", "every"))]
        arms = {key: arm for key, arm in result.arms.items() if fits(arm.arm)}
        if arms:
            filled.append(_fill(name, content, replace(result, arms=arms)))
    return tuple(filled)


def statement_keys() -> frozenset[str]:
    """Keys under which a protocol's statements can answer an item."""
    items = [item for content in _published().values() for item in content["items"]]
    return frozenset(str(item["evidence"]) for item in items)


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
            **({"score": round(one.score, 4)} if one.score is not None else {}),
            "items": [
                {"item": i.number, "about": i.label, "answer": i.answer.text if i.answer else None}
                for i in one.items
            ],
        }
        for one in filled
    ]


@cache
def _published() -> Mapping[str, Mapping[str, Any]]:
    text = (files("hepar.report") / "templates" / "checklists.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return found


def _fill(name: str, content: Mapping[str, Any], result: Result) -> Checklist:
    modalities = modalities_of(result)
    filled = tuple(
        Item(
            item["id"],
            item["label"],
            item["evidence"],
            answer(item["evidence"], result) or _of_another_modality(item, modalities),
            weight=item.get("weight", 0.0),
            points=tuple(item.get("points", ())),
            conditional="if" in item,
        )
        for item in content["items"]
    )
    return Checklist(name, content["doi"], filled, content.get("score", ""))


def _of_another_modality(item: Mapping[str, Any], modalities: frozenset[str]) -> Answer | None:
    """Not applicable: an item on images of another modality than those of the study, where all of these are known."""
    asked = set(item.get("only", ()))
    if not asked or not modalities or asked & modalities:
        return None
    return Answer(f"Not applicable: the images are {', '.join(sorted(modalities))}.", applies=False)


def _score(one: Checklist) -> str:
    answered = len(one.items) - one.gaps
    score = f"{answered} of {len(one.items)} items answered; {count(one.gaps, 'gap')}."
    return " ".join(
        filter(None, [score, score_words(one), f"Item labels are abridged; see doi.org/{one.doi}."])
    )


def _table(one: Checklist) -> Table:
    head = ("Item", "About", *(("Earned",) if one.rule else ()), "Answer")
    rows = [
        (item.number, item.label, *((worth_words(item),) if one.rule else ()), _cell(item))
        for item in one.items
    ]
    return table(f"{one.name}, filled", head=head, rows=rows, prose=True)


def _cell(item: Item) -> Cell:
    if item.answer is None:
        how = (
            f"state {item.evidence!r} in the protocol"
            if not item.evidence.startswith("auto.")
            else f"no artefact of this run answers it; state {item.evidence!r}"
        )
        return Cell(f"GAP: {how}.", strong=True)
    return Cell(item.answer.text, link=item.answer.anchor)
