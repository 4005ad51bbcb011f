"""A small study with SIMULATED images, and an extractor that fails where it is told to: nobody stands behind a case."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

import small_study
from hepar.core.errors import DataError, ProtocolError
from hepar.core.fingerprint import fingerprint
from hepar.data.case import Case
from hepar.features.base import Extractor, Value
from hepar.study.protocol import Study

Document = dict[str, Any]
LABEL = "Image model"
STEP = f"features could not be extracted: {LABEL}"


class Brightness(Extractor):
    """Mean and spread of the SIMULATED signal in the liver; the cases in `unusable` fail."""

    kind: Literal["brightness"] = "brightness"
    unusable: tuple[str, ...] = ()
    misconfigured: bool = False

    @property
    def acquisitions(self) -> tuple[str, ...]:
        return ("mr", "liver")

    def inputs(self, case: Case) -> str:
        return fingerprint([case.acquisition(name).fingerprint for name in self.acquisitions])

    def extract(self, case: Case) -> Mapping[str, Value]:
        image, liver = (case.acquisition(name).load() for name in self.acquisitions)
        if self.misconfigured:
            raise ProtocolError("bin_width has no meaning without a unit")
        if case.case_id in self.unusable:
            raise DataError(f"case {case.case_id}: the region is empty; check the mask")
        inside = image.array[liver.array]
        return {"liver_mean": float(inside.mean()), "liver_spread": float(inside.std() / inside.mean())}


def table(n: int = 40) -> pd.DataFrame:
    """SIMULATED participants, each with what its image is made from."""
    rng = np.random.default_rng(7)
    return small_study.table(n).assign(
        scanner=rng.choice(list("ABCD"), n), truth=rng.random(n).round(3), seed=np.arange(n)
    )


def dictionary(**changes: Any) -> Document:
    """The dictionary of `table`."""
    mr = {"seed": "seed", "fibrosis": "truth", "scanner": "scanner", "kind": "liver_texture"}
    images = {"mr": {"kind": "image", "simulated": mr}, "liver": {"kind": "mask", "of": "mr"}}
    return {**small_study.dictionary(), "acquisitions": images, **changes}


def study(**settings: Any) -> Study:
    """The protocol with an index test on images, one on the table and a comparator; `settings` are the extractor's."""
    document = small_study.protocol()
    arm = document["arms"]["main"]
    arm["index_tests"] = {
        "clinical": arm["index_tests"]["model"],
        "image": {"label": LABEL, "features": [Brightness(**settings)], "model": "logistic"},
        "both": {
            "label": "Both",
            "features": [Brightness(**settings), {"kind": "clinical", "fields": ["marker"]}],
            "model": "logistic",
        },
    }
    arm["design"] = {"partition": {"kind": "k_fold", "folds": 4}, "seed": 3}
    arm["analyses"] = ["discrimination", "comparison"]
    arm["subgroups"] = []
    return Study.model_validate(document)


def write(folder: Path, *, data: pd.DataFrame | None = None, fields: Document | None = None) -> Path:
    """Write table and dictionary to `folder`, which is what `run` wants beside the study."""
    written = table() if data is None else data
    return small_study.write_study(folder, data=written, fields=fields or dictionary()).parent
