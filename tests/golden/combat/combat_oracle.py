"""Writes `harmonised.csv`: what neuroCombat 0.2.12 makes of the SIMULATED `features.csv`.

Run in an environment of its own: pip install neuroCombat==0.2.12 numpy pandas; python combat_oracle.py
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
VARIANTS: dict[str, dict[str, Any]] = {
    "parametric": {},
    "nonparametric": {"parametric": False},
    "reference": {"ref_batch": "B"},
    "mean_only": {"mean_only": True},
    "nonparametric_reference": {"parametric": False, "ref_batch": "C"},
}


def simulate() -> pd.DataFrame:
    """SIMULATED: 36 cases on three scanners of different shift and spread, 8 features, two covariates."""
    rng = np.random.default_rng(20)
    scanner = np.repeat(["A", "B", "C"], [14, 12, 10])
    code = np.searchsorted(["A", "B", "C"], scanner)
    age = rng.integers(30, 70, 36).astype(
        float
    )  # whole years: the package rounds covariates to single precision
    female = rng.integers(0, 2, 36).astype(float)
    unit = np.array([1, 10, 0.1, 5, 2, 100, 1, 3])
    table = 0.03 * age[:, None] * rng.normal(1, 0.5, 8) + female[:, None] * rng.normal(0, 1, 8)
    table = (
        table
        + rng.normal(0, 1, (3, 8))[code]
        + rng.normal(0, 1, (36, 8)) * rng.uniform(0.6, 1.8, (3, 8))[code]
    )
    features = pd.DataFrame((unit * table).round(6), columns=[f"f{i}" for i in range(8)])
    return features.assign(scanner=scanner, age=age, female=female)


def main() -> None:
    """Simulate and harmonise, with and without covariates."""
    vars(np)["int"] = int  # the package calls it by a name that numpy 1.24 removed
    module = import_module("neuroCombat.neuroCombat")
    module.it_sol.__defaults__ = (1e-12,)  # the default, 1e-4, leaves the seventh digit undecided
    table = simulate()
    table.to_csv(HERE / "features.csv", index=False)
    names = [f"f{number}" for number in range(8)]
    rows = []
    for kept in ([], ["age", "female"]):
        for variant, options in VARIANTS.items():
            found = module.neuroCombat(
                dat=table[names].to_numpy().T, covars=table[["scanner", *kept]], batch_col="scanner",
                continuous_cols=kept, **options,
            )  # fmt: skip
            done = pd.DataFrame(found["data"].T, columns=names)
            rows.append(done.assign(variant=variant, covariates=int(bool(kept)), case=range(len(done))))
    pd.concat(rows).to_csv(HERE / "harmonised.csv", index=False, float_format="%.12g")


if __name__ == "__main__":
    main()
