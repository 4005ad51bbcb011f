"""The audit of data in print: a section of a report, a page of its own, and the same as JSON and CSV."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from .._version import __version__
from ..core.atomic import write_atomically
from ..io.csv_text import csv_text
from ..study.audit.audit import audit
from ..study.audit.finding import SEVERITIES, Audit, Finding, Look
from ..study.audit.of_protocol import subject_of
from ..study.audit.rules import REASONS
from ..study.result import ArmResult
from .blocks import Block, Bullets, Section, Table, Text, table
from .numbers import count, p_value, share, with_interval
from .sheet import NOT_A_DEVICE

TITLE = "Data audit"
CSV_HEAD = ("arm", "rule", "severity", "group", "id")
LISTED = "Which cases these are stands in the file audit.csv that hepar audit data writes; do not pass it on."
MANY = {"serious": "serious"}
"""Plurals that are not made by an s."""
MOST_ROWS = 40
"""Fields of a table, those with the highest AUC."""
ALONE = (
    "Each field alone, by its strongest contrast. A number is taken by its rank, whichever way it points (DeLong, or"
    " Obuchowski where participants have several cases); categories, and numbers of few values, by the rate of the"
    " outcome in their level among other participants, so that a level for each participant tells nothing. With many"
    " levels or few cases the AUC of a category errs low: its lower limit holds, its upper one may not."
)


def data_audit_section(name: str, arm: ArmResult, *, simulated: bool) -> Section:
    """The audit of an arm's table, as a section of its report; pictures are left to `hepar audit data`."""
    found = audit(subject_of(arm.prepared, simulated=simulated), pictures=False)
    return Section(f"{name}-audit", TITLE, blocks(found))


def blocks(found: Audit) -> tuple[Block, ...]:
    """What was found, each field alone, labels by site, what was not looked at, and the limits."""
    tables = (_found(found), _alone(found, "metadata"), _alone(found, "missing"), _labels(found), _limits())
    notes = [Bullets(found.notes)] if found.notes else []
    return (_verdict(found), *(one for one in tables if one is not None), *notes)


def lines(found: Audit) -> list[str]:
    """The audit in a few lines of plain text."""
    kinds = [one for one in found.findings if one.severity != "note"]
    head = f"data audit: {_counted(found)}"
    return [head, *(f"  {one.severity}: {one.what}" for one in kinds)]


def write_audit(found: Sequence[Audit], folder: Path, *, title: str, of: str) -> Path:
    """Write audit.html, audit.json and audit.csv into `folder`; gives the page, which is written last.

    `of` is the fingerprint of what was audited. Only audit.csv names cases.
    """
    write_atomically(folder / "audit.csv", csv_text(CSV_HEAD, _rows(found)))
    text = json.dumps([as_json(one) for one in found], indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "audit.json", text + "\n")
    write_atomically(folder / "audit.html", page(found, title=title, of=of))
    return folder / "audit.html"


def page(found: Sequence[Audit], *, title: str, of: str) -> str:
    """The page as text."""
    templates = files("hepar.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((templates / "report.html.j2").read_text(encoding="utf-8"))
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return template.render(
        study=_Headed(f"{TITLE}: {title}", simulated=any(one.simulated for one in found)),
        provenance=_Origin(__version__, now, of),
        sections=[Section(f"arm-{one.name}", one.name, blocks(one)) for one in found],
        style=Markup((templates / "report.css").read_text(encoding="utf-8")),
        notice=NOT_A_DEVICE,
    )


def as_json(found: Audit) -> Mapping[str, Any]:
    """Counts, findings and looks as plain values; no case, no NaN."""
    return {
        "name": found.name,
        "simulated": found.simulated,
        "cases": found.cases,
        "participants": found.participants,
        "pictures": found.pictures,
        "tests": found.tests,
        "findings": [_plain(one, leave_out=("cases",)) for one in found.findings],
        "looks": [_plain(one) for one in found.looks],
        "labels": {site: dict(counts) for site, counts in found.labels.items()},
        "notes": list(found.notes),
        "limits": {what: {"value": value, "why": why} for what, (value, why) in REASONS.items()},
    }


@dataclass(frozen=True, slots=True)
class _Headed:
    """What the page's template reads of a study."""

    title: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the page's template reads of a provenance."""

    hepar: str
    started: str
    protocol: str
    lock: str = "data audit, nothing was learnt"
    deviations: tuple[str, ...] = ()


def _plain(one: Finding | Look, *, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in one.__dataclass_fields__ if name not in leave_out}
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def _rows(found: Sequence[Audit]) -> list[tuple[str, ...]]:
    return [
        (one.name, finding.rule, finding.severity, f"{number}", case)
        for one in found
        for finding in one.findings
        for number, group in enumerate(finding.cases, start=1)
        for case in group
    ]


def _counted(found: Audit) -> str:
    held = {kind: sum(one.severity == kind for one in found.findings) for kind in SEVERITIES}
    told = ", ".join(count(n, kind, MANY.get(kind)) for kind, n in held.items() if n)
    seen = f"{count(found.cases, 'case')} of {count(found.participants, 'participant')}"
    pictures = f", {count(found.pictures, 'picture')}" if found.pictures else ""
    return f"{told or 'nothing found'} ({seen}{pictures}; {count(found.tests, 'test')}, adjusted by Holm)"


def _verdict(found: Audit) -> Text:
    return Text(f"{_counted(found)[0].upper()}{_counted(found)[1:]}.", "good" if found.clean else "warning")


def _found(found: Audit) -> Table | None:
    if not found.findings:
        return None
    rows = [(one.severity, one.what, one.do) for one in found.findings]
    listed = [LISTED] if any(one.cases for one in found.findings) else []
    head = ("Severity", "What was found", "What to do")
    return table("Findings of the audit", head=head, rows=rows, notes=listed, prose=True)


def _alone(found: Audit, family: str) -> Table | None:
    best: dict[str, Look] = {}
    for look in found.looks:
        if look.family == family:
            best[look.field] = max(best.get(look.field, look), look, key=lambda one: one.auc)
    if not best:
        return None
    shown = sorted(best.values(), key=lambda look: -look.auc)[:MOST_ROWS]
    rows = [
        (
            look.field,
            look.contrast,
            share(look.events, look.n),
            f"{look.missing}",
            f"{look.levels}",
            with_interval(look.auc, look.low, look.high),
            p_value(look.p_adjusted),
        )
        for look in shown
    ]
    more = (
        [f"{count(len(best) - MOST_ROWS, 'field')} with lower AUC left out."] if len(best) > MOST_ROWS else []
    )
    caption = "What metadata alone tell" if family == "metadata" else "What it tells that a field is missing"
    return table(
        caption,
        head=("Field", "Tells", "Of the cases", "Missing", "Values", "AUC (95% CI)", "p, adjusted"),
        rows=rows,
        notes=[*([ALONE] if family == "metadata" else []), *more],
        stub=2,
    )


def _labels(found: Audit) -> Table | None:
    if len(found.labels) < 2:
        return None
    names = sorted({name for counts in found.labels.values() for name in counts})
    rows = [(site, *(f"{counts.get(name, 0)}" for name in names)) for site, counts in found.labels.items()]
    return table("Participants by site and label", head=("Site", *names), rows=rows)


def _limits() -> Table:
    rows = [(what, value, why) for what, (value, why) in REASONS.items()]
    return table("Limits of the audit", head=("Of what", "Limit", "Why"), rows=rows, prose=True)
