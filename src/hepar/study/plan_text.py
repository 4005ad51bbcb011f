"""The analysis plan in words and settings, made of the protocol: what was fixed before any outcome was looked at."""

from collections.abc import Iterator

import yaml

from ..core.component import Component
from .protocol import Arm, IndexTest, Study


def plan_text(study: Study) -> str:
    """The analysis plan of `study` as Markdown."""
    return "\n".join(
        (*_head(study), *(line for name, arm in study.arms.items() for line in _arm(name, arm)), "")
    )


def _head(study: Study) -> Iterator[str]:
    yield f"# Analysis plan: {study.title}"
    yield ""
    if study.simulated:
        yield from ("**SIMULATED DATA: no patient stands behind them.**", "")
    yield f"- Question: {study.question.strip()}"
    yield f"- Registration: {study.registration}"
    yield f"- Intended use: {study.intended_use or 'not stated'}"
    yield f"- Protocol: {study.name}, fingerprint {study.fingerprint}"
    yield from (f"- Limit: {limit}" for limit in study.limits)
    yield from (f"- {key}: {said}" for key, said in study.statements.items())


def _arm(name: str, arm: Arm) -> Iterator[str]:
    yield from ("", f"## Arm {name}: {arm.title}", "", "### Who enters", "")
    yield from (f"{k}. {one.name}" for k, one in enumerate(arm.eligibility, start=1))
    yield f"{len(arm.eligibility) + 1}. a reference standard is there"
    yield from ("", f"### Outcome: {arm.outcome.label} ({arm.outcome.kind})", "")
    yield from _settings(arm.outcome.model_dump(mode="json", by_alias=True, exclude={"label"}))
    yield from ("", "### Who is predicted by whom", "")
    yield _component(arm.design.partition)
    yield f"Seed {arm.design.seed}; {arm.design.risk_groups} risk groups, whose limits come from training cases alone."
    yield from ("", "### Tests", "")
    for test, index in arm.index_tests.items():
        yield from _index(test, index)
    for test, comparator in arm.comparators.items():
        yield f"- comparator **{test}**: {comparator.display}"
        yield from _settings(comparator.model_dump(mode="json", by_alias=True))
    yield from ("", "### Analyses, in this order", "")
    for k, analysis in enumerate(arm.asked, start=1):
        yield f"{k}. {_component(analysis)}"
        yield from _settings(analysis.model_dump(mode="json", by_alias=True))
    if arm.subgroups:
        yield from ("", f"Subgroups: {', '.join(arm.subgroups)}.")


def _index(name: str, test: IndexTest) -> Iterator[str]:
    yield f"- index test **{name}**: {test.label}"
    for cut in test.thresholds:
        yield f"  - threshold {cut.value:g} of the {cut.scale} ({cut.meaning}; {cut.source})"
    parts = {"features": [one.model_dump(mode="json", by_alias=True) for one in test.features]}
    yield from _settings({**parts, "model": test.model.model_dump(mode="json", by_alias=True)})


def _component(one: Component) -> str:
    """The kind and what it does, in the words of its documentation."""
    lines = (type(one).__doc__ or "").strip().splitlines()
    return f"{one.kind}: {lines[0]}" if lines else one.kind


def _settings(document: object) -> Iterator[str]:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    yield from ("", *(f"    {line}" for line in text.splitlines()), "")
