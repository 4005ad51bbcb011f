"""The table of the SIMULATED data set simulated_liver_mri: `python -m benchmarks.simulated_liver_mri [--write]`.

Nobody stands behind a row. A proportion of fibrosis is drawn for each patient; stage, blood tests, events and the image
(made by `hepar.phantom.texture` from the columns `fibrosis`, `scanner` and `image_seed`) all follow from it with noise.
"""

from pathlib import Path

import numpy as np
import pandas as pd

TABLE = Path(__file__).parent.parent / "src/hepar/studies/data/simulated_liver_mri/simulated_liver_mri.csv"
SEED, PATIENTS = 20260101, 160
STAGES_FROM = (0.15, 0.38, 0.58, 0.78)
"""Proportion of fibrosis, as the pathologist sees it, from which on the stage is F1, F2, F3, F4."""


def table() -> pd.DataFrame:
    """The table as it should be."""
    rng = np.random.default_rng(SEED)
    scanner = rng.permutation(np.resize(list("ABCD"), PATIENTS))
    fibrosis = np.clip(rng.beta(0.9, 1.1, PATIENTS) + np.where(scanner == "D", 0.08, 0.0), 0, 1).round(4)
    stage = np.digitize(fibrosis + rng.normal(0, 0.05, PATIENTS), STAGES_FROM)
    age = np.clip(rng.normal(48 + 8 * fibrosis, 11), 19, 84).round()
    blood = {
        "ast": rng.lognormal(3.35 + 0.35 * fibrosis, 0.45).round(),
        "alt": rng.lognormal(3.55 + 0.10 * fibrosis, 0.50).round(),
        "platelets": np.clip(rng.normal(245 - 60 * fibrosis, 58), 45, 480).round(),
        "albumin": np.clip(rng.normal(4.3 - 0.6 * fibrosis, 0.32), 2.4, 5.2).round(2),
        "bilirubin": rng.lognormal(-0.5 + 0.8 * fibrosis, 0.45).round(2),
    }
    event = rng.exponential(1 / (0.055 * np.exp(5.5 * (fibrosis - 0.45))))
    death = rng.exponential(1 / (0.015 * np.exp(0.06 * (age - 50))))
    end = rng.uniform(3.0, 10.0, PATIENTS)
    time = np.minimum(np.minimum(event, death), end)
    return pd.DataFrame(
        {
            "id": [f"SIM{number:03}" for number in range(1, PATIENTS + 1)],
            "scanner": scanner,
            "age": age.astype(int),
            "sex": rng.choice(["m", "f"], PATIENTS, p=[0.6, 0.4]),
            "stage": stage,
            **{
                name: values.astype(int) if name in ("ast", "alt", "platelets") else values
                for name, values in blood.items()
            },
            "time": np.maximum(time, 0.01).round(3),
            "status": np.select([time == event, time == death], [1, 2], 0),
            "fibrosis": fibrosis,
            "image_seed": np.arange(1, PATIENTS + 1) + SEED,
        }
    )


def as_text() -> str:
    """The table as its file holds it."""
    return table().to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    import sys

    if "--write" in sys.argv:
        TABLE.write_text(as_text(), encoding="utf-8")
    else:
        print(as_text(), end="")
