"""The report of a result: one HTML file that needs nothing else, and the same numbers as CSV and JSON beside it."""

import json
import math
from collections.abc import Hashable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ..core.atomic import write_atomically
from ..study.protocol import Study
from ..study.provenance import Provenance
from ..study.result import ArmResult, Result
from . import checklists as lists
from .blocks import Bullets, Section, Text, table
from .flow import flow, reasons_of
from .glossary import glossary
from .headings import reserve
from .limits import found_limits
from .sections import arm_sections
from .verdict import headlines

COUNTS = ("n", "events")
"""Columns of whole numbers, written without a decimal point."""
NOT_A_DEVICE = "Not a medical device; for research use only."


def write_report(result: Result, folder: Path) -> Path:
    """Write report.html and its numbers (estimates.csv, estimates.json, predictions.csv, curves.csv) into `folder`.

    Gives the path of the page. Each file is whole or absent, and the page is written last: where it stands, its
    numbers stand too. Where features could not be extracted, failures.csv says from which cases and why; where
    predictions are explained, explanations.csv says by what. These two and predictions.csv hold case ids; no other
    file does.
    """
    estimates = result.estimates
    page = render(result, estimates=estimates)
    numbers = json.dumps(as_json(result, estimates=estimates), indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / "predictions.csv", _csv(result.predictions))
    _write_if_any(result.failures, folder / "failures.csv")
    _write_if_any(result.explanations, folder / "explanations.csv")
    write_atomically(folder / "curves.csv", _csv(result.curves))
    write_atomically(folder / "estimates.csv", _csv(estimates))
    write_atomically(folder / "estimates.json", numbers + "\n")
    write_atomically(folder / "report.html", page)
    return folder / "report.html"


def _write_if_any(rows: pd.DataFrame, path: Path) -> None:
    """The rows, or nothing: those of an earlier run are removed."""
    if len(rows):
        write_atomically(path, _csv(rows))
    else:
        path.unlink(missing_ok=True)


def render(result: Result, *, estimates: pd.DataFrame) -> str:
    """The page as text."""
    templates = files("hepar.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((templates / "report.html.j2").read_text(encoding="utf-8"))
    style = Markup((templates / "report.css").read_text(encoding="utf-8"))
    study = result.study
    return template.render(
        study=study,
        provenance=result.provenance,
        sections=sections(result, estimates=estimates),
        style=style,
        notice=NOT_A_DEVICE,
    )


def sections(result: Result, *, estimates: pd.DataFrame) -> tuple[Section, ...]:
    """Every section of the page."""
    filled = lists.checklists(result)
    arms = [
        arm_sections(
            name,
            arm,
            rows=estimates[estimates["arm"] == name],
            study=result.study,
            unproven=reserve(result.provenance),
        )
        for name, arm in result.arms.items()
    ]
    used = [*estimates["analysis"], *estimates["quantity"], *result.curves["curve"]]
    return (
        _question(result.study),
        *arms,
        _provenance(result.provenance),
        lists.section(filled),
        glossary(dict.fromkeys(used)),
    )


def as_json(result: Result, *, estimates: pd.DataFrame) -> dict[str, Any]:
    """Study, provenance, flow, counts, checklists and estimates as plain values; no case id, no NaN."""
    found = result.provenance
    return {
        "study": result.study.model_dump(mode="json", by_alias=True),
        "provenance": {name: _plain(getattr(found, name)) for name in found.__dataclass_fields__},
        "arms": {name: _arm_json(arm) for name, arm in result.arms.items()},
        "checklists": lists.as_json(lists.checklists(result)),
        "estimates": [_row_json(row) for row in estimates.to_dict("records")],
    }


def _row_json(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    plain = {str(name): _plain(value) for name, value in row.items()}
    return plain | {
        name: int(plain[name]) for name in COUNTS if plain.get(name) is not None and plain[name] % 1 == 0
    }


def _arm_json(arm: ArmResult) -> dict[str, Any]:
    numbers = flow(arm)
    return {
        "verdict": headlines(arm),
        "limits_found": found_limits(arm),
        "flow": {
            "assessed": numbers.assessed,
            "steps": [
                {
                    "criterion": s.criterion,
                    "entered": s.entered,
                    "excluded": len(s.excluded),
                    "missing": s.missing,
                    **({"failures": dict(reasons_of(s))} if s.failures else {}),
                }
                for s in numbers.steps
            ],
            "included": numbers.included,
            "tests": [
                {"test": t.label, "available": t.available, "missing": t.missing, "outcome": dict(t.outcome)}
                for t in numbers.tests
            ],
        },
        "counts": dict(arm.prepared.reference.counts()),
        "notes": [{"field": n.field, "what": n.what, "n": n.n} for n in arm.prepared.cohort.notes],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _csv(frame: pd.DataFrame) -> str:
    counted = {name: frame[name].astype("Int64") for name in COUNTS if name in frame and _whole(frame[name])}
    return frame.assign(**counted).to_csv(index=False, lineterminator="\n")


def _whole(column: pd.Series) -> bool:
    return bool((column.dropna() % 1 == 0).all())


def _question(study: Study) -> Section:
    intended = (Text(f"Intended use: {study.intended_use}"),) if study.intended_use else ()
    blocks = (Text(study.question), *intended, Text(f"Registration: {study.registration}."))
    return Section("question", "Question", blocks)


def _provenance(found: Provenance) -> Section:
    rows = [
        ("Software", f"hepar {found.hepar}"),
        ("Commit of the protocol's repository", found.commit),
        ("Python and machine", f"{found.python}, {found.machine}"),
        ("Packages", ", ".join(f"{name} {version}" for name, version in found.packages.items())),
        ("Protocol fingerprint", found.protocol),
        *((f"Data fingerprint, {name}", manifest) for name, manifest in found.manifests.items()),
        ("Seeds", ", ".join(f"{name}: {seed}" for name, seed in found.seeds.items())),
        ("Started", found.started),
        ("Lock", found.lock),
    ]
    deviations = (
        (Text("Protocol deviations:", "warning"), Bullets(found.deviations)) if found.deviations else ()
    )
    made = table("Where these numbers come from", head=("What", "Value"), rows=rows, prose=True)
    return Section("provenance", "Provenance", (*deviations, made))
