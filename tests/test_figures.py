"""Figures render from little, from nothing and from hostile names, and give the same bytes again."""

import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from hepar.report.figures import Frame, Line, Series, clouds, forest, lines

X = np.linspace(0, 1, 5)
FRAME = Frame("x", "y")


@pytest.mark.parametrize("n", [0, 1, 2, 200])
@pytest.mark.parametrize("kind", ["line", "dots", "step", "guide"])
def test_a_curve_of_any_length_renders(n: int, kind: str) -> None:
    x = np.linspace(0, 1, n)
    one = Series("a", x, x, x, x, dots=kind == "dots", step=kind == "step", guide=kind == "guide")
    svg = lines([one], FRAME, key="k", label="what")
    assert ElementTree.fromstring(svg.replace("xlink:href", "href")).tag == "svg"


def test_no_curve_at_all_renders() -> None:
    assert "<svg" in lines([], FRAME, key="k", label="nothing")
    assert "<svg" in forest([], x="AUC", key="k", label="nothing")
    assert "<svg" in clouds([("F0", np.array([]))], FRAME, key="k", label="nothing")


def test_missing_limits_draw_no_band() -> None:
    svg = lines([Series("a", X, X, X * np.nan, X * np.nan)], FRAME, key="k", label="a")
    assert "fill-opacity" not in svg


def test_the_same_figure_gives_the_same_bytes() -> None:
    one, two = (lines([Series("a", X, X, X, X)], FRAME, key="k", label="a") for _ in range(2))
    assert one == two


def test_ids_start_with_the_key_and_text_stays_text() -> None:
    svg = lines([Series("Näme", X, X, X, X)], FRAME, key="arm-roc-0", label="a")
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids
    assert all(name.startswith("arm-roc-0-") for name in ids)
    assert "Näme</text>" in svg


def test_names_with_markup_or_dollars_are_drawn_as_they_are() -> None:
    svg = lines([Series("<b> $x_2$ & co", X, X)], FRAME, key="k", label='"quoted" <b>')
    assert "&lt;b&gt; $x_2$ &amp; co" in svg
    assert 'aria-label="&#34;quoted&#34; &lt;b&gt;"' in svg


def test_the_users_matplotlib_settings_change_nothing() -> None:
    before = lines([Series("a", X, X)], FRAME, key="k", label="a")
    with matplotlib.rc_context({"axes.facecolor": "red", "lines.linewidth": 9, "font.size": 30}):
        assert lines([Series("a", X, X)], FRAME, key="k", label="a") == before


def test_lines_differ_by_more_than_colour() -> None:
    svg = lines([Series(str(at), X, X + at) for at in range(4)], FRAME, key="k", label="a")
    dashes = set(re.findall(r"stroke-dasharray: ([^;\"]+)", svg))
    assert len(dashes) >= 3


def test_a_pooled_estimate_is_a_diamond_with_its_prediction_interval() -> None:
    entry = Line("Pooled", 0.8, 0.7, 0.9, "0.8", pooled=True, prediction=(0.6, 0.95))
    plain = Line("S1", 0.8, 0.7, 0.9, "0.8")
    with_pool = forest([plain, entry], x="AUC", key="k", label="a")
    without = forest([plain, plain], x="AUC", key="k", label="a")
    assert with_pool.count("#6b6b6b") == without.count("#6b6b6b") + 1


def test_numbers_at_risk_stand_under_the_curve() -> None:
    frame = Frame("Years", "y", at_risk=(("1", (0.0, 1.0), (412, 77)),))
    svg = lines([Series("1", X, X, step=True)], frame, key="k", label="a")
    assert ">412</text>" in svg
    assert ">77</text>" in svg
