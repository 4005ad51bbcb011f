"""Sharing recordings that lie in files: read, renamed, and nothing left where one of them is damaged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from bundled_study import PATIENTS, dictionary, recording, write_study
from hepar.core.errors import DataError
from hepar.io.rf_file import read_rf, write_rf
from hepar.study.protocol import read_protocol
from hepar.study.share import share
from shared_study import KEY


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    """A study with two recordings of each patient, and one of a phantom for all."""
    path = write_study(tmp_path / "study")
    document = dictionary(recordings=True)
    document["acquisitions"]["phantom"] = {"kind": "recording", "files": "phantom.h5"}
    (path.parent / "dictionary.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    write_rf(replace(recording(99, stiff=False), subject="phantom 0815"), path.parent / "phantom.h5")
    return path


def test_echoes_stay_and_names_of_files_go(protocol: Path, tmp_path: Path) -> None:
    study, folder = read_protocol(protocol)
    made = share(study, folder, tmp_path / "package", key=KEY)
    linkage = pd.read_csv(made.linkage).set_index("case")
    table = pd.read_csv(made.folder / "data/main/table.csv").set_index("case")
    assert made.recordings == 3 * PATIENTS
    root = made.folder / "data/main/recordings"
    for number in (0, PATIENTS - 1):
        row = table.loc[str(linkage.loc[f"P{number:02}", "case_shared"])]
        for view in range(2):
            original = read_rf(folder / "recordings" / f"P{number:02}" / f"{view}.h5")
            shared = read_rf(root / row["rf_files"] / f"{view + 1}.h5")
            assert np.array_equal(shared.rf, original.rf)
            assert shared.regions == original.regions
            assert shared.subject == row["participant"]
    assert len(set(table["phantom_files"])) == 1
    (phantom,) = (root / "phantom").iterdir()
    assert read_rf(phantom / "1.h5").subject == ""


def test_the_name_of_a_source_file_is_looked_for_where_it_is_of_one_case(
    protocol: Path, tmp_path: Path
) -> None:
    path = protocol.parent / "recordings" / "P07" / "1.h5"
    path.rename(path.with_name("doe-liver.h5"))
    document = yaml.safe_load(protocol.read_text())
    document["limits"] = ["0.h5 and 1.h5 are told", "so is doe-liver.h5"]
    protocol.write_text(yaml.safe_dump(document))
    study, folder = read_protocol(protocol)
    with pytest.raises(DataError, match=r"because 3 identifiers .* holds a name of a source file") as caught:
        share(study, folder, tmp_path / "package", key=KEY)
    assert "doe" not in str(caught.value)


def test_a_damaged_recording_is_refused_by_its_case_and_nothing_is_left(
    protocol: Path, tmp_path: Path
) -> None:
    damaged = protocol.parent / "recordings" / "P07" / "1.h5"
    damaged.write_bytes(damaged.read_bytes()[:3000])
    study, folder = read_protocol(protocol)
    with pytest.raises(DataError, match=r"case P07, acquisition 'rf'"):
        share(study, folder, tmp_path / "package", key=KEY)
    assert {path.name for path in tmp_path.iterdir()} == {"study"}


def test_what_a_recording_calls_its_patient_is_looked_for(protocol: Path, tmp_path: Path) -> None:
    path = protocol.parent / "recordings" / "P07" / "1.h5"
    path.unlink()
    write_rf(replace(recording(1, stiff=True), subject="Jane Doe", preset="Liver Jane-Doe"), path)
    study, folder = read_protocol(protocol)
    with pytest.raises(DataError, match=r"holds a name of the patient in a recording") as caught:
        share(study, folder, tmp_path / "package", key=KEY)
    assert "Doe" not in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == {"study"}
