"""A feature as its own score."""

import numpy as np
import pandas as pd
import pytest

from hepar.core.errors import ProtocolError
from hepar.data.outcome import Continuous
from hepar.data.reference import Reference
from hepar.models.as_is import AsIs


def reference(n: int) -> Reference:
    table = pd.DataFrame(
        {
            "participant_id": [f"P{k}" for k in range(n)],
            "site": "A",
            "unit": "",
            "value": np.arange(n, dtype=float),
        },
        index=pd.Index([f"P{k}" for k in range(n)], name="case_id"),
    )
    return Reference(Continuous(label="x", field="x", unit="kPa"), table)


def test_the_score_is_the_feature_and_the_training_median_stands_for_what_is_missing() -> None:
    features = pd.DataFrame({"a": [1.0, 2.0, 6.0], "b": [0.0, 0.0, 1.0]})
    fitted = AsIs(feature="a").fit(features, reference(3), seed=0)
    held_out = pd.DataFrame({"a": [10.0, np.nan], "b": [0.0, 0.0]})
    assert fitted.predict(held_out).score.tolist() == [10.0, 2.0]
    assert fitted.describe() == {"median a": 2.0}
    assert (
        AsIs(feature="a", higher=False).fit(features, reference(3), seed=0).predict(held_out).score[0] == -10
    )


def test_what_was_not_measured_has_no_score_where_asked() -> None:
    features = pd.DataFrame({"a": [1.0, 2.0, 6.0]})
    fitted = AsIs(missing="no score").fit(features, reference(3), seed=0)
    assert fitted.predict(pd.DataFrame({"a": [10.0]})).score.tolist() == [10.0]
    assert np.isnan(fitted.predict(pd.DataFrame({"a": [np.nan]})).score).all()
    assert fitted.describe() == {}


def test_the_only_feature_needs_no_name_and_several_do() -> None:
    one = pd.DataFrame({"a": [1.0, 2.0]})
    assert AsIs().fit(one, reference(2), seed=0).predict(one).score.tolist() == [1.0, 2.0]
    with pytest.raises(ProtocolError, match="which feature"):
        AsIs().fit(one.assign(b=1.0), reference(2), seed=0)
    with pytest.raises(ProtocolError, match=r"which feature.*'c'"):
        AsIs(feature="c").fit(one, reference(2), seed=0)


def test_a_category_is_no_score() -> None:
    with pytest.raises(ProtocolError, match="is no number"):
        AsIs().fit(pd.DataFrame({"sex": ["m", "f"]}), reference(2), seed=0)
