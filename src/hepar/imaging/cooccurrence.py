"""Features of grey level co-occurrence matrices (GLCM; Haralick et al., 1973, as in the IBSI manual)."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_CELLS_AT_ONCE = 1 << 20


def cooccurrence_features(counts: NDArray[np.integer]) -> dict[str, FloatArray]:
    """The 25 features of each matrix by tag.

    In a symmetric matrix both margins are the same and its moments follow from those of the sum and of the difference
    of the two levels: variance (V + D) / 4, covariance (V - D) / 4 with V the variance of the sum, D the mean square
    of the difference. With one level only, correlation is 1 and both information correlations are 0.

    Args:
        counts: (matrices, N, N), pairs counted in one direction, at least one in each matrix. N, the levels of the
            discretisation, enters the two normalised features even where the highest levels do not occur.
    """
    step = max(1, _CELLS_AT_ONCE // counts[0].size)
    parts = [_features(counts[start : start + step]) for start in range(0, len(counts), step)]
    return {tag: np.concatenate([part[tag] for part in parts]) for tag in parts[0]}


def _features(counts: NDArray[np.integer]) -> dict[str, FloatArray]:
    n = counts.shape[1]
    one_way = counts / counts.sum(axis=(1, 2), keepdims=True)
    p = (one_way + one_way.transpose(0, 2, 1)) / 2
    i, j = np.indices((n, n))
    difference, total = _distribution(one_way, abs(i - j), n), _distribution(one_way, i + j, 2 * n - 1)
    found = {
        **_of_difference(difference),
        **_of_sum(total),
        "cm_joint_max": p.max(axis=(1, 2)),
        "cm_joint_entr": _entropy(p),
        "cm_energy": np.sum(p**2, axis=(1, 2)),
    }
    variance, contrast = found["cm_sum_var"], found["cm_contrast"]
    found["cm_joint_avg"] = found["cm_sum_avg"] / 2
    found["cm_joint_var"] = (variance + contrast) / 4
    found["cm_auto_corr"] = (variance + found["cm_sum_avg"] ** 2 - contrast) / 4
    found["cm_corr"] = _ratio(variance - contrast, variance + contrast, otherwise=1)
    margin, joint = _entropy(p.sum(axis=2)), found["cm_joint_entr"]
    found["cm_info_corr1"] = _ratio(joint - 2 * margin, margin, otherwise=0)
    found["cm_info_corr2"] = np.sqrt(np.maximum(0, 1 - np.exp(-2 * (2 * margin - joint))))
    return found


def _of_difference(p: FloatArray) -> dict[str, FloatArray]:
    """Features of the absolute difference of the levels, whose distribution is `p` (matrices, N)."""
    n = p.shape[1]
    k = np.arange(n)
    mean = p @ k
    return {
        "cm_diff_avg": mean,
        "cm_diff_var": np.sum(p * (k - mean[:, None]) ** 2, axis=1),
        "cm_diff_entr": _entropy(p),
        "cm_contrast": p @ k**2,
        "cm_dissimilarity": mean,
        "cm_inv_diff": p @ (1 / (1 + k)),
        "cm_inv_diff_norm": p @ (1 / (1 + k / n)),
        "cm_inv_diff_mom": p @ (1 / (1 + k**2)),
        "cm_inv_diff_mom_norm": p @ (1 / (1 + (k / n) ** 2)),
        "cm_inv_var": p[:, 1:] @ (1 / k[1:] ** 2),
    }


def _of_sum(p: FloatArray) -> dict[str, FloatArray]:
    """Features of the sum of the levels, whose distribution is `p` (matrices, 2 N - 1), from 2 on."""
    k = np.arange(2, p.shape[1] + 2)
    mean = p @ k
    off = k - mean[:, None]
    variance = np.sum(p * off**2, axis=1)
    return {
        "cm_sum_avg": mean,
        "cm_sum_var": variance,
        "cm_sum_entr": _entropy(p),
        "cm_clust_tend": variance,
        "cm_clust_shade": np.sum(p * off**3, axis=1),
        "cm_clust_prom": np.sum(p * off**4, axis=1),
    }


def _distribution(p: FloatArray, value: NDArray[np.integer], n: int) -> FloatArray:
    """Probability of each of the `n` values that cells have, (matrices, n)."""
    place = value + n * np.arange(len(p))[:, None, None]
    found: FloatArray = np.bincount(place.ravel(), weights=p.ravel(), minlength=n * len(p)).astype(float)
    return found.reshape(len(p), n)


def _entropy(p: FloatArray) -> FloatArray:
    """In bits, over all axes but the first."""
    bits: FloatArray = -np.sum(p * np.log2(np.where(p > 0, p, 1)), axis=tuple(range(1, p.ndim)))
    return bits


def _ratio(above: FloatArray, below: FloatArray, *, otherwise: float) -> FloatArray:
    ratio = np.full(len(above), float(otherwise))
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio
