"""Table E.1-1 and hepar's own list: complete, consistent, and decided for every representation and option."""

from collections import Counter
from dataclasses import fields

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.sr.codedict import Collection

from hepar.io.deidentification.actions import NUMBERS, REMOVE, Decision, decide
from hepar.io.deidentification.options import BASIC, METHODS, Options, method_codes
from hepar.io.deidentification.table import OPTION_COLUMNS, basic_profile, kept_attributes, packaged_table
from hepar.io.deidentification.values import BYTES, DUMMIES

ALL = frozenset(METHODS)


def test_the_table_has_the_rows_of_its_edition() -> None:
    counts = Counter(row.basic for row in basic_profile().values())
    assert counts == {
        "X": 412,
        "D": 93,
        "U": 55,
        "Z": 42,
        "X/D": 23,
        "X/Z": 11,
        "X/Z/D": 8,
        "Z/D": 6,
        "X/Z/U*": 2,
    }
    groups = [
        line["tag"]
        for line in packaged_table("basic_profile.csv")
        if "x" in line["tag"] or line["tag"] == "private"
    ]
    assert groups == ["50xx,xxxx", "60xx,3000", "60xx,4000", "private"]


def test_every_row_of_the_dictionary_has_the_dictionary_s_keyword() -> None:
    keywords = {tag: row.keyword for tag, row in basic_profile().items()}
    keywords |= {tag: kept.keyword for tag, kept in kept_attributes().items()}
    for tag, keyword in keywords.items():
        known = keyword_for_tag(tag)
        assert not known or keyword == known


def test_the_marks_of_options_are_keep_and_clean() -> None:
    lines = packaged_table("basic_profile.csv")
    assert {line[column] for line in lines for column in OPTION_COLUMNS} == {"", "K", "C"}
    assert {line["options_from"] for line in lines} == {"table", "derived"}


def test_no_attribute_of_the_standard_s_table_is_on_the_own_list() -> None:
    assert not set(basic_profile()) & set(kept_attributes())
    assert {kept.option for kept in kept_attributes().values()} <= {"always", "never", *OPTION_COLUMNS}
    assert {kept.otherwise for kept in kept_attributes().values()} == {"X", "Z", "D"}


def known_representations(tag: int) -> tuple[str, ...]:
    try:
        return tuple(dictionary_VR(tag).split(" or "))
    except KeyError:
        return ()


def test_every_attribute_is_decided_under_every_option_and_has_its_dummy() -> None:
    for tag in {**basic_profile(), **kept_attributes()}:
        for vr in known_representations(tag):
            for columns in (frozenset[str](), ALL, *(frozenset({column}) for column in OPTION_COLUMNS)):
                decision = decide(tag, vr, columns)
                assert vr != "SQ" or decision.action in ("remove", "empty", "descend")
                if "dummy" in (decision.action, decision.otherwise):
                    assert vr in DUMMIES


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        (0x00100010, "PN", "empty"),
        (0x00100030, "DA", "empty"),
        (0x00080018, "UI", "map"),
        (0x00080023, "DA", "dummy"),
        (0x00081140, "SQ", "descend"),
        (0x0040A730, "SQ", "empty"),
        (0x006A0003, "UI", "map"),
        (0x00189004, "CS", "listed"),
        (0x00180050, "DS", "keep"),
        (0x00401010, "PN", "remove"),
        (0x00100010, "LO", "remove"),
        (0x00280000, "UL", "remove"),
        (0x60003000, "OW", "remove"),
        (0x50003000, "OW", "remove"),
        (0x00203101, "CS", "remove"),
        (0x04000561, "SQ", "remove"),
        (0x00091001, "LO", "remove"),
        (0x00080F0F, "LO", "remove"),
        (0x00880200, "SQ", "remove"),
        (0xFFFAFFFA, "SQ", "remove"),
    ],
)
def test_what_happens_by_default(tag: int, vr: str, action: str) -> None:
    assert decide(tag, vr, frozenset()).action == action


def test_options_change_only_what_their_columns_name() -> None:
    assert decide(0x00080020, "DA", frozenset({"modified_dates"})) == Decision("move", "empty")
    assert decide(0x00080030, "TM", frozenset({"modified_dates"})) == Decision("keep", "empty")
    assert decide(0x00100030, "DA", frozenset({"modified_dates", "full_dates", "patient"})).action == "empty"
    assert decide(0x0008103E, "LO", frozenset({"descriptors"})) == Decision("clean", "remove")
    assert decide(0x00181000, "LO", frozenset({"device"})) == Decision("keep", "dummy")
    assert decide(0x0040A730, "SQ", frozenset({"structured"})).action == "descend"
    assert decide(0x00700001, "SQ", frozenset({"graphics"})).action == "descend"
    assert decide(0x00101081, "LO", ALL) == REMOVE


def test_no_option_keeps_names_of_persons() -> None:
    names = [tag for tag in basic_profile() if "PN" in known_representations(tag)]
    assert len(names) > 20
    assert {decide(tag, "PN", ALL).action for tag in names} <= {"remove", "empty", "dummy"}


def test_every_option_has_its_method_code() -> None:
    everything = Options(**{f.name: True for f in fields(Options) if f.name != "dates"}, dates="full")
    assert len(method_codes(everything)) == len(METHODS)
    assert method_codes(Options()) == (("113100", "Basic Application Confidentiality Profile"),)
    assert not NUMBERS & BYTES


def test_method_codes_are_those_of_pydicom_s_copy_of_the_standard() -> None:
    standard = {code.value: code.meaning for code in Collection("DCM").concepts.values()}
    assert {code: standard[code] for code, _ in METHODS.values()} == dict(METHODS.values())
    assert standard[BASIC[0]] == BASIC[1]
