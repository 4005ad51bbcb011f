"""What answers the items on models: design, tests, comparisons and explanations of the run."""

from collections.abc import Mapping

from ..study.result import ArmResult
from .answers import Answer, AskArm, analysed, has_run
from .components import kinds, learners, with_radiomics
from .numbers import count

CLASSICAL = frozenset({"boosting", "cox", "fine_gray", "logistic", "ridge"})
"""Models that learn from a table of features, not from images."""

SIMPLE = frozenset({"cox", "logistic", "ridge"})
"""Models that a more complex one is to be compared with."""

INSTITUTES = {1: 3, 2: 4}
"""Institutes that validate -> points; more give 5 (Lambin et al., 2017)."""


def _guidelines(_name: str, _arm: ArmResult) -> Answer:
    return Answer(
        "The checklists of this report, filled by the software; their gaps are marked.", "checklists"
    )


def _combined(name: str, arm: ArmResult) -> Answer | None:
    tests = [t.label for t in with_radiomics(arm.arm).values() if "clinical" in kinds(t)]
    return (
        Answer(f"{', '.join(tests)}: radiomic and clinical features in one model.", f"arm-{name}")
        if tests
        else None
    )


def _added_value(name: str, arm: ArmResult) -> Answer | None:
    others = [t.label for key, t in arm.arm.index_tests.items() if key not in with_radiomics(arm.arm)]
    others += [test.label for test in arm.predictions.tests if test.role == "comparator"]
    if not others or not has_run(arm, "comparison"):
        return None
    return Answer(f"Paired comparisons with {', '.join(others)}, on the same patients.", f"{name}-comparison")


def _gold_standard(name: str, arm: ArmResult) -> Answer | None:
    used = [test.label for test in arm.predictions.tests if test.role == "comparator"]
    if not used or not has_run(arm, "comparison"):
        return None
    return Answer(f"Paired comparisons with {', '.join(used)}.", f"{name}-comparison")


def _simple_model(name: str, arm: ArmResult) -> Answer | None:
    simple = [test.label for test in arm.arm.index_tests.values() if learners(test) <= SIMPLE]
    if not simple:
        return None
    if len(simple) == len(arm.arm.index_tests):
        return Answer(f"{', '.join(simple)}: simple already.", f"arm-{name}")
    return (
        Answer(f"{', '.join(simple)}, compared.", f"{name}-comparison")
        if has_run(arm, "comparison")
        else None
    )


def _network(_: str, arm: ArmResult) -> Answer | None:
    """Not applicable where every model is one of tables; else for people to answer."""
    models = {kind for test in arm.arm.index_tests.values() for kind in learners(test)}
    return (
        Answer("Not applicable: no index test is a network.", applies=False) if models <= CLASSICAL else None
    )


def _dimensionality(name: str, arm: ArmResult) -> Answer | None:
    """At least ten events (cases, where there are none) for each term that a simple model keeps."""
    tests = with_radiomics(arm.arm)
    if not all(learners(test) <= SIMPLE for test in tests.values()):
        return None
    terms = arm.models["term"]
    of_a_model = ~terms.str.startswith("chosen ") & ~terms.str.contains(": ", regex=False)
    models = arm.models[arm.models["test"].isin(list(tests)) & of_a_model]
    kept = (
        int((models["value"] != 0).groupby([models["test"], models["fold"]]).sum().max())
        if len(models)
        else 0
    )
    if not kept:
        return None
    counts = [arm.prepared.reference.take(fold.train).counts() for fold in arm.prepared.folds]
    what = "events" if "events" in counts[0] else "cases"
    fewest = min(one[what] for one in counts)
    text = f"Up to {count(kept, 'term')} for as few as {fewest} {what} in training"
    return (
        Answer(f"{text}.", f"{name}-models")
        if fewest >= 10 * kept
        else Answer(f"No: {text}.", f"{name}-models", points=0)
    )


def _scaling(name: str, arm: ArmResult) -> Answer | None:
    models = {kind for test in arm.arm.index_tests.values() for kind in learners(test)}
    if not models <= CLASSICAL:
        return None
    return Answer("Standardised within the training part; trees need no scaling.", f"{name}-partition")


def _ensemble(name: str, arm: ArmResult) -> Answer | None:
    models = {kind for test in arm.arm.index_tests.values() for kind in learners(test)}
    if not models <= CLASSICAL:
        return None
    if "boosting" in models:
        return Answer("Boosted trees; no other ensemble.", f"{name}-models")
    return Answer("Not applicable: every prediction is of one model.", applies=False)


def _tested(role: str, text: str) -> AskArm:
    def ask(name: str, arm: ArmResult) -> Answer | None:
        folds = [fold for fold in arm.prepared.folds if fold.role == role]
        held = sum(len(fold.held_out) for fold in folds)
        return Answer(f"{text}: {count(held, 'case')} held out.", f"{name}-partition") if folds else None

    return ask


