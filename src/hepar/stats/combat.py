"""ComBat: what each scanner or site does to location and scale of many features, learnt once and removed anywhere.

Johnson, Li & Rabinovic (2007), Biostatistics 8:118; for images Fortin et al. (2018), NeuroImage 167:104. Feature g of a
case with covariates x in batch i is mean_g + x coefficient_g + sd_g (shift_ig + sqrt(scale_ig) error); the adjusted
feature is what it would be with shift 0 and scale 1.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Real

from .arrays import Array, BoolArray, FloatArray, Labels
from .combat_design import (
    NO_SPREAD,
    adjustable,
    as_batches,
    as_covariates,
    as_features,
    as_labels,
    least_squares,
    refuse_collinear,
)
from .combat_effects import (
    Effects,
    Moments,
    PerFeature,
    moments_of,
    nonparametric_effects,
    parametric_effects,
    parametric_shift,
    prior_of,
    prior_of_new_batch,
)
from .estimate import StatisticError

FeatureRows = Real[Array, "n features"]
CovariateRows = Real[Array, "n covariates"]
AdjustedRows = Float[FloatArray, "n features"]
WhichFeatures = Bool[BoolArray, " features"]
PerCovariate = Float[FloatArray, " covariates"]
Slopes = Float[FloatArray, "covariates features"]
PerBatch = Float[FloatArray, "batches features"]
Unseen = Literal["refuse", "pass", "estimate"]

FEWEST_TO_ESTIMATE = 5
"""Cases below which the effect of a batch not seen in training is not estimated."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Combat:
    """What was learnt of the batches: everything that `apply` needs, and nothing of single cases.

    Features that are not `adjusted` (constant or missing within a batch) are returned as they come.
    """

    batches: tuple[Hashable, ...]
    reference: Hashable
    """The batch that stays as it is; None: all move to the mean of all cases."""
    parametric: bool
    mean_only: bool
    adjusted: WhichFeatures
    mean: PerFeature
    sd: PerFeature
    coefficients: Slopes
    centre: PerCovariate
    """Mean of each covariate in training: `mean` is that of a case with these."""
    raw_shift: PerBatch
    raw_scale: PerBatch
    shift: PerBatch
    scale: PerBatch

    def apply(
        self,
        features: FeatureRows,
        batch: Labels,
        covariates: CovariateRows | None = None,
        *,
        unseen: Unseen = "refuse",
    ) -> AdjustedRows:
        """`features` without the effects of `batch`; NaN stays NaN.

        A batch that was not there in training, or a missing label, has no effect that could be removed. `refuse` says
        so. `pass` returns its cases as they are, which supposes that it is like the average training batch (like the
        reference): shift 0, scale 1. `estimate` takes shift and scale from the batch's own cases, without outcomes, by
        the priors that the training batches gave; it needs FEWEST_TO_ESTIMATE cases, and what it makes of one case then
        depends on the others that are given with it.
        """
        table = as_features(features)
        if table.shape[1] != self.mean.size:
            raise StatisticError(f"{table.shape[1]} features given; {self.mean.size} were learnt from")
        labels = as_labels(batch, len(table))
        expected = self._expected(as_covariates(covariates, len(table)))
        result = table.copy()
        for label in dict.fromkeys(labels):
            rows = np.flatnonzero([other == label for other in labels])
            standard = (table[rows] - expected[rows]) / self.sd
            shift, scale = self._effects(label, standard, unseen)
            moved = (standard - shift) / np.sqrt(scale) * self.sd + expected[rows]
            # rounding must not move what has no effect to be removed
            result[rows] = np.where((shift == 0) & (scale == 1), table[rows], moved)
        return result

    def _expected(self, covariates: FloatArray) -> FloatArray:
        if covariates.shape[1] != self.centre.size:
            raise StatisticError(
                f"{covariates.shape[1]} covariates given; {self.centre.size} were learnt from"
            )
        return np.asarray(self.mean + (covariates - self.centre) @ self.coefficients)

    def _effects(self, label: Hashable, standard: FloatArray, unseen: Unseen) -> Effects:
        if label in self.batches:
            at = self.batches.index(label)
            return self.shift[at], self.scale[at]
        nothing = np.zeros(self.mean.shape), np.ones(self.mean.shape)
        if unseen == "pass":
            return nothing
        what = "the batch is missing" if label is None else f"batch {label!r} was not there in training"
        if unseen == "refuse":
            known = ", ".join(str(name) for name in self.batches)
            raise StatisticError(
                f"{what}, in {len(standard)} cases; known are {known}: leave these cases out, pass them as they are"
                " (unseen: pass), or estimate the batch's effect from them (unseen: estimate)"
            )
        if label is None or len(standard) < FEWEST_TO_ESTIMATE:
            raise StatisticError(
                f"{what} and has {len(standard)} cases; to estimate its effect it needs a label and at least"
                f" {FEWEST_TO_ESTIMATE} cases: pass them as they are (unseen: pass), or leave them out"
            )
        return self._estimated(standard, *nothing)

    def _estimated(self, standard: FloatArray, shift: FloatArray, scale: FloatArray) -> Effects:
        """Effects of a new batch: its moments, shrunk by what the training batches are like."""
        others = [at for at, name in enumerate(self.batches) if name != self.reference]
        raw_shift, raw_scale = (raw[others][:, self.adjusted] for raw in (self.raw_shift, self.raw_scale))
        batch = moments_of(standard[:, self.adjusted])
        if not self.parametric:
            found = nonparametric_effects(batch, raw_shift.ravel(), raw_scale.ravel(), own=False)
        else:
            how = parametric_shift if self.mean_only else parametric_effects
            found = how(batch, prior_of_new_batch(raw_shift, raw_scale))
        shift[self.adjusted], scale[self.adjusted] = found
        return shift, scale


