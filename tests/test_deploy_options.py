"""What is named on the command line is read as meant, or refused."""

from pathlib import Path

import pytest

from hepar.core.errors import ProtocolError
from hepar.deploy.options import named_paths, named_values


def test_numbers_are_numbers_and_levels_are_text() -> None:
    assert named_values(["age_y=54", "sex=male", "log=-1e3", "a=b=c"]) == {
        "age_y": 54.0,
        "sex": "male",
        "log": -1000.0,
        "a": "b=c",
    }
    assert named_paths(["phantom=a/b c.h5"]) == {"phantom": Path("a/b c.h5")}


@pytest.mark.parametrize("text", ["age_y", "=54", "age_y=", "age_y=nan", "age_y=inf"])
def test_what_names_no_value_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="--value"):
        named_values([text])


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ProtocolError, match="is given twice"):
        named_paths(["phantom=a.h5", "phantom=b.h5"])
