"""The sections of one arm, in the order in which a reader asks."""

from collections.abc import Sequence

import pandas as pd

from ..data.outcome import Graded, Outcome
from ..study.protocol import Study
from ..study.result import ArmResult
from . import baseline, flow
from .acquisition import acquisition_table
from .batches import harmonisation_section
from .blocks import Block, Bullets, Figure, Section, Table, Text, table
from .data_audit import data_audit_section
from .explanation import explanation_section
from .followup import follow_up_tables, is_follow_up
from .forests import forests
from .headings import ANALYSES, Heading, heading_of
from .limits import found_limits
from .numbers import count, plain, share, words
from .plots import Plot, plots
from .steps import steps_section, terms_of_steps
from .tables import estimate_tables
from .verdict import verdict

POOLED = (
    "Each part has index tests of its own, fitted on the other parts. One AUC or C over all parts therefore mixes the"
    " scores of several models, and some of its pairs of cases compare a score of one model with a score of another."
    " Comparators are the same rule in every part and are not affected by that. What is called 'within folds' compares"
    " only cases of the same part, hence scores of the same model; it stands beside the pooled estimate where the"
    " analysis gave it. It leaves out the pairs of cases of different parts, so a comparator's differs a little too."
)
"""What a pooled measure over several parts is."""


def arm_sections(
    name: str, arm: ArmResult, *, rows: pd.DataFrame, study: Study, unproven: str = ""
) -> Section:
    """The part of the report about one arm; `rows` are its lines of the estimates table.

    `unproven` says why cut-offs and subgroups may not be called pre-specified; empty where they may.
    """
    parts = [
        _section(name, "verdict", "Verdict", blocks=verdict(arm)),
        _section(name, "limits", "Limits", blocks=_limits(arm, study)),
        _section(name, "flow", "Participant flow", blocks=_flow(name, arm)),
        _section(name, "participants", "Participants", blocks=_participants(arm)),
        _section(name, "missing", "Missing values", blocks=_missing(arm)),
        data_audit_section(name, arm, simulated=study.simulated),
        _section(name, "partition", "Validation design", blocks=_partition(arm)),
        *_analyses(name, arm, rows, unproven=unproven),
        explanation_section(name, arm),
        harmonisation_section(name, arm),
        steps_section(name, arm),
        _section(name, "models", "Model terms", blocks=_models(arm)),
        _section(name, "data", "Data", blocks=_data(arm)),
    ]
    title = arm.arm.title if len(study.arms) > 1 else f"Results: {arm.arm.title}"
    blocks = (Text(f"Outcome: {outcome_words(arm.arm.outcome)}. {_tests_words(arm)}"),)
    return Section(f"arm-{name}", title, blocks, tuple(part for part in parts if part))


def outcome_words(outcome: Outcome) -> str:
    """The outcome in a sentence's end."""
    if isinstance(outcome, Graded):
        grades = ", ".join(outcome.name_of(grade) for grade in outcome.grades)
        return f"{outcome.label}; grades {grades}, positive from {outcome.name_of(outcome.threshold)}"
    horizons = getattr(outcome, "horizons_y", ())
    return outcome.label + (f"; horizons {', '.join(plain(h) for h in horizons)} years" if horizons else "")


def _tests_words(arm: ArmResult) -> str:
    index = ", ".join(test.label for test in arm.predictions.tests if test.role == "index")
    others = ", ".join(test.label for test in arm.predictions.tests if test.role == "comparator")
    return f"Index tests: {index}. Comparators: {others}." if others else f"Index tests: {index}."


def _section(arm: str, key: str, title: str, *, blocks: Sequence[Block]) -> Section:
    return Section(f"{arm}-{key}", title, tuple(blocks))


def _limits(arm: ArmResult, study: Study) -> list[Block]:
    limits = [*study.limits, *found_limits(arm)]
    return [
        Bullets(tuple(limits))
        if limits
        else Text("The protocol states no limits, and none were found by rule.")
    ]


def _flow(name: str, arm: ArmResult) -> list[Block]:
    numbers = flow.flow(arm)
    steps = table(
        "Exclusions in the order in which they were applied",
        head=("Step", "Entered", "Excluded", "of which value missing", "Remained"),
        rows=[
            (s.criterion, f"{s.entered}", f"{len(s.excluded)}", f"{s.missing}", f"{s.remained}")
            for s in numbers.steps
        ],
    )
    drawing = Figure(flow.draw(numbers, key=f"{name}-flow"), "Flow of participants (STARD 2015).", wide=True)
    failed = numbers.failures()
    reasons = table(
        "Why features could not be extracted",
        head=("Step", "Reason", "Cases"),
        rows=[(step, why, f"{n}") for step, why, n in failed],
        notes=["Which cases these are stands in failures.csv, which is not to be passed on."],
        prose=True,
    )
    tables = [*([steps] if numbers.steps else []), *([reasons] if failed else []), _availability(arm)]
    return [drawing, *tables]


def _availability(arm: ArmResult) -> Table:
    rows = []
    for test in arm.predictions.tests:
        found = flow.flow_of_test(arm.predictions, test)
        total = found.available + found.missing
        rows.append((test.label, test.role, share(found.available, total), share(found.missing, total)))
    return table("Availability of each test", head=("Test", "Role", "With a result", "Without"), rows=rows)


