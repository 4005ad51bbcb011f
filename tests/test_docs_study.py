"""The page on studies names every key, outcome, partition, model, step, analysis and statement; its examples are valid."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from hepar.analyses.base import Analysis
from hepar.analyses.standard import STANDARD
from hepar.data.eligibility import Condition, Criterion, Operator
from hepar.data.outcome import Outcome
from hepar.models.base import Model
from hepar.report.checklists import statement_keys
from hepar.study.partition import Partition
from hepar.study.protocol import Arm, Design, Explain, IndexTest, ProtocolThreshold, Refits, Study
from hepar.transforms.base import Transform

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "add-a-study.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
EXAMPLES = [yaml.safe_load(line) for block in BLOCKS for line in block.splitlines()]


def rows(head: str) -> dict[str, list[str]]:
    """Each key of a first cell -> the cells beside it, in the table whose header starts with `head`."""
    lines = PAGE[PAGE.index(f"| {head} |") :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: rest for first, *rest in cells for name in re.findall(r"`([^`]+)`", first)}


def examples(key: str) -> list[Any]:
    return [line[key] for line in EXAMPLES if key in line]


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ("key", Study),
        ("key of an arm", Arm),
        ("key of a threshold", ProtocolThreshold),
        ("key of `explain`", Explain),
    ],
)
def test_every_key_has_a_row_and_every_row_is_a_key(head: str, part: type[BaseModel]) -> None:
    assert set(rows(head)) == set(part.model_fields)


@pytest.mark.parametrize("part", [Design, IndexTest, Refits, Criterion, Condition])
def test_every_key_of_a_part_is_named(part: type[BaseModel]) -> None:
    for key in part.model_fields:
        assert f"`{key}`" in PAGE, key


def test_every_outcome_has_a_row_with_its_keys_and_standard_analyses_and_a_valid_example() -> None:
    outcome: TypeAdapter[Any] = TypeAdapter(Outcome)
    found = [outcome.validate_python(example) for example in examples("outcome")]
    kinds = {one.model_fields["kind"].default: one for one in get_args(get_args(Outcome)[0])}
    assert {one.kind for one in found} == set(kinds)
    for kind, member in kinds.items():
        keys, analyses = rows("kind")[kind]
        for key in set(member.model_fields) - {"kind", "label"}:
            assert f"`{key}`" in keys, (kind, key)
        own = set(STANDARD[kind]) - (set(STANDARD["binary"]) if kind == "graded" else set())
        assert own <= set(re.findall(r"[a-z_]{5,}", analyses)), kind


def test_the_standard_analyses_of_a_graded_outcome_are_those_of_a_binary_one_and_staging() -> None:
    assert set(STANDARD["graded"]) == {*STANDARD["binary"], "staging"}


def test_every_analysis_is_named() -> None:
    for kind in Analysis.places():
        assert re.search(rf"\b{kind}\b", PAGE), kind


def test_every_model_has_a_row_with_the_outcomes_that_it_accepts_and_its_parameters() -> None:
    found = rows("model")
    assert set(found) == set(Model.places())
    for kind, (*accepts, parameters) in found.items():
        member = Model.member(kind)
        order = ("binary", "graded", "continuous", "time_to_event")
        assert {o for o, said in zip(order, accepts, strict=True) if said == "yes"} == member.accepts, kind
        assert set(re.findall(r"`([^`]+)`", parameters)) == set(member.model_fields) - {"kind"}, kind


def test_every_example_of_a_model_is_valid() -> None:
    assert [Model.parse(example).kind for example in examples("model")] == ["tuned"]


def test_every_step_has_a_row_with_its_keys_and_their_defaults() -> None:
    found = rows("step")
    assert set(found) == set(Transform.places())
    for kind, (keys, _) in found.items():
        member = Transform.member(kind)
        told = dict(re.findall(r"`(\w+)`(?: \(`?([^)`]+)`?\))?", keys))
        assert set(told) == set(member.model_fields) - {"kind", "spare"}, kind
        for name, said in told.items():
            default = member.model_fields[name].default
            assert not said or yaml.safe_load(said) == default, (kind, name)
            assert said or not isinstance(default, int | float), (kind, name)


def test_every_partition_has_a_row_with_its_keys_and_a_valid_example() -> None:
    found = {Partition.parse(example).kind for example in examples("partition")}
    assert found == set(Partition.places())
    table = PAGE[PAGE.index("## Who is predicted by whom") :]
    for kind in Partition.places():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{kind}`"))
        for name, field in Partition.member(kind).model_fields.items():
            assert name == "kind" or f"`{field.alias or name}`" in row, (kind, name)


def test_every_operator_has_a_row() -> None:
    assert set(rows("`op`")) == set(get_args(Operator))


def test_every_key_of_a_statement_is_named() -> None:
    for key in statement_keys():
        assert f"`{key}`" in PAGE, key
