"""Limits that a report finds by rule, whatever its authors state."""

from collections.abc import Iterator

from ..data.packed import is_packed
from ..study.result import ArmResult
from ..transforms.columns import without_repeats
from .claims import reproduction_limits
from .followup import STATUS_KNOWN, known_share
from .numbers import count, share
from .primary import alone, at, by_horizon, headline_role, label_of, primary_of, rows_of


def found_limits(arm: ArmResult) -> list[str]:
    """Limits that the data and the design show: few events or sites, short follow-up, tests that were not had."""
    return [
        *_size_limits(arm),
        *_failure_limits(arm),
        *_recording_limits(arm),
        *_design_limits(arm),
        *_validation_limits(arm),
        *_follow_up_limits(arm),
        *reproduction_limits(arm),
        *_availability_limits(arm),
    ]


def _size_limits(arm: ArmResult) -> Iterator[str]:
    known = arm.prepared.reference
    counts = known.counts()
    events = counts.get("events")
    if events is None:
        return
    fewest = min(events, counts["cases"] - events) if "positive" in known.table else events
    if fewest < 100:
        what = "events" if events == fewest else "cases without the outcome"
        yield f"Small sample: {fewest} {what}; below 100, estimates of performance are imprecise (Collins 2016)."
    for name in arm.prepared.arm.index_tests:
        candidates, what = _candidates(arm, name)
        learnt = [known.take(fold.train).counts()["events"] for fold in arm.prepared.folds]
        if candidates and learnt and min(learnt) < 10 * candidates:
            yield (
                f"{label_of(arm, name)} was learnt from as few as {min(learnt)} events for {candidates} candidate"
                f" {what}s ({min(learnt) / candidates:.2g} a {what}); below 10, overfitting is likely."
            )


def _candidates(arm: ArmResult, name: str) -> tuple[int, str]:
    """What the model of index test `name` could choose from: fields of a table, or features of images.

    None of what a network reads is counted: it chooses nothing, it makes its own.
    """
    extractors = arm.prepared.arm.index_tests[name].features
    if any(extractor.acquisitions for extractor in extractors):
        features = arm.prepared.features[name]
        arrays = [column for column in features if is_packed(features[column].iloc[0])]
        return 0 if arrays else len(without_repeats(features.columns)), "feature"
    return len({field for extractor in extractors for field in extractor.reads}), "field"


def _failure_limits(arm: ArmResult) -> Iterator[str]:
    steps = [step for step in arm.prepared.cohort.flow if step.failures]
    if steps:
        lost = sum(len(step.failures) for step in steps)
        yield (
            f"The features of {share(lost, steps[0].entered)} of {count(steps[0].entered, 'case')} could not be"
            " extracted. If their images or their disease differ from the others', the figures here are not theirs."
        )


def _recording_limits(arm: ArmResult) -> Iterator[str]:
    """Mixed transducers or presets: what a network learns of them may stand for the disease."""
    for name, told in arm.acquired.items():
        for what in ("preset", "device"):
            if " (" in told.get(what, ""):
                yield (
                    f"Mixed recordings: {name} was recorded with more than one {what}: {told[what]}. If these differ in"
                    " whom they saw, a test may read the device in place of the disease; a held-out site shows it."
                )
                break


def _design_limits(arm: ArmResult) -> Iterator[str]:
    if "external" not in arm.predictions.roles():
        yield "No external validation: every case was predicted by cross-validation within the same data set."
    sites = arm.prepared.reference.table["site"].nunique()
    if sites < 5:
        yield f"Few sites: the cases come from {count(sites, 'site')}, so differences between sites are hardly known."
    counts = arm.prepared.reference.counts()
    if counts["participants"] < counts["cases"]:
        yield f"{counts['cases']} cases come from {counts['participants']} participants; they are not independent."


def _validation_limits(arm: ArmResult) -> Iterator[str]:
    """What intervals and comparisons leave out where every case was predicted within its own cohort."""
    if headline_role(arm) != "cross-validated":
        return
    yield (
        "The confidence intervals take the fitted models as given. That the model of each part would differ with other"
        " training data is not counted, so they are too narrow, the more so the less the models learnt; differences"
        " over training sets count it by a rule of thumb."
    )
    comparators = [test.label for test in arm.predictions.tests if test.role == "comparator"]
    if comparators and arm.predictions.index_tests():
        yield (
            "Home advantage: the index tests were fitted in this cohort, the comparators"
            f" ({', '.join(comparators)}) come from elsewhere. Part of a difference between them may be just that."
        )


def _follow_up_limits(arm: ArmResult) -> Iterator[str]:
    primary = primary_of(arm.prepared.arm.outcome)
    row = alone(at(rows_of(arm, headline_role(arm)), primary, analyses=("prognosis",)), STATUS_KNOWN, "")
    if row is not None and known_share(row) < 0.5:
        what = f"{arm.prepared.arm.outcome.label}{by_horizon(primary)}"
        yield (
            f"Short follow-up: whether there was {what} is known of {share(int(row['value']), int(row['n']))} of the"
            f" {row['n']:.0f} cases only; the others were censored before."
        )


def _availability_limits(arm: ArmResult) -> Iterator[str]:
    table = arm.predictions.table
    for test in arm.predictions.tests:
        rows = table[table["test"] == test.name].drop_duplicates(["case_id", "unit", "role"])
        lost = float(rows["score"].isna().mean()) if len(rows) else 1.0
        if lost >= 0.05:
            share = f"{100 * lost:.0f}% of the cases"
            yield f"{test.label} could not be had for {share}; comparisons with it leave them out."
