"""Figures as SVG in a page: light, the same each time, and as they were drawn."""

import re

from matplotlib.figure import Figure

from hepar.report.svg import render, style


def drawn() -> str:
    with style():
        figure = Figure(figsize=(3, 2))
        axes = figure.subplots()
        axes.plot([0.123456, 1.0], [2.0, 3.987654])
        axes.set_xlabel("time, years")
        axes.set_ylabel("risk")
        return str(render(figure, key="one", label="risk over time"))


def test_places_have_two_decimals_and_the_font_is_said_once() -> None:
    svg = drawn()
    assert svg.count("DejaVu Sans") == 1
    places = re.findall(r' (?:x|y|transform)="([^"]*)"', svg)
    assert places
    assert not [one for one in places if re.search(r"\.\d{3}", one)]


def test_nothing_that_shows_nothing_is_kept_and_what_turns_stays_turned() -> None:
    svg = drawn()
    assert "rotate(-0" not in svg
    assert 'style="fill: none"/>' not in svg
    assert svg.count("rotate(-90") == 1  # the label of the vertical axis
    assert ">time, years</text>" in svg


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawn() == drawn()