def fit_combat(
    features: FeatureRows,
    batch: Labels,
    covariates: CovariateRows | None = None,
    *,
    parametric: bool = True,
    reference: Hashable = None,
    mean_only: bool = False,
) -> Combat:
    """Learn the effects of `batch` on `features` (cases, features); NaN is a missing value.

    Args:
        features: numbers of any unit; at least two of them must vary in every batch.
        batch: one label a case, none missing; two cases or more a batch (one, for `mean_only`).
        covariates: (cases, covariates) numbers whose effects are kept; refused where the batches determine them.
        parametric: normal and inverse gamma priors; otherwise the effects of all features are each feature's prior.
        reference: batch that stays as it is and that the others move to; its spread becomes theirs.
        mean_only: adjust means alone.
    """
    table = as_features(features)
    names, member = as_batches(batch, len(table), fewest=1 if mean_only else 2)
    x = as_covariates(covariates, len(table))
    base = _position(reference, names)
    indicators = np.equal.outer(member, np.arange(len(names))).astype(float)
    refuse_collinear(indicators, x)
    mean, sd, slope = _standard(table, indicators, x - x.mean(axis=0), base=base)
    adjusted = (sd > 0) & adjustable(table, member, mean_only=mean_only)
    if adjusted.sum() < 2:
        raise StatisticError(
            f"{adjusted.sum()} of {adjusted.size} features vary within every batch; empirical Bayes needs two or more"
        )
    mean, slope, sd = np.where(adjusted, mean, 0), np.where(adjusted, slope, 0), np.where(adjusted, sd, 1)
    standard = (table - mean - (x - x.mean(axis=0)) @ slope) / sd
    parts = [moments_of(standard[member == at][:, adjusted]) for at in range(len(names))]
    raw = [_raw(part, mean_only=mean_only) for part in parts]
    kept = [_shrunk(part, parametric=parametric, mean_only=mean_only) for part in parts]
    if base is not None:
        kept[base] = np.zeros(adjusted.sum()), np.ones(adjusted.sum())
    return Combat(
        batches=names,
        reference=reference,
        parametric=parametric,
        mean_only=mean_only,
        adjusted=adjusted,
        mean=mean,
        sd=sd,
        coefficients=slope,
        centre=x.mean(axis=0),
        raw_shift=_spread_out([shift for shift, _ in raw], adjusted, otherwise=0.0),
        raw_scale=_spread_out([scale for _, scale in raw], adjusted, otherwise=1.0),
        shift=_spread_out([shift for shift, _ in kept], adjusted, otherwise=0.0),
        scale=_spread_out([scale for _, scale in kept], adjusted, otherwise=1.0),
    )


def _position(reference: Hashable, names: tuple[Hashable, ...]) -> int | None:
    if reference is None:
        return None
    if reference not in names:
        raise StatisticError(
            f"reference batch {reference!r} is not there; there are {', '.join(map(str, names))}"
        )
    return names.index(reference)


def _standard(
    table: FloatArray, indicators: FloatArray, centred: FloatArray, *, base: int | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean over cases (of the reference), residual standard deviation and slopes of each feature.

    The deviation, with denominator n, is 0 where nothing is left to explain or the slopes cannot be estimated.
    """
    design, n_batches = np.hstack([indicators, centred]), indicators.shape[1]
    found = least_squares(design, table)
    coefficients, seen = np.nan_to_num(found), np.isfinite(table)
    weights = indicators.T @ seen if base is None else np.eye(n_batches)[:, [base]]
    mean = (weights * coefficients[:n_batches]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1)
    rows = slice(None) if base is None else indicators[:, base] > 0
    squares = np.where(seen, (table - design @ coefficients) ** 2, 0.0)[rows]
    sd = np.sqrt(squares.sum(axis=0) / np.maximum(seen[rows].sum(axis=0), 1))
    largest = np.where(seen, np.abs(table), 0.0).max(axis=0, initial=0.0)
    usable = (sd > NO_SPREAD * largest) & np.isfinite(found).all(axis=0)
    return mean, np.where(usable, sd, 0.0), coefficients[n_batches:]


def _raw(batch: Moments, *, mean_only: bool) -> Effects:
    return batch.mean, np.ones(batch.mean.shape) if mean_only else batch.scale


def _shrunk(batch: Moments, *, parametric: bool, mean_only: bool) -> Effects:
    """The effects of a batch, shrunk by what the effects of all its features are like."""
    shift, scale = _raw(batch, mean_only=mean_only)
    if not parametric:
        found, spread = nonparametric_effects(batch, shift, scale, own=True)
        return found, np.ones(shift.shape) if mean_only else spread
    how = parametric_shift if mean_only else parametric_effects
    return how(batch, prior_of(shift, scale))


def _spread_out(rows: list[FloatArray], adjusted: BoolArray, *, otherwise: float) -> FloatArray:
    table = np.full((len(rows), adjusted.size), otherwise)
    table[:, adjusted] = np.array(rows)
    return table