def _testing(name: str, arm: ArmResult) -> Answer | None:
    found = [answer.text for ask in (INTERNAL, EXTERNAL) if (answer := ask(name, arm))]
    return Answer(" ".join(found), f"{name}-partition") if found else None


def _validation(name: str, arm: ArmResult) -> Answer:
    """Points of RQS item 12: cross-validation refits the model, so that it is no validation there."""
    table = arm.prepared.reference.table["site"].to_numpy()
    external = [fold for fold in arm.prepared.folds if fold.role == "external"]
    if not external:
        return Answer("None without retraining: cross-validation alone.", f"{name}-partition", points=-5)
    elsewhere = {site for fold in external for site in set(table[fold.held_out]) - set(table[fold.train])}
    if not elsewhere:
        return Answer("On later or other cases of the same institutes.", f"{name}-partition", points=2)
    points = INSTITUTES.get(len(elsewhere), 5)
    return Answer(
        f"On cases of {count(len(elsewhere), 'other institute')}.", f"{name}-partition", points=points
    )


def _resampled(*analyses: str) -> AskArm:
    """One point for the statistic, one more where its cases were predicted by cross-validation."""

    def ask(name: str, arm: ArmResult) -> Answer | None:
        done = [kind for kind in analyses if has_run(arm, kind)]
        if not done:
            return None
        crossed = any(fold.role == "cross-validated" for fold in arm.prepared.folds)
        how = "with 95% confidence intervals" + (", under cross-validation" if crossed else "")
        return Answer(f"Estimates {how}.", f"{name}-{done[0]}", points=1 + crossed)

    return ask


def _cut_off(name: str, arm: ArmResult) -> Answer | None:
    for kind, text in (
        ("risk_groups", "Risk groups with limits from training data."),
        ("accuracy", "Accuracy at the protocol's cut-offs."),
    ):
        if has_run(arm, kind):
            return Answer(text, f"{name}-{kind}")
    return None


def _utility(name: str, arm: ArmResult) -> Answer | None:
    drawn = (arm.findings.curves["analysis"] == "decision_curve").any()
    return Answer("Decision curves.", f"{name}-decision_curve") if drawn else None


def _uncertainty(name: str, arm: ArmResult) -> Answer | None:
    for kind in ("discrimination", "prognosis", "agreement"):
        if has_run(arm, kind):
            return Answer("95% confidence intervals; each table names its method.", f"{name}-{kind}")
    return None


def _tuning(name: str, arm: ArmResult) -> Answer:
    tuned = [test.label for test in arm.arm.index_tests.values() if "tuned" in kinds(test)]
    fixed = [test.label for test in arm.arm.index_tests.values() if "tuned" not in kinds(test)]
    told = [
        f"{', '.join(tuned)}: tuned in folds inside the training part." if tuned else "",
        f"{', '.join(fixed)}: parameters fixed in the protocol." if fixed else "",
    ]
    return Answer(" ".join(filter(None, told)), f"{name}-partition")


def _explained(name: str, arm: ArmResult) -> Answer | None:
    n = arm.explanations["case_id"].nunique()
    return Answer(f"Shapley values of {count(n, 'held-out case')}.", f"{name}-explanation") if n else None


def _feature_statistics(name: str, arm: ArmResult) -> Answer | None:
    return Answer("Terms of every model, over the parts.", f"{name}-models") if len(arm.models) else None


def _disjoint(name: str, _: ArmResult) -> Answer:
    return Answer("By participant, checked before any model is fitted.", f"{name}-partition")


INTERNAL = _tested("cross-validated", "Cross-validation")
EXTERNAL = _tested("external", "Cases apart from the development")

MODELS: Mapping[str, AskArm] = {
    "auto.guidelines": _guidelines,
    "auto.dimensionality": _dimensionality,
    "auto.scaling": _scaling,
    "auto.ensemble": _ensemble,
    "auto.combined": _combined,
    "auto.added_value": _added_value,
    "auto.gold_standard": _gold_standard,
    "auto.simple_model": _simple_model,
    "analysis.network_robustness": _network,
    "auto.internal": INTERNAL,
    "auto.external": EXTERNAL,
    "auto.testing": _testing,
    "auto.validation": _validation,
    "auto.discrimination": _resampled("discrimination", "prognosis"),
    "auto.calibration_resampled": _resampled("calibration"),
    "auto.calibration": analysed("calibration", "Slope, intercept and curve."),
    "auto.utility": _utility,
    "auto.comparison": analysed("comparison", "Paired, with Holm's adjustment."),
    "auto.cut_off": _cut_off,
    "auto.uncertainty": _uncertainty,
    "auto.tuning": _tuning,
    "auto.model_selection": _tuning,
    "auto.explainability": _explained,
    "auto.feature_statistics": _feature_statistics,
    "auto.disjoint": _disjoint,
}
"""Evidence -> what answers it."""
