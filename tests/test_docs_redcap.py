"""The page on REDCap names every function of branching logic that is read, and no other."""

import re
from pathlib import Path

from hepar.data.crf.functions import FUNCTIONS
from hepar.data.crf.parser import DEEPEST

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "read-redcap.md").read_text(encoding="utf-8")


def test_every_function_that_is_read_stands_on_the_page() -> None:
    table = PAGE[PAGE.index("| functions |") :].split("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert named == {*FUNCTIONS, "if"}


def test_the_depth_that_is_followed_stands_on_the_page() -> None:
    assert f"nested deeper than {DEEPEST} levels" in PAGE