def _participants(arm: ArmResult) -> list[Block]:
    prepared = arm.prepared
    by_outcome = baseline.outcome_groups(prepared.reference)
    blocks: list[Block] = [
        baseline.characteristics(
            prepared, by_outcome, caption="Characteristics of the included cases, by outcome"
        )
    ]
    if prepared.reference.table["site"].nunique() > 1:
        sites = baseline.site_groups(prepared.reference)
        caption = "Characteristics of the included cases, by site"
        blocks.append(baseline.characteristics(prepared, sites, caption=caption, by_site=True))
    return blocks


def _missing(arm: ArmResult) -> list[Block]:
    found = baseline.missingness(arm.prepared)
    if found is None:
        return [Text("No field of the tests, subgroups or description is missing in any included case.")]
    note = (
        "Index tests impute within their own training part; a comparator that lacks a value gives no result."
    )
    return [Text(note), found]


def _partition(arm: ArmResult) -> list[Block]:
    rule = arm.arm.design.partition
    settings = ", ".join(
        f"{k}: {v}" for k, v in rule.model_dump(mode="json", by_alias=True).items() if k != "kind"
    )
    text = f"Partition {rule.kind!r}{f' ({settings})' if settings else ''}; seed {arm.arm.design.seed}."
    parts = sum(fold.role == "cross-validated" for fold in arm.prepared.folds)
    pooled = [Text(POOLED)] if parts > 1 else []
    return [Text(text), *pooled, baseline.partition(arm.prepared)]


def _analyses(name: str, arm: ArmResult, rows: pd.DataFrame, *, unproven: str) -> list[Section]:
    findings = arm.findings
    kinds = dict.fromkeys([*findings.rows["analysis"], *findings.curves["analysis"]])
    ordered = sorted(
        kinds, key=lambda kind: list(ANALYSES).index(kind) if kind in ANALYSES else len(ANALYSES)
    )
    return [
        _analysis(
            name,
            arm,
            kind,
            rows=rows[rows["analysis"] == kind],
            heading=heading_of(kind, unproven=unproven) or Heading(words(kind)),
        )
        for kind in ordered
    ]


def _analysis(name: str, arm: ArmResult, kind: str, *, rows: pd.DataFrame, heading: Heading) -> Section:
    outcome = arm.arm.outcome
    plot = Plot(
        curves=arm.findings.curves[arm.findings.curves["analysis"] == kind],
        rows=rows,
        labels={test.name: test.label for test in arm.predictions.tests},
        index=frozenset(test.name for test in arm.predictions.index_tests()),
        outcome=outcome.label,
        grades=tuple(outcome.name_of(g) for g in outcome.grades) if isinstance(outcome, Graded) else (),
        key=f"{name}-{kind}",
        predictions=arm.predictions,
        unit=getattr(outcome, "unit", ""),
    )
    drawn = plots(plot) + (forests(plot) if heading.forest else [])
    own = rows[(rows["quantity"] != "at risk") & ~is_follow_up(rows)]
    tables = follow_up_tables(rows) + estimate_tables(own, labels=plot.labels, caption=heading.title)
    in_unit = f" Unit of the outcome: {plot.unit}." if plot.unit and kind == "agreement" else ""
    intro = [Text(f"{heading.intro}{in_unit}")] if heading.intro else []
    return Section(f"{name}-{kind}", heading.title, (*intro, *drawn, *tables))


def _models(arm: ArmResult) -> list[Block]:
    labels = {test.name: test.label for test in arm.predictions.tests}
    tables: list[Block] = []
    own = arm.models[~terms_of_steps(arm)]
    for test, terms in own.groupby("test", sort=False):
        found = terms.groupby("term", sort=False)["value"].agg(["median", "min", "max", "size"])
        strongest = found.iloc[(-found["median"].abs()).argsort(kind="stable")].head(40)
        rows = [
            (
                str(term),
                _term(row["median"]),
                f"{_term(row['min'])} to {_term(row['max'])}",
                f"{row['size']:.0f}",
            )
            for term, row in strongest.iterrows()
        ]
        more = (
            (f"The {len(found) - 40} terms with the smallest medians are left out.",)
            if len(found) > 40
            else ()
        )
        caption = f"What the models of {labels.get(str(test), str(test))} say of themselves, over the parts"
        tables.append(table(caption, head=("Term", "Median", "Range", "Parts"), rows=rows, notes=more))
    return tables


def _term(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _data(arm: ArmResult) -> list[Block]:
    blocks: list[Block] = []
    source = arm.prepared.dataset
    if source is not None:
        rows = [
            ("Title", source.title),
            ("Source", source.source),
            ("Licence", source.licence),
            ("Citation", source.citation),
        ]
        blocks.append(table("Data set", head=("What", "Said by its dictionary"), rows=rows, prose=True))
    images = acquisition_table(arm)
    blocks += [images] if images else []
    notes = arm.prepared.cohort.notes
    if notes:
        changes = [(n.field, n.what, f"{n.n}") for n in notes]
        blocks.append(
            table("What reading the data changed", head=("Field", "Note", "Values"), rows=changes, prose=True)
        )
    else:
        blocks.append(
            Text(
                f"Reading the data changed none of the values of the {count(len(arm.prepared.cohort), 'case')}."
            )
        )
    return blocks
