"""Grey level co-occurrence by PyRadiomics: features of each direction, averaged."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.cooccurrence import cooccurrence_features
from .counts import Texture
from .settings import Settings

Floats = NDArray[np.float64]
_TAGS = {
    "Autocorrelation": "cm_auto_corr",
    "ClusterProminence": "cm_clust_prom",
    "ClusterShade": "cm_clust_shade",
    "ClusterTendency": "cm_clust_tend",
    "Contrast": "cm_contrast",
    "Correlation": "cm_corr",
    "DifferenceAverage": "cm_diff_avg",
    "DifferenceEntropy": "cm_diff_entr",
    "DifferenceVariance": "cm_diff_var",
    "Id": "cm_inv_diff",
    "Idm": "cm_inv_diff_mom",
    "Idmn": "cm_inv_diff_mom_norm",
    "Idn": "cm_inv_diff_norm",
    "Imc1": "cm_info_corr1",
    "Imc2": "cm_info_corr2",
    "InverseVariance": "cm_inv_var",
    "JointAverage": "cm_joint_avg",
    "JointEnergy": "cm_energy",
    "JointEntropy": "cm_joint_entr",
    "MaximumProbability": "cm_joint_max",
    "SumAverage": "cm_sum_avg",
    "SumEntropy": "cm_sum_entr",
    "SumSquares": "cm_joint_var",
}
"""PyRadiomics' features by IBSI's tags; MCC has none."""
_TINY = np.spacing(1.0)


def glcm(texture: Texture, settings: Settings) -> dict[str, float]:
    """The 24 features.

    Each direction has its matrix, a feature is the mean over the directions that have pairs. With `weightingNorm` the
    matrices are added with weights exp(-d^2), d the length of the step in mm by that norm, and give one value.
    """
    pairs = _weighted(texture, settings)
    pairs = pairs[pairs.sum(axis=(1, 2)) > 0]
    if not len(pairs):
        raise DataError("no two voxels of the region are neighbours, so it has no GLCM; check the mask")
    found = cooccurrence_features(pairs)
    by_name = {name: found[tag] for name, tag in _TAGS.items()}
    p = (pairs + pairs.transpose(0, 2, 1) if settings.symmetrical_glcm else pairs).astype(float)
    p /= p.sum(axis=(1, 2), keepdims=True)
    one_level = len(np.unique(texture.levels[texture.levels > 0])) == 1
    by_name["MCC"] = np.array([1.0 if one_level else _maximal_correlation(one) for one in p])
    if not settings.symmetrical_glcm:
        by_name |= _of_one_way(p)
    return {name: float(np.nanmean(values)) for name, values in by_name.items()}


def _weighted(texture: Texture, settings: Settings) -> NDArray[Any]:
    if settings.weighting_norm is None:
        return texture.pairs
    apart = abs(texture.pair_steps) * texture.spacing_mm
    weights = np.exp(-(step_lengths(apart, settings.weighting_norm) ** 2))
    if settings.weighting_norm == "no_weighting":
        weights = np.ones(len(apart))
    weighted: NDArray[Any] = np.tensordot(weights, texture.pairs, axes=1)[None]
    return weighted


def step_lengths(apart_mm: Floats, norm: str) -> Floats:
    """Length of each step (steps, 3) by the norm; 1 without one."""
    orders = {"infinity": np.inf, "euclidean": 2, "manhattan": 1}
    lengths = np.ones(len(apart_mm)) if norm not in orders else np.linalg.norm(apart_mm, orders[norm], axis=1)
    return np.asarray(lengths)


def _maximal_correlation(p: Floats) -> float:
    """Maximal correlation coefficient: root of the second eigenvalue of Haralick's Q, by singular values.

    0 where all pairs are of one level although the region has more.
    """
    present = np.flatnonzero(p.sum(axis=1) + p.sum(axis=0))
    if len(present) < 2:
        return 0.0
    p = p[np.ix_(present, present)]
    scaled = p / np.sqrt(p.sum(axis=1)[:, None] * p.sum(axis=0) + _TINY)
    return float(np.linalg.svd(scaled, compute_uv=False)[1])


def _of_one_way(p: Floats) -> dict[str, Floats]:
    """Features that tell a matrix from its transpose; the others are those of their sum."""
    i = np.arange(1, p.shape[1] + 1)
    rows, columns = p.sum(axis=2), p.sum(axis=1)
    mean_i, mean_j = rows @ i, columns @ i
    off_i, off_j = i - mean_i[:, None], i - mean_j[:, None]
    spread = np.sqrt(np.sum(rows * off_i**2, axis=1) * np.sum(columns * off_j**2, axis=1))
    shared = np.einsum("dij,di,dj->d", p, off_i, off_j)
    product = rows[:, :, None] * columns[:, None]
    joint = _bits(p, p)
    either = np.maximum(_bits(rows, rows), _bits(columns, columns))
    above, separate = joint - _bits(p, product), _bits(product, product)
    with np.errstate(invalid="ignore"):
        second = np.sqrt(1 - np.exp(-2 * (separate - joint)))
    return {
        "JointAverage": mean_i,
        "Correlation": np.divide(shared, spread, out=np.ones(len(p)), where=spread > 0),
        "JointEnergy": np.sum(p**2, axis=(1, 2)),
        "JointEntropy": joint,
        "Imc1": np.divide(above, either, out=np.zeros(len(p)), where=either > 0),
        "Imc2": np.where(separate == joint, 0, second),
        "MaximumProbability": p.max(axis=(1, 2)),
        "SumSquares": np.sum(rows * off_i**2, axis=1),
    }


def _bits(p: Floats, q: Floats) -> Floats:
    """-sum p log2 q over all axes but the first."""
    bits: Floats = -np.sum(p * np.log2(q + _TINY), axis=tuple(range(1, p.ndim)))
    return bits
