"""Raw ultrasound named in a data dictionary: SIMULATED recordings, and what a declaration may not say."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from hepar.data.acquisitions import Declaration
from hepar.data.dictionary import Dataset
from hepar.io.tables import cohort_of

DICTIONARY = {
    "name": "small",
    "title": "SIMULATED recordings",
    "source": "SIMULATED",
    "licence": "Apache-2.0",
    "citation": "none",
    "simulated": True,
    "table": "table.csv",
    "case": "id",
    "site": {"constant": "A"},
    "fields": {"age_y": {"kind": "number", "unit": "year"}},
}
SIMULATED = {"kind": "recording", "cohort": 1, "number": "number"}


def dataset(**acquisitions: object) -> Dataset:
    return Dataset.model_validate({**DICTIONARY, "acquisitions": acquisitions})


def test_a_simulated_recording_and_its_phantom_are_made_by_the_same_scanner(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("id,age_y,number\nP1,40,1\nP2,50,2\n")
    declared = dataset(
        rf={"kind": "recording", "simulated": {**SIMULATED, "views": 2}},
        phantom={"kind": "recording", "simulated": {**SIMULATED, "of": "phantom"}},
    )
    for case in cohort_of(declared, tmp_path / "dictionary.yaml"):
        views, (phantom,) = case.acquisition("rf").load(), case.acquisition("phantom").load()
        assert [view.view for view in views] == ["0", "1"]
        assert {view.preset for view in views} == {phantom.preset}
        assert all(view.remark.startswith("SIMULATED") for view in (*views, phantom))
        assert not np.array_equal(views[0].rf, views[1].rf)


def test_another_arm_of_the_cohort_is_another_recording(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("id,age_y,number\nP1,40,1\n")
    declared = dataset(
        rf={"kind": "recording", "simulated": SIMULATED},
        spectrum={"kind": "recording", "simulated": {**SIMULATED, "arm": "spectrum"}},
    )
    (case,) = cohort_of(declared, tmp_path / "dictionary.yaml")
    one, other = case.acquisition("rf"), case.acquisition("spectrum")
    assert one.fingerprint != other.fingerprint
    assert not np.array_equal(one.load()[0].rf, other.load()[0].rf)


def test_recordings_in_files_are_found_and_a_change_of_what_lies_beside_them_is_seen(tmp_path: Path) -> None:
    from hepar.io.rf_file import write_rf

    (tmp_path / "table.csv").write_text("id,age_y,number\nP1,40,1\n")
    simulated = dataset(rf={"kind": "recording", "simulated": SIMULATED})
    (case,) = cohort_of(simulated, tmp_path / "dictionary.yaml")
    (tmp_path / "P1").mkdir()
    made = case.acquisition("rf").load()[0]
    for name in ("one.h5", "two.h5"):
        write_rf(made, tmp_path / "P1" / name)
    (case,) = cohort_of(
        dataset(
            rf={"kind": "recording", "files": "{case}"}, one={"kind": "recording", "files": "{case}/one.h5"}
        ),
        tmp_path / "dictionary.yaml",
    )
    both = case.acquisition("rf").load()
    assert len(both) == 2
    np.testing.assert_array_equal(both[1].rf, made.rf)
    before = case.acquisition("one").fingerprint
    (tmp_path / "P1" / "one.regions.yaml").write_text("liver: {depth_mm: [40, 60], lines: [0, 5]}\n")
    (case,) = cohort_of(
        dataset(one={"kind": "recording", "files": "{case}/one.h5"}), tmp_path / "dictionary.yaml"
    )
    assert case.acquisition("one").fingerprint != before


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"kind": "recording"}, "a recording needs `files`, or `simulated`, and not both"),
        ({"kind": "recording", "files": "a.h5", "series": "x"}, "`series` belongs to an image in files"),
        ({"kind": "image", "files": "a.nii", "settings": "s.yaml"}, "`settings` belong to a recording"),
        ({"kind": "image", "simulated": SIMULATED}, "an image cannot be simulated as 'recording'"),
        ({"kind": "recording", "files": "a.h5", "settings": "../s.yaml"}, "steps out of its folder"),
        ({"kind": "recording", "files": "a.h5", "of": "ct"}, "belong to a mask, not to a recording"),
        ({"kind": "recording", "simulated": {**SIMULATED, "views": 0}}, "greater than or equal to 1"),
    ],
)
def test_what_a_recording_cannot_be_is_refused(declared: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Declaration.model_validate(declared)
