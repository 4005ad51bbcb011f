"""The data dictionary refuses what is unclear before any table is read."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hepar.core.errors import ProtocolError
from hepar.data.dictionary import Dataset, Field, bundled_datasets, read_dataset

HEADER = {
    "name": "d",
    "title": "t",
    "source": "s",
    "licence": "l",
    "citation": "c",
    "table": "d.csv",
    "case": "id",
    "site": "site",
}
TEXT = """
name: d
title: t
source: s
licence: l
citation: c
table: d.csv
case: id
site: site
fields:
"""


def dataset(fields: Any, **more: Any) -> Dataset:
    return Dataset.model_validate({**HEADER, "fields": fields, **more})


def from_yaml(tmp_path: Path, fields: Any) -> Dataset:
    path = tmp_path / "dictionary.yaml"
    path.write_text(TEXT + fields)
    return read_dataset(path)


def test_levels_follow_from_codes_in_order() -> None:
    assert Field(kind="ordinal", codes={"high": 2, "low": 1}).levels == (1.0, 2.0)
    assert Field(kind="category", codes={"M": "male", "m": "male", "F": "female"}).levels == (
        "male",
        "female",
    )


def test_a_level_is_named_by_its_name_or_its_number() -> None:
    field = Field(kind="ordinal", codes={"none": 0, "F1": 1}, names={1: "portal"})
    assert (field.name_of(1.0), field.name_of(0.0)) == ("portal", "0")


def test_a_dataset_survives_the_round_trip_through_plain_values() -> None:
    for name in bundled_datasets():
        once = read_dataset(name)
        assert Dataset.model_validate(once.model_dump(mode="json")) == once


def test_a_dictionary_is_immutable() -> None:
    age: Any = read_dataset("pbc").fields["age_y"]
    with pytest.raises(ValidationError, match="frozen"):
        age.unit = "day"


def test_a_dictionary_is_found_by_its_file_its_folder_or_its_bundled_name() -> None:
    path = bundled_datasets()["pbc"]
    assert read_dataset(path) == read_dataset(path.parent) == read_dataset("pbc")


def test_an_unknown_data_set_is_refused_with_the_bundled_ones() -> None:
    with pytest.raises(ProtocolError, match="did you mean 'pbc'"):
        read_dataset("pbcc")


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="did you mean 'range'"):
        from_yaml(tmp_path, "  age_y: {kind: number, ranges: [0, 1]}")


def test_a_bare_yes_is_refused_because_yaml_reads_it_as_true(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"read as true/false by YAML; quote it"):
        from_yaml(tmp_path, "  invasion: {kind: boolean, codes: {YES: true, NO: false}}")


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"fields.a: .*unit 'grams' is not in the table of units"):
        from_yaml(tmp_path, "  a: {kind: number, unit: grams}")


def test_a_source_unit_that_does_not_convert_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"'kPa' \(pressure\) does not convert to 'g/dL'.*Allowed: g/L"):
        from_yaml(tmp_path, "  a: {kind: number, unit: g/dL, source_unit: kPa}")


def test_detection_without_a_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="needs the field's range"):
        from_yaml(tmp_path, "  a: {kind: number, unit: g/dL, source_unit: {detect: [g/dL, g/L]}}")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"kind": "text", "unit": "kg"}, "unit belongs to a field of kind number or ordinal"),
        ({"kind": "number", "codes": {"a": 1}}, "codes belongs to"),
        ({"kind": "number", "format": "%Y"}, "format belongs to"),
        ({"kind": "number", "range": [2, 1]}, "lower limit must be below the upper"),
        ({"kind": "number", "source_unit": "day"}, "source_unit needs unit"),
        ({"kind": "ordinal", "codes": {"a": "b"}}, "a code of kind ordinal means a number"),
        ({"kind": "category", "codes": {"1": 2}}, "a code of kind category means a text"),
        ({"kind": "category"}, "needs codes, or levels"),
        ({"kind": "date", "not_before": "birth"}, "needs field 'birth', which is not declared"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(field: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        dataset({"a": field})


def test_a_derivation_needs_declared_fields_of_the_right_kind() -> None:
    bmi = {"bmi": {"kind": "body_mass_index", "weight": "weight_kg", "height": "height_m"}}
    weight = {"weight_kg": {"kind": "number", "unit": "kg"}}
    with pytest.raises(ValidationError, match="needs field 'height_m', which is not declared"):
        dataset(weight, derived=bmi)
    with pytest.raises(ValidationError, match="needs 'height_m' to be of kind number; it is text"):
        dataset({**weight, "height_m": {"kind": "text"}}, derived=bmi)


def test_a_derived_field_may_not_take_the_name_of_another() -> None:
    fields = {"a": {"kind": "date"}, "b": {"kind": "date"}, "gap_y": {"kind": "number"}}
    with pytest.raises(ValidationError, match="makes 'gap_y', which is a field already"):
        dataset(fields, derived={"gap_y": {"kind": "years_between", "start": "a", "end": "b"}})


def test_the_fields_of_a_dataset_include_the_derived_ones() -> None:
    found = read_dataset("udca").all_fields
    assert found["lre_time_y"].unit == "year"
    assert found["lre_status"].levels == (0.0, 1.0, 2.0)


def test_a_limit_of_a_date_is_a_date_field_or_a_day() -> None:
    for limit in ("2024-12-31", "seen"):
        assert dataset({"seen": {"kind": "date"}, "x": {"kind": "date", "not_after": limit}})
    with pytest.raises(
        ValidationError, match=r"fields\.x\.not_after: needs field 'sen'.*did you mean 'seen'"
    ):
        dataset({"seen": {"kind": "date"}, "x": {"kind": "date", "not_after": "sen"}})
    with pytest.raises(ValidationError, match="needs 'age' to be of kind date; it is number"):
        dataset({"age": {"kind": "number"}, "x": {"kind": "date", "not_after": "age"}})
    with pytest.raises(ValidationError, match="not_after belongs to a field of kind date, not number"):
        Field(kind="number", not_after="2024-12-31")


def test_a_day_in_yaml_needs_no_quotes(tmp_path: Path) -> None:
    found = from_yaml(tmp_path, "  x: {kind: date, not_after: 2024-12-31}\n")
    assert found.fields["x"].not_after == "2024-12-31"


@pytest.mark.parametrize("written", ["dd.mm.yyyy", "%m", "%d.%m.%Q", "%H:%M"])
def test_a_date_format_that_gives_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match=r"gives no date; write it as in strptime, e\.g\. '%d\.%m\.%Y'"):
        Field(kind="date", format=written)


def test_the_header_row_counts_from_one() -> None:
    with pytest.raises(ValidationError, match="header_row"):
        dataset({"x": {"kind": "text"}}, header_row=0)


def test_a_unit_other_than_the_name_of_the_field_says_is_refused() -> None:
    with pytest.raises(
        ValidationError, match=r"fields\.platelets_10e9_l: the name says 10\^9/L, but unit is 1/uL"
    ):
        dataset({"platelets_10e9_l": {"kind": "number", "unit": "1/uL"}})
    for unit in ("10^9/L", "10^3/uL", None):
        assert dataset({"platelets_10e9_l": {"kind": "number", "unit": unit}})
