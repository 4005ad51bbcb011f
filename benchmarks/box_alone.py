"""Does the box of a SIMULATED target tell a lesion from a piece of liver without any echo? `python -m benchmarks.box_alone`.

Place, depth, height and width of the box alone, cross-validated. What is above 0.5 a network might learn in place of the
lesion; about a minute.
"""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hepar.data.case import Case
from hepar.io.tables import read_cohort
from hepar.stats.discrimination import auc


def geometry(case: Case) -> dict[str, float] | None:
    """Where the target's box lies and how large it is; None where there is none."""
    (frames,) = case.acquisition("target").load()
    if "target" not in frames.regions:
        return None
    box, lines = frames.region("target"), frames.rf.shape[1]
    (top, bottom), (first, last) = box.depth_mm, box.lines
    middle = (top + bottom) / 2
    step = np.radians(abs(frames.line_angle_deg[-1] - frames.line_angle_deg[0])) / (lines - 1)
    width = (last - first + 1) * step * (frames.radius_mm + middle)
    return {
        "off centre": abs((first + last) / 2 / lines - 0.5),
        "depth": middle,
        "log height": float(np.log(bottom - top)),
        "log width": float(np.log(width)),
    }


def main() -> None:
    found = {
        case.case_id: (case.clinical["arm"] == "focal", geometry(case))
        for case in read_cohort("simulated_rf")
    }
    table = pd.DataFrame({name: values for name, (_, values) in found.items() if values is not None}).T
    focal = np.array([found[name][0] for name in table.index])
    models = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
        "random forest": RandomForestClassifier(300, min_samples_leaf=5, random_state=0),
    }
    print(
        f"SIMULATED: {len(table)} recordings, {focal.sum()} with a lesion; AUC of the box alone (95 % interval)"
    )
    for name, model in models.items():
        score = cross_val_predict(model, table.to_numpy(), focal, cv=5, method="predict_proba")[:, 1]
        area = auc(focal, score)
        print(f"{name}: {area.value:.3f} ({area.low:.3f} to {area.high:.3f})")


if __name__ == "__main__":
    main()
