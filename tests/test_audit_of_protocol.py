"""An arm as something to be audited: parts, outcome, what its fields are, and its acquisitions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import image_study
import small_study
from hepar.data.outcome import Continuous, Graded, TimeToEvent
from hepar.data.reference import Reference
from hepar.imaging.geometry import Volume
from hepar.study.audit.audit import NOT_READ, audit
from hepar.study.audit.duplicates import Thing, pairs_of
from hepar.study.audit.of_protocol import _measures_outcome, _role, outcome_of, subject_of
from hepar.study.audit.picture import look_at_volume
from hepar.study.audit.subject import objects
from hepar.study.prepare import prepare
from hepar.study.protocol import read_protocol


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("reader_1_score", "feature"), ("model_score", "feature"), ("reader", "metadata"), ("reader_2", "metadata"),
        ("operator_id", "metadata"), ("scanner_model", "metadata"), ("slice_thickness_mm", "metadata"),
    ],
)  # fmt: skip
def test_what_a_reader_found_is_no_metadata_and_who_it_was_is(name: str, role: str) -> None:
    assert _role(name, None, None, read=True) == role


def test_a_measurement_of_the_outcomes_own_quantity_may_agree_but_not_be_it(tmp_path: Path) -> None:
    (part,) = [one for one in prepare(*read_protocol("rf-spectrum")) if one.name == "truth_stiffness"]
    found = subject_of(part, simulated=True)
    (measured,) = [one for one in found.columns if one.name == "stiffness_kpa"]
    assert measured.role == "measure"
    assert not audit(found, pictures=False).findings
    truth = part.reference.table["value"].to_numpy()
    assert not _measures_outcome(part, "stiffness_kpa", objects(truth.tolist()))


def reference(table: dict[str, list[float]], outcome: Graded | Continuous | TimeToEvent) -> Reference:
    n = len(next(iter(table.values())))
    who = [f"P{k}" for k in range(n)]
    return Reference(outcome, pd.DataFrame({"participant_id": who, "site": "A", "unit": "case", **table}))


def test_fields_of_a_protocol_have_their_roles_and_the_outcome_is_left_out(tmp_path: Path) -> None:
    study, folder = read_protocol(small_study.write_study(tmp_path))
    (part,) = prepare(study, folder)
    found = subject_of(part, simulated=True)
    roles = {column.name: column.role for column in found.columns}
    assert roles == {
        "site": "metadata", "age_y": "feature", "sex": "feature", "marker": "feature", "old": "feature",
        "noise": "other", "followed_y": "follow_up", "birth_date": "other", "scan_date": "metadata",
    }  # fmt: skip
    assert set(found.parts) == {"part 1", "part 2", "part 3", "part 4"}
    assert found.simulated


def test_a_grade_is_asked_at_every_threshold_with_enough_cases() -> None:
    outcome = Graded(label="stage", field="f", grades=(0, 1, 2), names=("F0", "F1", "F2"), threshold=1)
    grade = [0.0] * 10 + [1.0] * 10 + [2.0] * 3
    label, contrasts = outcome_of(
        reference({"grade": grade, "positive": [float(g > 0) for g in grade]}, outcome)
    )
    assert [one.name for one in contrasts] == ["stage F1 or more"]
    assert label[0] == "F0"


def test_a_time_to_event_is_known_only_with_enough_follow_up() -> None:
    outcome = TimeToEvent.model_validate(
        {"label": "death", "time": "t_y", "event": {"field": "s", "value": 1}, "horizons_y": [2]}
    )
    known = reference({"time_y": [1, 3, 1, 3, 1], "status": [1, 1, 0, 0, 2]}, outcome)
    _, (contrast,) = outcome_of(known)
    np.testing.assert_array_equal(contrast.positive, [1, 0, np.nan, 0, 0])


def test_a_measured_outcome_is_cut_at_its_median() -> None:
    _, (contrast,) = outcome_of(
        reference({"value": [1.0, 2.0, 3.0]}, Continuous(label="kPa", field="k", unit="kPa"))
    )
    np.testing.assert_array_equal(contrast.positive, [0, 1, 1])


def noisy(seed: int) -> Volume:
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.normal(size=(4, 12, 12)), np.ones((2, 4, 4)))
    return Volume(
        1000 + 100 * coarse + rng.normal(0, 5, (8, 48, 48)), np.diag([2.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]]
    )


def test_a_volume_is_found_again_rescaled_and_in_another_order_of_axes() -> None:
    volumes = [noisy(k) for k in range(6)]
    brighter = volumes[2].like(volumes[2].array * 1.5 + 40)
    turned = volumes[4].oriented("IAR")
    things = [Thing(k, look_at_volume(one).shown[0]) for k, one in enumerate([*volumes, brighter, turned])]
    found = pairs_of(things, [f"P{k}" for k in range(8)])
    assert {(pair.first, pair.second) for pair in found} == {(2, 6), (4, 7)}


def test_images_of_a_protocol_are_compared_when_asked(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    image_study.write(tmp_path)
    (part,) = prepare(image_study.study(), tmp_path)
    found = subject_of(part, simulated=True)
    assert NOT_READ in audit(found, pictures=False).notes
    first = found.sources[0]
    copied = replace(found, sources=(*found.sources[:9], replace(first, place=9)))
    seen = audit(copied)
    assert seen.pictures == 10
    assert next((one.rule, one.n) for one in seen.findings) == ("same-picture", 2)
