"""Networks as models of a study: what they read, what they say, and what they refuse. All data are SIMULATED."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.outcome import Binary, Continuous, Graded, Outcome
from hepar.data.packed import pack, refuse_arrays
from hepar.data.reference import Reference, reference
from hepar.models.arrays import learn_scale, levelled, padded
from hepar.models.base import Model
from hepar.models.network import FittedNetwork
from hepar.models.training import TUNABLE
from hepar.nets.build import capacity
from hepar.stats.discrimination import auc

N = 48
OUTCOMES: dict[str, Outcome] = {
    "binary": Binary(label="F>=2", field="stage", at_least=2),
    "graded": Graded(label="stage", field="stage", grades=(0, 1, 2, 3, 4), threshold=2),
    "continuous": Continuous(label="stiffness", field="kpa", unit="kPa"),
}
QUICK = {
    "training": {
        "epochs": 8,
        "learning_rate": 0.01,
        "dropout": 0.0,
        "augmentation": {"noise": 0.1, "dropped": 0},
    }
}
KINDS: dict[str, dict[str, Any]] = {
    "two_stream": {"kind": "rf_net", **QUICK},
    "raw": {"kind": "rf_net", "input": "raw", **QUICK},
    "bmode": {"kind": "bmode_net", **QUICK},
}


def stages() -> np.ndarray:
    return np.arange(N) % 5


def features(kind: str, *, seed: int = 0) -> pd.DataFrame:
    """One to three frames a case; a pattern in them grows with the stage."""
    rng = np.random.default_rng(seed)
    shapes = {
        "rf_spectrogram": (24, 2, 8),
        "rf_envelope": (1, 8, 64),
        "rf_lines": (1, 4, 128),
        "bmode_picture": (1, 8, 64),
    }
    names = {
        "two_stream": ("rf_spectrogram", "rf_envelope"),
        "raw": ("rf_lines",),
        "bmode": ("bmode_picture",),
    }[kind]
    columns: dict[str, list[str]] = {name: [] for name in names}
    for number, stage in enumerate(stages()):
        for name in names:
            array = rng.standard_normal((1 + number % 3, *shapes[name]))
            array *= 1 + 0.8 * stage * (np.arange(array.shape[-1]) % 16 < 8)
            columns[name].append(pack(array.astype(np.float16)))
    return pd.DataFrame(columns, index=[f"C{k:02}" for k in range(N)])


def known(kind: str) -> Reference:
    clinical = pd.DataFrame(
        {
            "stage": stages().astype(float),
            "kpa": 3.0 * 1.5 ** stages(),
            "site": "S",
            "participant_id": range(N),
        },
        index=[f"C{k:02}" for k in range(N)],
    )
    return Reference(OUTCOMES[kind], reference(OUTCOMES[kind], clinical))


def fitted(kind: str, outcome: str, *, seed: int = 0, **changed: Any) -> FittedNetwork:
    found = Model.parse({**KINDS[kind], **changed}).fit(features(kind), known(outcome), seed=seed)
    assert isinstance(found, FittedNetwork)
    return found


@pytest.mark.parametrize(
    ("kind", "outcome"), [("two_stream", "graded"), ("raw", "binary"), ("bmode", "continuous")]
)
def test_it_learns_from_training_cases_and_tells_others(kind: str, outcome: str) -> None:
    table = features(kind)
    before = table.copy()
    model = fitted(kind, outcome)
    scores = model.predict(features(kind, seed=7))
    pd.testing.assert_frame_equal(table, before)
    assert auc(stages() >= 2, scores.score).value > 0.8
    if outcome == "continuous":
        assert not scores.probability
    else:
        probability = scores.probability[None]
        np.testing.assert_allclose(probability, 1 / (1 + np.exp(-scores.score)))
    assert set(model.describe()) == {"parameters", "epochs", "final training loss"}
    assert model.describe()["parameters"] == capacity(model.network())


def test_the_same_seed_says_the_same_and_pickling_changes_nothing() -> None:
    first, again, other = (fitted("bmode", "binary", seed=seed) for seed in (3, 3, 4))
    table = features("bmode", seed=7)
    np.testing.assert_array_equal(first.predict(table).score, again.predict(table).score)
    assert not np.array_equal(first.predict(table).score, other.predict(table).score)
    back = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(back.predict(table).score, first.predict(table).score)


def test_what_is_said_of_a_case_does_not_depend_on_the_other_cases() -> None:
    model, table = fitted("two_stream", "graded"), features("two_stream", seed=7)
    alone = np.concatenate([model.predict(table.iloc[[k]]).score for k in range(4)])
    np.testing.assert_allclose(alone, model.predict(table).score[:4], atol=1e-5)


def test_standardisation_is_learnt_from_training_cases_alone() -> None:
    model = fitted("bmode", "binary")
    table = features("bmode", seed=7)
    others = table.copy()
    others.loc["C40":, "bmode_picture"] = pack(np.full((1, 1, 8, 64), 100, dtype=np.float16))
    np.testing.assert_array_equal(model.predict(table).score[:8], model.predict(others).score[:8])


def test_probabilities_of_higher_stages_are_never_higher() -> None:
    model = fitted("two_stream", "graded")
    answers = model.told(features("two_stream", seed=7)).answers
    assert answers.shape == (N, 4)
    assert (np.diff(answers, axis=1) <= 0).all()
    np.testing.assert_allclose(model.predict(features("two_stream", seed=7)).score, answers[:, 1])


def test_a_quantity_comes_in_its_unit_and_by_its_logarithm_if_asked() -> None:
    plain, log = fitted("bmode", "continuous"), fitted("bmode", "continuous", log=True)
    table, kpa = features("bmode"), 3.0 * 1.5 ** stages()
    assert plain.predict(table).score.mean() == pytest.approx(kpa.mean(), rel=0.25)
    answers = log.told(table).answers[:, 0].astype(float)
    np.testing.assert_allclose(
        log.predict(table).score, np.exp(np.log(kpa).mean() + np.log(kpa).std() * answers), rtol=1e-6
    )


def test_gain_and_time_gain_leave_a_levelled_picture_as_it_was() -> None:
    rng = np.random.default_rng(0)
    picture = rng.uniform(50, 200, (2, 1, 8, 64)).astype(np.float32)
    picture[1, ..., :3, :] = np.nan
    brighter = picture + np.float32(30) + np.linspace(-20, 40, 64, dtype=np.float32)
    np.testing.assert_allclose(levelled(picture, "tilt"), levelled(brighter, "tilt"), atol=1e-3)
    np.testing.assert_allclose(
        levelled(picture, "mean"), levelled(picture + np.float32(30), "mean"), atol=1e-3
    )
    assert np.array_equal(levelled(brighter, "kept"), brighter, equal_nan=True)
    slope = np.polyfit(np.arange(64), np.nanmean(levelled(brighter, "tilt")[1, 0], axis=0), 1)[0]
    assert slope == pytest.approx(0, abs=1e-4)


def test_scale_and_padding_by_hand() -> None:
    first = np.array([[[[1.0, 3.0]], [[10.0, np.nan]]]], dtype=np.float32)
    second = np.array([[[[5.0, 3.0]], [[12.0, 14.0]]]] * 2, dtype=np.float32)
    scale = learn_scale([first, second])
    # channel 0: 1 3 5 3 5 3, channel 1: 10 12 14 12 14
    np.testing.assert_allclose(scale.mean[:, 0, 0], [20 / 6, 62 / 5], rtol=1e-6)
    square = sum((x - 20 / 6) ** 2 for x in (1, 3, 5, 3, 5, 3)) + sum(
        (x - 12.4) ** 2 for x in (10, 12, 14, 12, 14)
    )
    assert scale.deviation == pytest.approx(np.sqrt(square / 11), rel=1e-6)
    assert scale(first)[0, 1, 0, 1] == 0
    stacked, mask = padded([first, second])
    assert stacked.shape == (2, 2, 2, 1, 2)
    np.testing.assert_array_equal(mask, [[1, 0], [1, 1]])
    assert not stacked[0, 1].any()


def test_a_grid_varies_how_it_is_trained() -> None:
    model = Model.parse("rf_net")
    assert model.parameters == TUNABLE
    varied = model.varied({"epochs": 5.0, "dropout": 0.1}).model_dump()["training"]
    assert (varied["epochs"], varied["dropout"]) == (5, 0.1)
    assert model.model_dump()["training"]["epochs"] == 30
    assert model.varied({"epochs": 5.0}).fingerprint != model.fingerprint


def test_the_network_alone_gives_what_the_model_gives() -> None:
    model, table = fitted("two_stream", "binary"), features("two_stream", seed=7)
    seen = model.examined(table)
    with torch.no_grad():
        answers, frames, _ = model.network()(
            *(torch.from_numpy(stream).float() for stream in seen.streams), torch.from_numpy(seen.mask)
        )
    np.testing.assert_allclose(answers[:, 0].numpy(), model.predict(table).score, atol=1e-5)
    assert not frames.numpy()[seen.mask == 0].any()


class TestRefusals:
    def refused(
        self, table: pd.DataFrame, error: type[Exception], match: str, *, kind: str = "bmode"
    ) -> None:
        with pytest.raises(error, match=match):
            Model.parse(KINDS[kind]).fit(table, known("binary"), seed=0)

    def test_columns_that_lack(self) -> None:
        self.refused(
            features("raw"),
            ProtocolError,
            "no 'bmode_picture': give the index test the extractor bmode_input",
        )
        self.refused(features("two_stream"), ProtocolError, "rf_input with what: raw", kind="raw")

    def test_columns_of_numbers_beside(self) -> None:
        self.refused(features("bmode").assign(age_y=50.0), ProtocolError, "hold 'age_y' too")

    def test_a_case_without_an_array(self) -> None:
        table = features("bmode")
        table.loc["C03", "bmode_picture"] = None
        self.refused(table, DataError, "case C03: bmode_picture is 'None', no packed array")

    def test_arrays_of_another_size(self) -> None:
        table = features("bmode")
        table.loc["C05", "bmode_picture"] = pack(np.zeros((1, 1, 8, 32), dtype=np.float16))
        self.refused(table, DataError, r"\(1, 8, 32\) in case C05 and \(1, 8, 64\) in case C00")
        table.loc["C05", "bmode_picture"] = pack(np.zeros((8, 32), dtype=np.float16))
        self.refused(table, DataError, "case C05: bmode_picture has the shape")

    def test_one_class_or_a_constant_or_too_few(self) -> None:
        table, model = features("bmode"), Model.parse(KINDS["bmode"])
        healthy = np.flatnonzero(stages() < 2)
        with pytest.raises(RunError, match="all 20 training cases are negative"):
            model.fit(table.iloc[healthy], known("binary").take(healthy), seed=0)
        same = np.flatnonzero(stages() == 1)
        with pytest.raises(RunError, match="nothing can be learnt"):
            model.fit(table.iloc[same], known("continuous").take(same), seed=0)
        with pytest.raises(RunError, match="8 training cases at least; found 5"):
            model.fit(table.iloc[:5], known("binary").take(np.arange(5)), seed=0)

    def test_models_of_numbers_can_refuse_arrays(self) -> None:
        refuse_arrays(pd.DataFrame({"age_y": [1.0], "sex": ["f"], "nothing": [None]}))
        with pytest.raises(ProtocolError, match="'rf_lines' is an array for a network"):
            refuse_arrays(features("raw"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_gpu_has_trained_predicts_on_the_cpu(kind: str) -> None:
    training = {**QUICK["training"], "device": "cuda"}
    network = fitted(kind, "binary", training=training)
    assert auc(stages() >= 2, network.predict(features(kind, seed=9)).score).value > 0.8
    assert isinstance(pickle.loads(pickle.dumps(network)), FittedNetwork)
