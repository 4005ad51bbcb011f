"""Perturbed repeats of a feature are measurements of its stability: no model sees them. SIMULATED data."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import small_study
from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.outcome import Binary
from hepar.data.reference import Reference
from hepar.models.base import Model
from hepar.models.boosting import Boosting
from hepar.models.encoding import learn_encoding
from hepar.study.prepare import prepare
from hepar.study.protocol import read_protocol

STABLE_FIRST = {"kind": "piped", "steps": ["stable", "varying"], "model": "logistic"}
TOO_LATE = {"kind": "piped", "steps": ["varying", "stable"], "model": "logistic"}


def table() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(20, 2))
    return pd.DataFrame(values, columns=["f", "f@1"], index=[f"C{k}" for k in range(20)])


def known() -> Reference:
    index = table().index
    rows = {"participant_id": index, "site": "S", "unit": "case", "positive": np.arange(20) % 2.0}
    return Reference(Binary(label="x", field="x", at_least=1), pd.DataFrame(rows, index=index))


def test_an_encoding_refuses_them() -> None:
    with pytest.raises(
        RunError, match=r"1 features are perturbed repeats \(e.g. 'f@1'\), which no model may see"
    ):
        learn_encoding(table())


@pytest.mark.parametrize("model", [Boosting(), Model.parse("logistic")], ids=lambda model: model.kind)
def test_a_model_without_steps_refuses_them(model: Model) -> None:
    with pytest.raises(RunError, match="perturbed repeats"):
        model.fit(table(), known(), seed=0)


def checked(folder: Path, model: Any, *, repeats: int = 2) -> None:
    """Check a protocol whose index test measures radiomics `repeats` times more."""
    document = small_study.protocol()
    radiomics = {"kind": "radiomics", "image": "ct", "regions": {"liver": "liver"}, "repeats": repeats}
    test = {
        "label": "Radiomics",
        "features": [{"kind": "clinical", "fields": ["age_y"]}, radiomics],
        "model": model,
    }
    document["arms"]["main"]["index_tests"] = {"radiomics": test}
    study, place = read_protocol(small_study.write_study(folder, study=document))
    prepare(study, place)


@pytest.mark.parametrize(
    ("model", "has"),
    [
        ("logistic", "model 'logistic' has no steps"),
        ({"kind": "tuned", "model": "logistic", "grid": {"c": [1.0]}}, "model 'tuned' has no steps"),
        ({"kind": "tuned", "model": TOO_LATE, "grid": {"c": [1.0]}}, "its steps begin with 'varying'"),
    ],
)
def test_a_protocol_that_would_show_them_to_a_model_is_refused_before_any_image_is_read(
    tmp_path: Path, model: Any, has: str
) -> None:
    with pytest.raises(
        ProtocolError, match=f"'radiomics' measures each feature again.*{has}; put 'stable' first"
    ):
        checked(tmp_path, model)


@pytest.mark.parametrize(
    ("model", "repeats"),
    [
        (STABLE_FIRST, 2),
        ({"kind": "tuned", "model": STABLE_FIRST, "grid": {"c": [1.0]}}, 2),
        ("logistic", 0),
    ],
)
def test_a_protocol_that_judges_them_first_passes_this_check(
    tmp_path: Path, model: Any, repeats: int
) -> None:
    with pytest.raises((DataError, ProtocolError), match="'ct' acquisition, which no case has"):
        checked(tmp_path, model, repeats=repeats)
