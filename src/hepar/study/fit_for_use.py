"""What a protocol asks of its data and its software, refused before anything is computed."""

from collections.abc import Iterator

from ..core.errors import DataError, ProtocolError, RunError, choices
from ..core.packages import refuse_absent
from ..data.cohort import Cohort
from ..data.dictionary import Dataset
from ..data.eligibility import Condition
from ..data.outcome import Binary, TimeToEvent
from ..data.reference import Reference
from ..features.base import Extractor
from ..models.base import Model
from ..stats.estimate import StatisticError
from ..stats.ipcw import require_horizon
from .partition import Temporal
from .protocol import Arm
from .steps import steps_of

FEATURE_KINDS = ("number", "ordinal", "boolean", "category")
GROUP_KINDS = ("ordinal", "boolean", "category")
NUMBER_KINDS = ("number", "ordinal")


def refuse_unfit_protocol(arm: Arm, cohort: Cohort, dataset: Dataset | None) -> None:
    """Refuse what can be known from the protocol and the dictionary alone."""
    _refuse_missing_means(arm)
    _refuse_repeats_unjudged(arm)
    _refuse_unknown_fields(arm, cohort)
    _refuse_kinds(arm, cohort)
    _refuse_absent_acquisitions(arm, cohort)
    for condition in _conditions(arm):
        if condition.field in cohort.fields:
            condition.refuse_misfit(cohort.fields[condition.field])
    if dataset is not None:
        _refuse_leaks(arm, dataset)


def refuse_unlearnable(known: Reference) -> None:
    """Refuse an outcome that everyone or no one has, or a horizon that nobody was followed to."""
    counts = known.counts()
    if "events" in counts and counts["events"] in (0, counts["cases"]):
        raise DataError(
            f"{counts['events']} of {counts['cases']} included cases have the outcome ({known.outcome.label}); a study"
            " needs cases with and without it: check the outcome's rule and the eligibility criteria"
        )
    for horizon_y in known.horizons_y:
        try:
            require_horizon(known.time_y, known.status, horizon_y=horizon_y)
        except StatisticError as error:
            raise DataError(f"outcome.horizons_y: {error}") from None


def _conditions(arm: Arm) -> list[Condition]:
    found = [c for criterion in arm.eligibility for c in (criterion.include, criterion.exclude)]
    if isinstance(arm.outcome, Binary) and arm.outcome.one_of:
        found.append(Condition(field=arm.outcome.field, op="in", value=arm.outcome.one_of))
    if isinstance(arm.outcome, TimeToEvent):
        found += [arm.outcome.event, arm.outcome.competing]
    if isinstance(arm.design.partition, Temporal):
        found.append(arm.design.partition.later)
    return [condition for condition in found if condition is not None]


def _refuse_missing_means(arm: Arm) -> None:
    for name, test in arm.index_tests.items():
        parts: tuple[Extractor | Model, ...] = (*test.features, test.model)
        for part in parts:
            refuse_absent(part.packages, what=f"{part.kind!r} of index test {name!r}")
        if test.model.device != "cpu":
            _refuse_absent_device(test.model, name)


def _refuse_absent_device(model: Model, name: str) -> None:
    from ..nets.device import is_there

    if not is_there(model.device):
        raise RunError(
            f"{model.kind!r} of index test {name!r} is to be trained on {model.device}, and torch finds no such device"
            " here; run it on a machine that has one (with a torch for it), or set device: cpu in its training"
        )


def _refuse_repeats_unjudged(arm: Arm) -> None:
    """Refuse perturbed repeats that no step would take away before the model: they are no features."""
    for name, test in arm.index_tests.items():
        repeats = max(getattr(extractor, "repeats", 0) for extractor in test.features)
        steps = [step.kind for _, step in steps_of(test.model)]
        if repeats and "stable" not in steps[:1]:
            has = f"its steps begin with {steps[0]!r}" if steps else f"model {test.model.kind!r} has no steps"
            raise ProtocolError(
                f"index test {name!r} measures each feature again (repeats: {repeats}), which only the step 'stable'"
                f" can use, and {has}; put 'stable' first among the steps of a piped model, or set repeats: 0"
            )


def _refuse_unknown_fields(arm: Arm, cohort: Cohort) -> None:
    known = cohort.field_names()
    for reader, fields in arm.reads.items():
        unknown = [field for field in fields if field not in known]
        if unknown:
            raise ProtocolError(
                f"{reader} reads field {unknown[0]!r}, which the dictionary does not have; {choices(unknown[0], known)}"
            )


def _refuse_absent_acquisitions(arm: Arm, cohort: Cohort) -> None:
    have = {modality for case in cohort for modality in case.acquisitions}
    for reader, name in _acquisitions(arm):
        if name not in have:
            what = choices(name, have) if have else "the dictionary declares none: add it under acquisitions"
            raise ProtocolError(f"{reader} needs a {name!r} acquisition, which no case has; {what}")


def _acquisitions(arm: Arm) -> Iterator[tuple[str, str]]:
    """Who needs which acquisition."""
    for criterion in arm.eligibility:
        if criterion.needs is not None:
            yield f"criterion {criterion.name!r}", criterion.needs
    for test_name, test in arm.index_tests.items():
        for extractor in test.features:
            yield from ((f"index test {test_name!r}", name) for name in extractor.acquisitions)


def _refuse_kinds(arm: Arm, cohort: Cohort) -> None:
    """Refuse dates and free text in tests, and numbers too as subgroups: they would print patients one by one."""
    allowed = {**dict.fromkeys(arm.read_by_tests, FEATURE_KINDS), "subgroups": GROUP_KINDS}
    for reader, kinds in allowed.items():
        for name in arm.reads[reader]:
            _refuse_kind(cohort, name, reader=reader, allowed=kinds)
    for test_name, test in arm.index_tests.items():
        for name in (field for extractor in test.features for field in extractor.numeric):
            _refuse_kind(cohort, name, reader=f"index test {test_name!r}, log", allowed=NUMBER_KINDS)
    for comparator_name, comparator in arm.comparators.items():
        if comparator.kind == "field":
            for name in comparator.needs:
                allowed_here = (*NUMBER_KINDS, "boolean")
                _refuse_kind(cohort, name, reader=f"comparator {comparator_name!r}", allowed=allowed_here)


def _refuse_kind(cohort: Cohort, name: str, *, reader: str, allowed: tuple[str, ...]) -> None:
    field = cohort.fields.get(name)
    if field is not None and field.kind not in allowed:
        raise ProtocolError(
            f"{reader} reads {name!r}, which is of kind {field.kind}; allowed: {', '.join(allowed)}. Derive or code"
            " what you need of it in the dictionary"
        )


def _refuse_leaks(arm: Arm, dataset: Dataset) -> None:
    """Refuse a test that reads the outcome under another name, or what is known only after baseline."""
    outcome = frozenset().union(*(dataset.columns_of(field) for field in arm.outcome.fields))
    for reader, fields in arm.read_by_tests.items():
        for field in fields:
            shared = sorted(dataset.columns_of(field) & outcome)
            if shared:
                raise ProtocolError(
                    f"{reader} reads {field!r}, made of column {shared[0]!r} as the outcome is; remove it"
                )
            if dataset.is_follow_up(field):
                raise ProtocolError(
                    f"{reader} reads {field!r}, which is known only after baseline (follow_up in the dictionary);"
                    " remove it"
                )
