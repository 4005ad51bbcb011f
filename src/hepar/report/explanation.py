"""What drives the predictions: Shapley values of each index test that asks for them, as figures and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ..study.protocol import Explain
from ..study.result import ArmResult
from ..study.steps import steps_of
from .attributions import Bar, Strip, bars, strips
from .blocks import Block, Figure, Section, Table, Text, table
from .names import feature_label, role_name, role_rank
from .numbers import count, number

SHOWN = 15
"""Features of a figure and rows of a table at most."""

POINTS = 150
"""Points of a strip at most."""

CAUTION = (
    "This explains the models, not the disease. A value says what a model made of a feature, given the others; it is no"
    " effect and no cause, and it is worth no more than the model's predictions are. Features that go together share"
    " the credit, or one takes it from the other, and a value may rest on mixtures of two patients that no patient is."
)


@dataclass(frozen=True, slots=True)
class Explained:
    """The Shapley values of one test and role: one row for each explained case, one column for each feature.

    `values`, `errors`, `own` (cases, features): the Shapley value, its Monte-Carlo error, the feature's own value.
    `part` (cases,): the part in which a case was held out.
    """

    values: pd.DataFrame
    errors: pd.DataFrame
    own: pd.DataFrame
    part: pd.Series

    @property
    def size(self) -> pd.Series:
        """Mean absolute value of each feature, the largest first."""
        return self.values.abs().mean().sort_values(ascending=False, kind="stable")

    @property
    def by_part(self) -> pd.DataFrame:
        """Mean absolute value of each feature (columns) in each part (rows)."""
        return self.values.abs().groupby(self.part, sort=False).mean()


def explanation_section(name: str, arm: ArmResult) -> Section:
    """The section of an arm; empty where no index test asks for an explanation."""
    blocks: list[Block] = []
    for test, about in arm.arm.index_tests.items():
        rows = arm.explanations[arm.explanations["test"] == test]
        if about.explain is not None and len(rows):
            role = min(rows["role"].unique(), key=role_rank)
            of_role = rows[rows["role"] == role]
            key = f"{name}-explanation-{test}"
            blocks += _of_test(
                arm,
                of_role,
                settings=about.explain,
                title=f"{about.label}, {role_name(role).lower()}",
                key=key,
            )
    return Section(
        f"{name}-explanation",
        "What drives the predictions",
        (Text(CAUTION, "caution"), *blocks) if blocks else (),
    )


def explained(rows: pd.DataFrame) -> Explained:
    """Rows of one test, role and level as tables; a feature that a part leaves out has the value 0 there."""
    values, errors, own = (_wide(rows, name) for name in ("shapley", "error", "value"))
    known = values.notna()
    part = rows.drop_duplicates("case_id").set_index("case_id")["fold"]
    return Explained(values.where(known, 0.0), errors.where(known, 0.0), own, part.loc[values.index])


def _wide(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.pivot(index="case_id", columns="feature", values=column)


def _of_test(arm: ArmResult, rows: pd.DataFrame, *, settings: Explain, title: str, key: str) -> list[Block]:
    found = explained(rows[rows["level"] == "feature"])
    steps = [name for name, _ in steps_of(arm.arm.index_tests[str(rows["test"].iloc[0])].model)]
    blocks: list[Block] = [
        Text(f"{_method(found, settings, title)}{_at_horizon(arm, settings)}{_behind(steps)}"),
        *_figures(arm, found, title=title, key=key, settings=settings),
    ]
    blocks.append(_features(arm, found, title))
    groups = rows[rows["level"] == "group"]
    if len(groups):
        blocks.append(_groups(explained(groups), title))
    if arm.prepared.reference.horizons_y:
        blocks += _by_risk_group(
            arm, found, test=str(rows["test"].iloc[0]), role=str(rows["role"].iloc[0]), title=title
        )
    return blocks


def _method(found: Explained, settings: Explain, title: str) -> str:
    worst = float(found.errors.to_numpy().max(initial=0.0))
    how = (
        f"random orders of the features, {settings.draws} for each case and background case and as many backwards;"
        f" the largest Monte-Carlo standard error of a value is {_small(worst)}"
        if worst > 0
        else "every coalition of the features that change a prediction, or their orders where that is exact, hence"
        " without Monte-Carlo error"
    )
    return (
        f"{title}: what each feature adds to the {_scale(settings)} of {count(len(found.values), 'held-out case')}"
        f" (at most {settings.cases} of each part, drawn by seed), by Shapley values (Shapley 1953; Štrumbelj &"
        f" Kononenko 2014; Lundberg & Lee 2017). A feature that is not known is replaced by that of each of at most"
        f" {settings.background} training cases of the same part, drawn by seed; the values of a case sum to its"
        f" prediction less the mean prediction of those. Computed from {how}. Another background would give"
        f" other values; the spread over the parts shows that too."
    )


def _at_horizon(arm: ArmResult, settings: Explain) -> str:
    """Which of the scores or probabilities of a time to event is explained."""
    horizons_y = arm.prepared.reference.horizons_y
    if not horizons_y:
        return ""
    how = ", log(-log(1 - risk)), which ranks the cases" if settings.scale == "score" else ""
    return f" The {_scale(settings)} is that by {horizons_y[0]:g} years{how}.".replace("-", "−")


def _behind(steps: Sequence[str]) -> str:
    """What it means that a model has steps before it; empty where it has none."""
    if not steps:
        return ""
    return (
        f" Explained is the model behind the steps ({', '.join(steps)}), on the features as they leave them, each case"
        " with the other held-out cases of its part: a feature's own value is that after the steps, one that a step"
        " dropped has no Shapley value, and what a step used to change others, such as the scanner, gets no credit."
    )


def _scale(settings: Explain) -> str:
    return "score" if settings.scale == "score" else "probability"


def _figures(arm: ArmResult, found: Explained, *, title: str, key: str, settings: Explain) -> list[Block]:
    names = [str(name) for name in found.size.index[:SHOWN]]
    parts = found.by_part
    sizes = [Bar(feature_label(arm, name), float(found.size[name]), tuple(parts[name])) for name in names]
    some = _spread(len(found.values))
    points = [
        Strip(
            feature_label(arm, name),
            found.values[name].to_numpy(dtype=float)[some],
            levels(found.own[name])[some],
        )
        for name in names
    ]
    first = f"{title}: mean absolute Shapley value over {count(len(found.values), 'held-out case')}; rings: each part."
    second = (
        f"{title}: Shapley value of each case (at most {POINTS}); colour: where the feature's own value ranks among"
        " these cases. Right of 0 the feature raises the prediction."
    )
    x = f"in the {_scale(settings)}"
    return [
        Figure(bars(sizes, x=f"Mean |Shapley value| {x}", key=f"{key}-size", label=first), first),
        Figure(strips(points, x=f"Shapley value {x}", key=f"{key}-strips", label=second), second),
    ]


def levels(own: pd.Series) -> np.ndarray:
    """Rank of each value (n,) among the distinct ones, 0 lowest to 1 highest; NaN for categories and where missing."""
    values = pd.to_numeric(own, errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(values)
    found = np.full(len(values), np.nan)
    if known.any():
        ranks = rankdata(values[known], method="dense") - 1
        found[known] = ranks / ranks.max() if ranks.max() else 0.5
    return found


def _spread(n: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype(int))


def _features(arm: ArmResult, found: Explained, title: str) -> Table:
    total = float(found.size.sum())
    parts = found.by_part
    rows = [
        (
            feature_label(arm, str(name)),
            _small(size),
            f"{_small(parts[name].min())} to {_small(parts[name].max())}",
            f"{100 * size / total:.1f}%" if total > 0 else "–",
            _direction(found.own[name], found.values[name]),
            _small(float(np.sqrt(np.mean(found.errors[name] ** 2)))),
        )
        for name, size in found.size.head(SHOWN).items()
    ]
    more = len(found.size) - len(rows)
    notes = (
        "Direction: Spearman's correlation of the feature with its Shapley value; of a category, the mean value at each"
        " level. Error: root mean square of the Monte-Carlo standard errors.",
        *((f"{count(more, 'feature')} with smaller values in explanations.csv.",) if more > 0 else ()),
    )
    return table(
        f"What drives {title}",
        head=("Feature", "Mean |value|", "Range over parts", "Share", "Direction", "Error"),
        rows=rows,
        notes=notes,
    )


def _direction(own: pd.Series, values: pd.Series) -> str:
    """How the value goes with the feature: a correlation, or the mean at each level of a category."""
    numbers = pd.to_numeric(own, errors="coerce")
    if numbers.notna().any():
        both = pd.DataFrame({"own": numbers, "value": values}).dropna()
        if both.nunique().min() < 2:
            return "–"
        return f"ρ {both['own'].corr(both['value'], method='spearman'):+.2f}".replace("-", "−")
    means = values.groupby(own).mean().head(4)
    return "\n".join(f"{level} {number(float(mean))}" for level, mean in means.items()) or "–"


def _groups(found: Explained, title: str) -> Table:
    total = float(found.size.sum())
    parts = found.by_part
    rows = [
        (
            str(name),
            _small(size),
            f"{_small(parts[name].min())} to {_small(parts[name].max())}",
            f"{100 * size / total:.1f}%" if total > 0 else "–",
        )
        for name, size in found.size.items()
    ]
    note = "A group is one player: what its features add together, not the sum of what each adds."
    return table(
        f"Groups of features in {title}",
        head=("Group", "Mean |value|", "Range over parts", "Share"),
        rows=rows,
        notes=(note,),
    )


def _by_risk_group(arm: ArmResult, found: Explained, *, test: str, role: str, title: str) -> Sequence[Table]:
    predicted = arm.predictions.table
    mine = predicted[(predicted["test"] == test) & (predicted["role"] == role)]
    group = mine.drop_duplicates("case_id").set_index("case_id")["risk_group"].reindex(found.values.index)
    if group.isna().all():
        return ()
    means = found.values.groupby(group).mean()
    sizes = group.value_counts()
    names = [str(name) for name in found.size.index[:SHOWN]]
    head = ("Feature", *(f"Group {int(g)} (n = {sizes[g]})" for g in means.index))
    rows = [
        (feature_label(arm, name), *(_signed(float(means.loc[g, name])) for g in means.index))
        for name in names
    ]
    note = (
        "Mean Shapley value in each risk group, which is numbered from the lowest risk as in estimates.csv."
    )
    return (table(f"What sets the risk groups of {title} apart", head=head, rows=rows, notes=(note,)),)


def _small(value: float) -> str:
    """Three digits that count.

    >>> _small(0.012345), _small(0.0), _small(12.345)
    ('0.0123', '0', '12.3')
    """
    return f"{value:.3g}"


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")
