"""What answers a checklist item: an artefact of the run, the protocol, or a statement in it; never a guess."""

from collections.abc import Callable, Mapping
from functools import partial

from ..study.result import ArmResult, Result
from .answers import Answer, AskArm, analysed, stated, together
from .components import reported
from .evidence_images import IMAGES
from .evidence_models import MODELS
from .headings import reserve
from .numbers import count, words

NAMES: Mapping[str, str] = {
    "decision_curve": "clinical utility (decision curves)",
    "chance": "permutation test against chance",
    "comparison": "paired comparisons",
    "cutoffs": "AUC at cut-offs of the reference",
    "noninferiority": "non-inferiority",
    "detectable": "what the comparisons could have shown",
    "null_refits": "refits on dealt labels",
}
"""Analysis -> its name among those run, where its own says too little."""


def answer(evidence: str, result: Result) -> Answer | None:
    """People's own statement first, because it may say more; then the artefact; then what a component reports."""
    said = result.study.statements.get(evidence, "").strip()
    if said:
        return stated(said)
    if evidence in STUDY:
        return STUDY[evidence](result)
    return together(result, partial(_of_arm, evidence))


def _of_arm(evidence: str, name: str, arm: ArmResult) -> Answer | None:
    ask = EACH_ARM.get(evidence) or IMAGES.get(evidence) or MODELS.get(evidence)
    return (ask(name, arm) if ask else None) or reported(name, arm, evidence)


def _pooled_sites(name: str, arm: ArmResult) -> Answer | None:
    """Heterogeneity is answered only where sites could be pooled."""
    rows = arm.findings.rows
    done = rows[
        (rows["analysis"] == "sites") & rows["quantity"].str.endswith(", pooled") & rows["value"].notna()
    ]
    return (
        Answer("Performance at each site, pooled with random effects.", f"{name}-sites")
        if len(done)
        else None
    )


def _sites(name: str, arm: ArmResult) -> Answer:
    n = arm.prepared.reference.table["site"].nunique()
    return Answer(
        f"{count(n, 'site')} (number only: settings and places are for the authors).", f"{name}-participants"
    )


def _eligibility(name: str, arm: ArmResult) -> Answer:
    steps = "; ".join(f"{s.criterion} ({len(s.excluded)} excluded)" for s in arm.prepared.cohort.flow)
    return Answer(f"In the order applied: {steps}." if steps else "No case was excluded.", f"{name}-flow")


def _flow(name: str, arm: ArmResult) -> Answer:
    steps = arm.prepared.cohort.flow
    assessed = steps[0].entered if steps else len(arm.prepared.cohort)
    return Answer(f"{assessed} assessed, {len(arm.prepared.reference)} included.", f"{name}-flow")


def _outcome(name: str, arm: ArmResult) -> Answer:
    return Answer(f"{arm.arm.outcome.label}.", f"arm-{name}")


def _outcome_threshold(name: str, arm: ArmResult) -> Answer | None:
    outcome = arm.arm.outcome
    if outcome.kind == "graded":
        return Answer(
            f"Positive from grade {outcome.name_of(outcome.threshold)}, fixed in the protocol.", f"arm-{name}"
        )
    if outcome.kind == "binary" and outcome.at_least is not None:
        return Answer(
            f"Positive where {outcome.field} is at least {outcome.at_least:g}, fixed in the protocol.",
            f"arm-{name}",
        )
    return None


def _predictors(name: str, arm: ArmResult) -> Answer:
    tests = arm.arm.index_tests
    fields = {field for test in tests.values() for extractor in test.features for field in extractor.reads}
    return Answer(
        f"{count(len(fields), 'field')} with labels and units (timing is for the authors).",
        f"{name}-participants",
    )


def _predictor_handling(name: str, arm: ArmResult) -> Answer:
    kinds = "; ".join(
        f"{n}: {', '.join(e.kind for e in test.features)}" for n, test in arm.arm.index_tests.items()
    )
    return Answer(
        f"Extractors by index test: {kinds}. Imputation, scaling and encoding are learnt inside each part.",
        f"{name}-partition",
    )


def _models(name: str, arm: ArmResult) -> Answer | None:
    kinds = "; ".join(f"{test.label}: {test.model.kind}" for test in arm.arm.index_tests.values())
    return Answer(
        f"{kinds}; parameters in the protocol.", f"{name}-models" if len(arm.models) else f"{name}-partition"
    )


def _partition(name: str, arm: ArmResult) -> Answer:
    folds = arm.prepared.folds
    return Answer(
        f"{arm.arm.design.partition.kind}, {count(len(folds), 'part')}; participants never straddle.",
        f"{name}-partition",
    )


def _missing(name: str, _: ArmResult) -> Answer:
    return Answer(
        "Missing values by field and outcome; index tests impute within the training part.", f"{name}-missing"
    )


def _characteristics(name: str, _: ArmResult) -> Answer:
    return Answer("Characteristics by outcome, and by site where there are several.", f"{name}-participants")


def _counts(name: str, arm: ArmResult) -> Answer:
    counts = ", ".join(f"{what} {n}" for what, n in arm.prepared.reference.counts().items())
    return Answer(
        f"{counts}; n and events of every estimate stand beside it, in its table or in estimates.csv.",
        f"{name}-flow",
    )


