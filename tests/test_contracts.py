"""What every member of every family promises, tried on each of them by name, unasked."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import ValidationError

from hepar.analyses.base import Analysis
from hepar.api import FAMILIES, catalogue
from hepar.comparators.base import Comparator
from hepar.core.component import Component
from hepar.features.base import Extractor
from hepar.features.filters import Filter
from hepar.models.base import Model
from hepar.study.partition import Partition
from hepar.transforms.base import Transform

BASES: tuple[type[Component], ...] = (Extractor, Filter, Transform, Model, Comparator, Analysis, Partition)
MEMBERS = [(base, kind) for base in BASES for kind in base.places()]
EXAMPLES = json.loads((Path(__file__).parent / "golden" / "examples.json").read_text())
OUTCOMES = {"binary", "graded", "continuous", "time_to_event", "lesions"}
HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "sklearn",
    "matplotlib",
    "lifelines",
    "comprisk",
    "pydantic",
    "rich",
    "torch",
    "numba",
    "nibabel",
    "pydicom",
}


def example(base: type[Component], kind: str) -> Component:
    return base.parse({"kind": kind, **EXAMPLES.get(kind, {})})


@pytest.mark.parametrize(
    ("base", "kind"), MEMBERS, ids=lambda value: value if isinstance(value, str) else value.family
)
class TestEveryMember:
    def test_survives_a_round_trip_through_json(self, base: type[Component], kind: str) -> None:
        member = example(base, kind)
        again = base.parse(json.loads(member.model_dump_json(by_alias=True)))
        assert again == member
        assert again.fingerprint == member.fingerprint

    def test_cannot_be_changed(self, base: type[Component], kind: str) -> None:
        member = example(base, kind)
        for name in type(member).model_fields:
            with pytest.raises(ValidationError):
                setattr(member, name, getattr(member, name))

    def test_says_what_it_is(self, base: type[Component], kind: str) -> None:
        documentation = base.member(kind).__doc__ or ""
        assert len(documentation.splitlines()[0]) > 20

    def test_is_called_by_its_own_kind(self, base: type[Component], kind: str) -> None:
        assert example(base, kind).kind == kind

    def test_says_which_outcomes_it_accepts(self, base: type[Component], kind: str) -> None:
        if base in (Model, Analysis):
            accepts = base.member(kind).accepts
            assert accepts
            assert accepts <= OUTCOMES


def test_every_example_belongs_to_a_member() -> None:
    assert set(EXAMPLES) <= {kind for _, kind in MEMBERS}


def test_the_catalogue_lists_every_family() -> None:
    found = catalogue()
    assert set(found) == {"protocols", *FAMILIES}
    assert all(found[family] for family in FAMILIES)


@pytest.mark.parametrize("module", ["hepar", "hepar.cli"])
def test_importing_it_imports_nothing_heavy(module: str) -> None:
    code = f"import {module}, sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & set(loaded)


def test_every_public_name_is_there() -> None:
    package = import_module("hepar")
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="module 'hepar' has no 'runn'; it has: "):
        assert package.runn
