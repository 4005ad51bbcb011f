import math
from pathlib import Path

import pytest

from hepar.core.atomic import write_atomically
from hepar.core.errors import RunError
from hepar.engine.store import NOTHING, Store


def test_a_value_is_made_once_and_kept(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, float]:
        made.append(1)
        return {"x": 0.1 + 0.2}

    for _ in range(3):
        value = Store(tmp_path).get_or_make("ab12", make)
    assert (len(made), value["x"]) == (1, 0.1 + 0.2)


def test_nan_and_every_digit_survive(tmp_path: Path) -> None:
    first = Store(tmp_path).get_or_make("k1", lambda: {"x": [1 / 3, float("nan")]})
    again = Store(tmp_path).get_or_make("k1", dict)
    assert again["x"][0] == first["x"][0] == 1 / 3
    assert math.isnan(again["x"][1])


def test_without_a_store_the_value_has_the_same_shape(tmp_path: Path) -> None:
    assert NOTHING.get_or_make("k", lambda: {"x": (1, 2)}) == Store(tmp_path).get_or_make(
        "k", lambda: {"x": (1, 2)}
    )


def test_a_file_cut_short_is_made_again(tmp_path: Path) -> None:
    Store(tmp_path).get_or_make("ab12", lambda: {"x": 1})
    (tmp_path / "ab" / "ab12.json").write_text('{"x": ')
    assert Store(tmp_path).get_or_make("ab12", lambda: {"x": 2}) == {"x": 2}
    assert Store(tmp_path).get_or_make("ab12", lambda: {"x": 3}) == {"x": 2}


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> dict[str, int]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Store(tmp_path).get_or_make("ab12", fail)
    assert list(tmp_path.rglob("*")) == []


def test_an_interrupted_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    write_atomically(target, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError, match="No space left on device"):
        write_atomically(target, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text() == "old"
