from pathlib import Path

import numpy as np

from hepar.core.fingerprint import fingerprint


def test_the_fingerprint_of_known_content_never_changes() -> None:
    assert fingerprint({"a": 1, "b": [1.5, None, "x"]}) == "c92a2be208a8d9521a495208e1daa377"


def test_arrays_differ_by_type_shape_and_content() -> None:
    array = np.arange(6.0)
    prints = {fingerprint(a) for a in (array, array.astype("f4"), array.reshape(2, 3), array[::-1])}
    assert len(prints) == 4


def test_a_view_has_the_fingerprint_of_its_copy() -> None:
    array = np.arange(12).reshape(3, 4)
    assert fingerprint(array.T) == fingerprint(array.T.copy())


def test_a_file_is_fingerprinted_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


def test_parts_do_not_run_into_each_other() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
