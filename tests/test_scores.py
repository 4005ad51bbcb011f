"""What a filled checklist scores, and what its words say."""

import pytest

from hepar.report.answers import Answer, stated
from hepar.report.scores import Checklist, Item, score_words, worth_words


def weighed(answer: Answer | None, weight: float, *, conditional: bool = False) -> Item:
    return Item("1", "about", "key", answer, weight=weight, conditional=conditional)


def pointed(answer: Answer | None, *points: int, number: str = "1") -> Item:
    return Item(number, "about", "key", answer, points=points)


YES = Answer("Done.")
NOT_APPLICABLE = Answer("Not applicable: by hand.", applies=False)


def test_a_share_is_the_weight_answered_of_the_weight_that_applies() -> None:
    items = (weighed(YES, 0.3), weighed(None, 0.1), weighed(NOT_APPLICABLE, 0.2, conditional=True))
    one = Checklist("METRICS", "doi", items, "share")
    assert one.score == pytest.approx(0.75)
    assert one.gaps == 1
    assert "Score 75.0%" in score_words(one)
    assert "Left out because not applicable: item 1." in score_words(one)
    told = [worth_words(item).replace("\N{NO-BREAK SPACE}", " ") for item in items]
    assert told == ["0.3 of 0.3", "0 of 0.1", "not applicable"]


def test_an_unconditional_item_cannot_be_left_out() -> None:
    one = Checklist("METRICS", "doi", (weighed(YES, 0.5), weighed(NOT_APPLICABLE, 0.5)), "share")
    assert one.score == pytest.approx(0.5)


def test_a_denial_earns_nothing() -> None:
    assert weighed(stated("No: one reader, once"), 0.2).share == 0
    assert weighed(stated("Not done."), 0.2).share == 0
    assert weighed(stated("Nobody was excluded"), 0.2).share == 0.2
    assert pointed(stated("no: none"), 1).earned == 0


@pytest.mark.parametrize(
    ("answer", "points", "earned"),
    [
        (None, (-3, 3), 0),
        (YES, (-3, 3), 3),
        (YES, (1, 2), 1),
        (stated("2 points: public"), (1, 2), 2),
        (stated("-3 points: neither"), (-3, 3), -3),
        (stated("9 points: very good"), (1, 2), 0),
        (Answer("None.", points=-5), (-5, 2, 3), -5),
        (NOT_APPLICABLE, (1,), 0),
    ],
)
def test_an_item_earns_what_it_may(answer: Answer | None, points: tuple[int, ...], earned: int) -> None:
    assert pointed(answer, *points).earned == earned


def test_points_that_an_item_does_not_give_are_named() -> None:
    assert (
        worth_words(pointed(stated("9 points: very good"), 1, 2))
        == "0 of 2 points (points claimed are not among 1, 2)"
    )


def test_a_sum_says_its_range_and_what_a_gap_would_have_cost() -> None:
    one = Checklist("RQS", "doi", (pointed(None, -3, 3, number="5"), pointed(YES, 1, 2, number="9")), "sum")
    assert (one.score, one.worst, one.best) == (1.0, -3, 5)
    said = score_words(one)
    assert "Score 1 of 5 (20.0%; possible: −3 to 5)" in said
    assert "would take points off for the gap at item 5" in said


def test_a_list_without_a_score_says_none() -> None:
    one = Checklist("CLEAR", "doi", (Item("1", "about", "key", YES),))
    assert one.score is None
    assert score_words(one) == ""
