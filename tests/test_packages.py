"""Packages that are absent."""

import pytest

from hepar.core.errors import ProtocolError
from hepar.core.packages import EXTRAS, how_to_install, refuse_absent


def test_an_absent_package_is_told_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hepar.core.packages.find_spec", lambda name: None if name == "pydicom" else object())
    refuse_absent(["numba"], what="reading images")
    with pytest.raises(ProtocolError, match=r"reading images needs the package 'pydicom'.*'hepar\[images\]'"):
        refuse_absent(["numba", "pydicom"], what="reading images")


def test_a_package_of_no_extra_is_installed_by_its_own_name() -> None:
    assert how_to_install("something").endswith("pip install something")
    assert set(EXTRAS.values()) == {
        "survival",
        "parquet",
        "images",
        "ultrasound",
        "slides",
        "networks",
        "bundle",
        "capture",
        "redcap",
        "postgres",
    }