def _performance(name: str, arm: ArmResult) -> Answer | None:
    for kind in ("discrimination", "prognosis", "agreement"):
        answer = analysed(kind, "Estimates with 95% confidence intervals.")(name, arm)
        if answer:
            return answer
    return None


def _plan(name: str, arm: ArmResult) -> Answer | None:
    kinds = list(dict.fromkeys([*arm.findings.rows["analysis"], *arm.findings.curves["analysis"]]))
    if not kinds:
        return None
    named = [NAMES.get(kind, words(kind).lower()) for kind in kinds]
    return Answer(f"Analyses run: {', '.join(named)}; each table names its method.", f"{name}-{kinds[0]}")


def _thresholds(name: str, arm: ArmResult) -> Answer | None:
    cuts = [f"{t.label} {c.value:g} ({c.source})" for t in arm.predictions.tests for c in t.thresholds]
    run = "accuracy" in set(arm.findings.rows["analysis"])
    return Answer(f"{'; '.join(cuts)}.", f"{name}-accuracy" if run else f"arm-{name}") if cuts else None


def _of_protocol(ask: AskArm, *, locked: str, unlocked: str) -> Callable[[Result], Answer | None]:
    """An answer that starts with `locked` where a lock vouches for it, else with `unlocked` and a reserve."""

    def found(result: Result) -> Answer | None:
        answer = together(result, ask)
        if answer is None:
            return None
        unproven = reserve(result.provenance)
        text = f"{unlocked}{answer.text} {unproven}" if unproven else f"{locked}{answer.text}"
        return Answer(text, answer.anchor)

    return found


def _unavailable(name: str, _: ArmResult) -> Answer:
    return Answer("Cases for which a test could not be had are counted, test by test.", f"{name}-flow")


def _severity(name: str, arm: ArmResult) -> Answer | None:
    if arm.arm.outcome.kind != "graded":
        return None
    return analysed("staging", "Scores by grade of the reference standard.")(name, arm)


def _objectives(result: Result) -> Answer:
    return Answer(result.study.question, "question")


def _given(text: str, anchor: str) -> Answer | None:
    return Answer(text, anchor) if text and not text.startswith("not registered") else None


def _protocol(result: Result) -> Answer:
    found = result.provenance
    return Answer(f"Protocol fingerprint {found.protocol[:16]}; {found.lock}.", "provenance")


def _code(result: Result) -> Answer | None:
    found = result.provenance
    if found.commit == "unknown":
        return None
    return Answer(
        f"hepar {found.hepar}, protocol's repository at commit {found.commit}, package versions listed.",
        "provenance",
    )


def _audit(_: Result) -> Answer:
    return Answer(
        "Every prediction, estimate and curve is kept beside this report, with the fingerprint of the data.",
        "provenance",
    )


def _limitations(result: Result) -> Answer | None:
    if not result.study.limits:
        return None
    return Answer(
        f"{count(len(result.study.limits), 'limit')} stated in the protocol, beside those found by rule.",
        f"{next(iter(result.arms))}-limits",
    )


STUDY: Mapping[str, Callable[[Result], Answer | None]] = {
    "study.title": lambda r: _given(r.study.title, "question"),
    "study.intended_use": lambda r: _given(r.study.intended_use, "question"),
    "study.objectives": _objectives,
    "study.registration": lambda r: _given(r.study.registration, "question"),
    "auto.protocol": _protocol,
    "auto.code": _code,
    "auto.audit": _audit,
    "auto.software": lambda r: Answer(
        f"hepar {r.provenance.hepar}; versions of every package.", "provenance"
    ),
    "auto.initialisation": lambda _: Answer("The seeds of every arm.", "provenance"),
    "auto.limitations": _limitations,
    "auto.thresholds": _of_protocol(
        _thresholds, locked="Pre-specified: ", unlocked="Cut-offs of the protocol: "
    ),
    "auto.subgroups": _of_protocol(
        analysed("subgroups", "Performance in each."),
        locked="Pre-specified subgroups. ",
        unlocked="Subgroups named in the protocol. ",
    ),
    "auto.crosstab": _of_protocol(
        analysed("accuracy", "Cross-tabulation at each."),
        locked="Pre-specified cut-offs. ",
        unlocked="Cut-offs of the protocol. ",
    ),
}

EACH_ARM: Mapping[str, AskArm] = {
    "auto.sites": _sites,
    "auto.eligibility": _eligibility,
    "auto.flow": _flow,
    "auto.outcome": _outcome,
    "auto.outcome_threshold": _outcome_threshold,
    "auto.predictors": _predictors,
    "auto.predictor_handling": _predictor_handling,
    "auto.models": _models,
    "auto.partition": _partition,
    "auto.missing": _missing,
    "auto.characteristics": _characteristics,
    "auto.counts": _counts,
    "auto.performance": _performance,
    "auto.plan": _plan,
    "auto.unavailable": _unavailable,
    "auto.severity": _severity,
    "auto.sample_size": analysed("sample_size", "Sample size criteria beside what was available."),
    "auto.sites_analysis": _pooled_sites,
}
