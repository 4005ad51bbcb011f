from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from hepar.comparators.base import Comparator
from hepar.core.component import Component
from hepar.core.errors import ProtocolError
from hepar.models.base import Model
from hepar.models.logistic import Logistic


def test_a_kind_alone_is_a_component_with_its_defaults() -> None:
    assert Model.parse("logistic") == Model.parse({"kind": "logistic"})


def test_an_unknown_kind_names_the_nearest_and_all_there_are() -> None:
    with pytest.raises(
        ProtocolError, match=r"hepar.comparators has no 'apry'; did you mean 'apri'\? Allowed: .*fib4"
    ):
        Comparator.parse("apry")


def test_an_unknown_parameter_names_those_allowed() -> None:
    with pytest.raises(ProtocolError, match=r"unknown key 'C'; .*Allowed: c, kind, l1_ratio"):
        Model.parse({"kind": "logistic", "C": 1})


def test_a_parameter_of_the_wrong_type_shows_what_was_found() -> None:
    with pytest.raises(ProtocolError, match=r"logistic: c: .*number.*\(found 'much'\)"):
        Model.parse({"kind": "logistic", "c": "much"})


def test_what_is_no_component_at_all_is_refused() -> None:
    with pytest.raises(ProtocolError, match="found 3; write a kind"):
        Model.parse(3)


def test_a_component_cannot_be_changed() -> None:
    model: Any = Model.parse("logistic")
    with pytest.raises(ValidationError):
        model.kind = "cox"


def test_the_fingerprint_changes_with_a_parameter_and_with_the_version() -> None:
    class Newer(Logistic):
        version: ClassVar[int] = 2

    one = Model.parse("logistic")
    assert one.fingerprint != Model.parse({"kind": "logistic", "c": 2.0}).fingerprint
    assert one.fingerprint != Newer().fingerprint
    assert one.fingerprint == Model.parse({"kind": "logistic", "c": 1.0}).fingerprint


def test_a_nested_component_keeps_its_own_parameters_in_a_round_trip() -> None:
    tuned = Model.parse(
        {"kind": "tuned", "model": {"kind": "cox", "penalty": 0.3}, "grid": {"penalty": [0.1, 1.0]}}
    )
    assert Model.parse(tuned.model_dump()) == tuned
    assert isinstance(tuned, Component)
