"""Texture features computed as the IBSI manual writes them: voxel by voxel, sum by sum, sharing nothing with hepar."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

import numpy as np

Place = tuple[int, int, int]
Voxels = dict[Place, int]
Matrix = Counter[tuple[int, int]]
Values = dict[str, float]

AROUND: list[Place] = [
    (z, y, x) for z, y, x in itertools.product((-1, 0, 1), repeat=3) if (z, y, x) != (0, 0, 0)
]
FORWARD = [step for step in AROUND if step > (0, 0, 0)]
RUN = (
    "rlm",
    "sre lre lgre hgre srlge srhge lrlge lrhge glnu glnu_norm rlnu rlnu_norm r_perc gl_var rl_var rl_entr",
)
ZONE = (
    "szm",
    "sze lze lgze hgze szlge szhge lzlge lzhge glnu glnu_norm zsnu zsnu_norm z_perc gl_var zs_var zs_entr",
)
DISTANCE = (
    "dzm",
    "sde lde lgze hgze sdlge sdhge ldlge ldhge glnu glnu_norm zdnu zdnu_norm z_perc gl_var zd_var zd_entr",
)

DEPENDENCE = (
    "ngl",
    "lde hde lgce hgce ldlge ldhge hdlge hdhge glnu glnu_norm dcnu dcnu_norm dc_perc gl_var dc_var dc_entr dc_energy",
)


def every_feature(levels: np.ndarray, region: np.ndarray, n_levels: int) -> Values:
    """All features in all aggregations by tag."""
    voxels = {(z, y, x): int(level) for (z, y, x), level in np.ndenumerate(levels) if level}
    inside = {(z, y, x) for (z, y, x), within in np.ndenumerate(region) if within}
    slices = [{p: g for p, g in voxels.items() if p[0] == z} for z in sorted({p[0] for p in voxels})]
    flat = [step for step in FORWARD if step[0] == 0]
    flat_around = [step for step in AROUND if step[0] == 0]
    found: Values = {}
    for way, sets in (
        ("2d_avg", [[(g, s)] for g in slices for s in flat]),
        ("2d_s_mrg", [[(g, s) for s in flat] for g in slices]),
        ("2.5d_d_mrg", [[(g, s) for g in slices] for s in flat]),
        ("2.5d_mrg", [[(g, s) for g in slices for s in flat]]),
        ("3d_avg", [[(voxels, s)] for s in FORWARD]),
        ("3d_mrg", [[(voxels, s) for s in FORWARD]]),
    ):
        found |= with_suffix(directional(sets, n_levels), way)
    for extent, groups, steps in (
        ("2d", [[g] for g in slices], flat_around),
        ("2.5d", [slices], flat_around),
        ("3d", [[voxels]], AROUND),
    ):
        found |= with_suffix(undirected(groups, inside, steps), extent)
    return found


def directional(sets: list[list[tuple[Voxels, Place]]], n_levels: int) -> Values:
    """Mean over sets of what is added within each set: voxels and the direction to look in."""
    cm = [co_occurrence(total(pairs(g, s) for g, s in members), n_levels) for members in sets]
    rlm = [
        emphases(total(runs(g, s) for g, s in members), sum(len(g) for g, _ in members), RUN)
        for members in sets
    ]
    return mean(cm) | mean(rlm)


def undirected(sets: list[list[Voxels]], inside: set[Place], steps: list[Place]) -> Values:
    """Mean over sets of what is added within each set."""
    across, values = [step for step in steps if sum(map(abs, step)) == 1], []
    for members in sets:
        n = sum(map(len, members))
        zones = [(g, zone) for g in members for zone in connected(g, steps)]
        sizes = Counter((g[min(zone)], len(zone)) for g, zone in zones)
        distances = Counter(
            (g[min(zone)], min(to_border(p, inside, across) for p in zone)) for g, zone in zones
        )
        dependent = total(dependence(g, steps) for g in members)
        values.append(
            emphases(sizes, n, ZONE) | emphases(distances, n, DISTANCE) | emphases(dependent, n, DEPENDENCE)
        )
    tones = [rows for rows in (tone_rows(members, steps) for members in sets) if rows] or [{}]
    return mean(values) | mean([tone_features(rows) for rows in tones])


def moved(place: Place, step: Iterable[int], times: int = 1) -> Place:
    z, y, x = (p + times * s for p, s in zip(place, step, strict=True))
    return z, y, x


def pairs(voxels: Voxels, step: Place) -> Matrix:
    found: Matrix = Counter()
    for place, level in voxels.items():
        other = voxels.get(moved(place, step))
        if other:
            found[level, other] += 1
            found[other, level] += 1
    return found


def runs(voxels: Voxels, step: Place) -> Matrix:
    found: Matrix = Counter()
    for place, level in voxels.items():
        if voxels.get(moved(place, step, -1)) != level:
            length = next(n for n in itertools.count(1) if voxels.get(moved(place, step, n)) != level)
            found[level, length] += 1
    return found


def connected(voxels: Voxels, steps: list[Place]) -> list[set[Place]]:
    rest, zones = set(voxels), []
    while rest:
        zone, edge = set(), {rest.pop()}
        while edge:
            zone |= edge
            edge = {
                moved(p, s)
                for p in edge
                for s in steps
                if moved(p, s) in rest and voxels[moved(p, s)] == voxels[p]
            }
            rest -= edge
        zones.append(zone)
    return zones


def to_border(place: Place, inside: set[Place], steps: list[Place]) -> int:
    reached, distance = {place}, 0
    while reached <= inside:
        reached |= {moved(p, s) for p in reached for s in steps}
        distance += 1
    return distance


def dependence(voxels: Voxels, steps: list[Place]) -> Matrix:
    return Counter(
        (level, 1 + sum(voxels.get(moved(place, s)) == level for s in steps))
        for place, level in voxels.items()
    )


def tone_rows(members: list[Voxels], steps: list[Place]) -> dict[int, tuple[int, float]]:
    """n_i and s_i of each level that occurs."""
    rows: dict[int, tuple[int, float]] = {}
    for voxels in members:
        for place, level in voxels.items():
            around = [voxels[moved(place, s)] for s in steps if moved(place, s) in voxels]
            if around:
                n, s = rows.get(level, (0, 0.0))
                rows[level] = n + 1, s + abs(level - sum(around) / len(around))
    return rows


def total(matrices: Iterable[Matrix]) -> Matrix:
    added: Matrix = Counter()
    for matrix in matrices:
        added.update(matrix)
    return added


def emphases(m: Matrix, n_voxels: int, family: tuple[str, str]) -> Values:
    n_s = sum(m.values())
    by_level: Counter[int] = Counter()
    by_size: Counter[int] = Counter()
    for (i, j), s in m.items():
        by_level[i] += s
        by_size[j] += s
    mean_i, mean_j = (sum(k[at] * s / n_s for k, s in m.items()) for at in (0, 1))
    values = [
        *(
            sum(s * i**a * j**b for (i, j), s in m.items()) / n_s
            for a, b in ((0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (2, -2), (-2, 2), (2, 2))
        ),
        sum(s**2 for s in by_level.values()) / n_s,
        sum(s**2 for s in by_level.values()) / n_s**2,
        sum(s**2 for s in by_size.values()) / n_s,
        sum(s**2 for s in by_size.values()) / n_s**2,
        n_s / n_voxels,
        sum((i - mean_i) ** 2 * s / n_s for (i, _), s in m.items()),
        sum((j - mean_j) ** 2 * s / n_s for (_, j), s in m.items()),
        entropy(s / n_s for s in m.values()),
        sum((s / n_s) ** 2 for s in m.values()),
    ]
    prefix, names = family
    return {f"{prefix}_{name}": value for name, value in zip(names.split(), values, strict=False)}


def co_occurrence(m: Matrix, n_g: int) -> Values:
    """NaN where there is no pair."""
    n = sum(m.values())
    p = {cell: count / n for cell, count in m.items()}
    row = distribution(p, lambda i, j: i)
    difference, plus = distribution(p, lambda i, j: abs(i - j)), distribution(p, lambda i, j: i + j)
    mu, mu_d, mu_s = (sum(k * q for k, q in d.items()) for d in (row, difference, plus))
    var, var_d, var_s = (
        sum((k - mean) ** 2 * q for k, q in d.items())
        for d, mean in ((row, mu), (difference, mu_d), (plus, mu_s))
    )
    hx, hxy = entropy(row.values()), entropy(p.values())
    hxy1 = -sum(q * math.log2(row[i] * row[j]) for (i, j), q in p.items())
    hxy2 = entropy(one * other for one in row.values() for other in row.values())
    means: dict[str, Callable[[int, int], float]] = {
        "joint_avg": lambda i, j: i,
        "joint_var": lambda i, j: (i - mu) ** 2,
        "contrast": lambda i, j: (i - j) ** 2,
        "dissimilarity": lambda i, j: abs(i - j),
        "inv_diff": lambda i, j: 1 / (1 + abs(i - j)),
        "inv_diff_norm": lambda i, j: 1 / (1 + abs(i - j) / n_g),
        "inv_diff_mom": lambda i, j: 1 / (1 + (i - j) ** 2),
        "inv_diff_mom_norm": lambda i, j: 1 / (1 + (i - j) ** 2 / n_g**2),
        "inv_var": lambda i, j: 1 / (i - j) ** 2 if i != j else 0,
        "auto_corr": lambda i, j: i * j,
        "clust_tend": lambda i, j: (i + j - 2 * mu) ** 2,
        "clust_shade": lambda i, j: (i + j - 2 * mu) ** 3,
        "clust_prom": lambda i, j: (i + j - 2 * mu) ** 4,
    }
    values = {
        "joint_max": max(p.values(), default=math.nan),
        "joint_entr": hxy,
        "diff_avg": mu_d,
        "diff_var": var_d,
        "diff_entr": entropy(difference.values()),
        "sum_avg": mu_s,
        "sum_var": var_s,
        "sum_entr": entropy(plus.values()),
        "energy": sum(q**2 for q in p.values()),
        "corr": sum((i - mu) * (j - mu) * q for (i, j), q in p.items()) / var if var > 1e-12 else 1.0,
        "info_corr1": (hxy - hxy1) / hx if hx > 1e-12 else 0.0,
        "info_corr2": math.sqrt(max(0, 1 - math.exp(-2 * (hxy2 - hxy)))),
        **{name: sum(value(i, j) * q for (i, j), q in p.items()) for name, value in means.items()},
    }
    return {f"cm_{name}": value if m else math.nan for name, value in values.items()}


def tone_features(rows: dict[int, tuple[int, float]]) -> Values:
    """Of n_i and s_i by level."""
    n_vc = sum(n for n, _ in rows.values())
    p = {i: n / n_vc for i, (n, _) in rows.items()}
    s = {i: tone for i, (_, tone) in rows.items()}
    both = list(itertools.product(p, repeat=2))
    coarse, tones = sum(p[i] * s[i] for i in p), sum(s.values())
    busy = sum(abs(i * p[i] - j * p[j]) for i, j in both)
    spread = sum(p[i] * p[j] * (i - j) ** 2 for i, j in both)
    complexity = sum(abs(i - j) * (p[i] * s[i] + p[j] * s[j]) / (p[i] + p[j]) for i, j in both)
    strength = sum((p[i] + p[j]) * (i - j) ** 2 for i, j in both)
    return {
        "ngt_coarseness": min(1e6, 1 / coarse) if coarse > 0 else 1e6,
        "ngt_contrast": spread / (len(p) * (len(p) - 1)) * tones / n_vc if len(p) > 1 else 0.0,
        "ngt_busyness": coarse / busy if len(p) > 1 and busy > 0 else 0.0,
        "ngt_complexity": complexity / n_vc if rows else 0.0,
        "ngt_strength": strength / tones if tones > 0 else 0.0,
    }


def distribution(p: dict[tuple[int, int], float], of: Callable[[int, int], int]) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for (i, j), q in p.items():
        found[of(i, j)] += q
    return found


def entropy(probabilities: Iterable[float]) -> float:
    return -sum(q * math.log2(q) for q in probabilities)


def mean(values: list[Values]) -> Values:
    """Of each feature over those matrices that are not empty, NaN if none is left."""
    some = [v for v in values if not any(map(math.isnan, v.values()))] or values[:1]
    return {tag: sum(v[tag] for v in some) / len(some) for tag in some[0]}


def with_suffix(values: Values, suffix: str) -> Values:
    return {f"{tag}_{suffix}": value for tag, value in values.items()}
