"""Matplotlib figures as inline SVG: the same bytes each time, ids of their own, text as text."""

import re
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hepar",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "path.simplify": True,
    "text.parse_math": False,
}
"""Settings that the drawing must not take from the user's matplotlibrc."""


_DRAWN = (
    "axes.",
    "boxplot.",
    "figure.",
    "font.",
    "grid.",
    "legend.",
    "lines.",
    "patch.",
    "path.",
    "text.",
    "xtick.",
    "ytick.",
)


def style() -> AbstractContextManager[None]:
    """A context of matplotlib's defaults for all that is drawn, with `STYLE` on top."""
    settings: Any = {
        name: value for name, value in matplotlib.rcParamsDefault.items() if name.startswith(_DRAWN)
    }
    settings.update(STYLE)
    return matplotlib.rc_context(settings)


def render(figure: Figure, *, key: str, label: str) -> Markup:
    """`figure` as an `<svg>` of a page; `key`, unique in the page, starts every id; `label` says what is drawn."""
    buffer = BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata=nothing)
    return Markup(_inline(buffer.getvalue().decode("utf-8"), key=key, label=label))


def _inline(text: str, *, key: str, label: str) -> str:
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*</defs>\s*", "", body)
    body = re.sub(r"font: (?:\w+ )*?([\d.]+)px [^;\"]*", r"font-size: \1px", body)
    body = re.sub(r' d="[^"]*"', lambda m: re.sub(r"(\d\.\d)\d+", r"\1", re.sub(r"\s+", " ", m[0])), body)
    body = _lighter(re.sub(r">\s+<", "><", _own_ids(body, key)))
    box = re.search(r'viewBox="([^"]+)"', body)
    view = box.group(1) if box else "0 0 400 300"
    head = (
        f'<svg class="plot" viewBox="{view}" width="{_width(view)}" role="img" aria-label="{escape(label)}"'
        f' preserveAspectRatio="xMidYMid meet" font-family="{STYLE["font.family"]}">'
    )
    return head + body[body.index(">") + 1 :].strip()


def _lighter(body: str) -> str:
    """Places to a hundredth of a point, the font once for all texts; nothing that shows nothing."""
    body = re.sub(r'<path d="[^"]*" style="fill: none"/>', "", body)
    body = body.replace("<g></g>", "")
    body = re.sub(r' transform="rotate\(-?0(?:\.0*)? [^)]*\)"', "", body)
    body = body.replace(f" font-family: '{STYLE['font.family']}'", "").replace(";;", ";")
    places = r' (?:x|y|transform)="[^"]*"'
    return re.sub(places, lambda m: re.sub(r"(\d\.\d\d)\d+", r"\1", m[0]), body)


def _width(view: str) -> str:
    return f"{float(view.split()[2]) * 4 / 3:.0f}"


def _own_ids(body: str, key: str) -> str:
    """Drop ids that nothing refers to; start the others with `key`."""
    used = set(re.findall(r"url\(#([^)]+)\)", body)) | set(re.findall(r'href="#([^"]+)"', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{key}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", body)
    return re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', body)
