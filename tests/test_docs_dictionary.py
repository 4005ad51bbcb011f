"""The page on data sets names every key, kind, unit and ending of a name, and its examples are valid."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from hepar.data.acquisitions import Declaration, LiverTexture, SimulatedPatient, SimulatedRecording
from hepar.data.derivation import DerivationBase
from hepar.data.derive import (
    BodyMassIndex,
    DaysBetween,
    Derivation,
    EventStatus,
    FirstEvent,
    YearsBetween,
)
from hepar.data.dictionary import Constant, Dataset
from hepar.data.field import _ONLY_FOR, ByColumn, BySite, Detect, Field, Kind, Tokens
from hepar.data.hierarchy import Hierarchy
from hepar.data.units import MOLAR_MASS_G_MOL, UNITS
from hepar.io.tables import EXTENSIONS

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "add-a-data-set.md").read_text(encoding="utf-8")
DERIVATIONS: list[type[DerivationBase]] = [
    BodyMassIndex, YearsBetween, DaysBetween, FirstEvent, EventStatus, Hierarchy,
]  # fmt: skip
EXAMPLES = [
    line
    for block in re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def rows(head: str) -> dict[str, str]:
    """First cell -> rest of each row of the table whose header starts with `head`; a cell may name several keys."""
    lines = PAGE[PAGE.index(f"| {head} |") :].split("\n\n")[0].splitlines()[2:]
    cells = [line.strip("| ").partition(" | ") for line in lines]
    return {name: rest for first, _, rest in cells for name in re.findall(r"`([^`]+)`", first) or [first]}


def test_every_key_of_a_dictionary_has_a_row_and_every_row_is_a_key() -> None:
    assert set(rows("key of the dictionary")) == set(Dataset.model_fields)


def test_every_key_of_a_field_has_a_row_with_the_kinds_that_it_is_for() -> None:
    found = rows("key of a field")
    assert set(found) == set(Field.model_fields)
    for key, rest in found.items():
        said = rest.partition(" | ")[0]
        assert (
            set(said.split(", ")) == (set(_ONLY_FOR[key]) if key in _ONLY_FOR else {"all"})
            or key == "out_of_range"
        )


def test_every_kind_of_field_has_a_row_and_a_valid_example() -> None:
    assert set(rows("kind")) == set(get_args(Kind))
    examples = [next(iter(yaml.safe_load(line).values())) for line in EXAMPLES]
    for kind in get_args(Kind):
        assert any(Field.model_validate(e) for e in examples if e["kind"] == kind), kind


def test_every_key_of_an_acquisition_has_a_row_and_the_examples_make_a_dictionary() -> None:
    assert set(rows("key of an acquisition")) >= set(Declaration.model_fields)
    keys = {*LiverTexture.model_fields, *SimulatedPatient.model_fields, *SimulatedRecording.model_fields}
    assert all(f"`{key}`" in PAGE for key in keys)
    examples = [yaml.safe_load(line) for line in EXAMPLES]
    found = {
        k: v for line in examples for k, v in line.items() if v["kind"] in ("image", "mask", "recording")
    }
    fields = {"age": {"kind": "number"}}
    header = {"name": "n", "title": "t", "source": "s", "licence": "l", "citation": "c", "table": "t.csv"}
    dataset = Dataset.model_validate(
        {**header, "case": "id", "site": "site", "fields": fields, "acquisitions": found}
    )
    assert dataset.acquisitions["lesion"].of == "ct"
    assert dataset.acquisitions["rf"].settings == "scanner.yaml"


@pytest.mark.parametrize("part", [Constant, Detect, BySite, ByColumn, Tokens])
def test_every_key_of_a_part_is_named(part: type[BaseModel]) -> None:
    for key in part.model_fields:
        assert re.search(rf"\b{key}\b", PAGE), key


def test_every_derivation_has_a_row_with_its_keys_and_a_valid_example() -> None:
    table = PAGE[PAGE.index("## Derived fields") : PAGE.index("## Units")]
    examples = [next(iter(yaml.safe_load(line).values())) for line in EXAMPLES]
    derivation: TypeAdapter[Derivation] = TypeAdapter(Derivation)
    assert {type(e) for e in get_args(get_args(Derivation)[0])} == {type(d) for d in DERIVATIONS}
    assert set(get_args(get_args(Derivation)[0])) == set(DERIVATIONS), "a new derivation: document it"
    for one in DERIVATIONS:
        kind = one.model_fields["kind"].default
        row = next(line for line in table.splitlines() if line.startswith(f"| `{kind}`"))
        for key in set(one.model_fields) - {"kind", "label"}:
            assert f"`{key}`" in row, (kind, key)
        assert any(derivation.validate_python(e) for e in examples if e["kind"] == kind), kind


def test_every_unit_stands_in_the_row_of_its_dimension_and_no_other_does() -> None:
    found = rows("dimension")
    said = {unit: dim for dim, rest in found.items() for unit in re.findall(r"`([^`]+)`", rest)}
    assert said == {symbol: unit.dimension for symbol, unit in UNITS.items()}


def test_every_analyte_and_every_table_format_is_named() -> None:
    for name in (*MOLAR_MASS_G_MOL, *EXTENSIONS):
        assert f"`{name}`" in PAGE, name
