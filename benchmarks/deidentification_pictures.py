"""SIMULATED pictures of ultrasound, with and without text typed into them; no patient is behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

Frames = NDArray[np.uint8]
Draw = Callable[[ImageDraw.ImageDraw], None]
FONTS = tuple(
    Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVu{name}.ttf"
    for name in ("Sans", "Sans-Bold", "SansMono", "SansMono-BoldOblique", "Serif")
)
COLOURS = {
    "white": (255, 255, 255),
    "grey": (190, 190, 190),
    "yellow": (255, 255, 0),
    "green": (0, 220, 0),
    "cyan": (0, 220, 220),
    "orange": (255, 150, 0),
    "blue": (70, 90, 255),
}
SIZES = (9, 11, 13, 16, 20, 28, 36)
"""Pixels of an em; a capital has 0.73 of them, a small letter 0.55."""
QUALITIES = (0, 0, 95, 85, 75, 60)
"""Of JPEG; 0: no compression."""
KINDS = ("plain", "plain", "Doppler", "elastography", "tinted")
SYLLABLES = (
    "ma",
    "ri",
    "gol",
    "da",
    "wonder",
    "smith",
    "jones",
    "lee",
    "an",
    "ber",
    "tho",
    "mas",
    "ka",
    "mül",
    "ler",
    "chen",
)
TINTS = ((1, 0.85, 0.6), (0.7, 0.85, 1), (1, 0.75, 0.5))


@dataclass(frozen=True, slots=True)
class Text:
    """What is typed into a picture."""

    words: str
    size: int
    colour: str
    smooth: bool
    """Whether borders of letters are blended with what lies under them."""
    font: Path


def frames_of(seed: int, *, n: int = 1) -> tuple[str, Frames]:
    """The kind of a SIMULATED picture and its `n` frames (frame, row, column, colour), with marks but without text."""
    rng = np.random.default_rng([seed, 0])
    kind = str(rng.choice(KINDS))
    grey = speckle(rng, int(rng.integers(300, 520)), int(rng.integers(350, 640)), n=n)
    frames = np.repeat(grey[..., None], 3, axis=-1)
    if kind == "Doppler":
        frames = doppler(rng, frames)
    elif kind == "elastography":
        frames = elastography(rng, frames)
    elif kind == "tinted":
        frames = (frames * np.array(TINTS[rng.integers(len(TINTS))])).astype(np.uint8)
    return kind, marked(rng, frames) if rng.random() < 0.6 else frames


def text_of(seed: int) -> Text:
    """A name, a third of them with a day."""
    rng = np.random.default_rng([seed, 1])
    words = " ".join(
        "".join(rng.choice(SYLLABLES, rng.integers(1, 4))).capitalize() for _ in range(rng.integers(1, 3))
    )
    words = words if len(words) >= 4 else f"{words}son"
    form = rng.random()
    words = (
        words.upper()
        if form < 0.4
        else f"{words} {rng.integers(10, 29)}.10.19{rng.integers(30, 99)}"
        if form > 0.67
        else words
    )
    size, colour = int(rng.choice(SIZES)), str(rng.choice(list(COLOURS)))
    return Text(words, size, colour, bool(rng.random() < 0.5), FONTS[rng.integers(len(FONTS))])


def with_text(frames: Frames, text: Text, *, seed: int) -> Frames:
    """`frames` with the same text in each, cut to the width of the picture."""
    rng = np.random.default_rng([seed, 2])
    font, words = ImageFont.truetype(text.font, text.size), text.words
    while font.getbbox(words)[2] > frames.shape[2] - 6 and len(words) > 4:
        words = words[:-1]
    left, top, right, bottom = font.getbbox(words)
    x = int(rng.integers(2, max(3, frames.shape[2] - (right - left) - 2)))
    y = int(rng.integers(2, max(3, frames.shape[1] - (bottom - top) - 4)))

    def draw(on: ImageDraw.ImageDraw) -> None:
        on.fontmode = "L" if text.smooth else "1"
        on.text((x - left, y - top), words, font=font, fill=COLOURS[text.colour])

    return drawn(frames, draw)


def compressed(frames: Frames, quality: int, *, shared_chroma: bool = True) -> Frames:
    """`frames` after JPEG of a quality; 0 leaves them as they are."""
    return np.stack([_jpeg(frame, quality, 2 * shared_chroma) for frame in frames]) if quality else frames


def _jpeg(frame: Any, quality: int, subsampling: int) -> Frames:
    stream = BytesIO()
    Image.fromarray(frame).save(stream, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(stream).convert("RGB"))


def drawn(frames: Frames, draw: Draw) -> Frames:
    """`frames`, with the same drawn into each."""
    pictures = [Image.fromarray(frame) for frame in frames]
    for picture in pictures:
        draw(ImageDraw.Draw(picture))
    return np.stack([np.asarray(picture) for picture in pictures])


def speckle(rng: np.random.Generator, rows: int, columns: int, *, n: int) -> Frames:
    """Log-compressed speckle (Rayleigh envelope of a blurred complex field) with vessels, lines, echoes and a sector."""
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    echo = _structures(rng, y, x)
    blur = (0, rng.uniform(0.8, 1.8), rng.uniform(1.2, 4))

    def field() -> NDArray[Any]:
        made = ndimage.gaussian_filter(rng.standard_normal((2, rows, columns)).astype(np.float32), blur)
        return np.asarray(made / made.std())

    shown = np.ones((rows, columns), bool)
    if rng.random() < 0.6:
        from_apex = np.hypot(x - columns / 2, y + 0.15 * rows)
        angle = np.abs(np.arctan2(x - columns / 2, y + 0.15 * rows))
        shown = (angle < rng.uniform(0.45, 0.75)) & (from_apex > 0.18 * rows) & (from_apex < 1.12 * rows)
    gain, now, frames = rng.uniform(-3, 0.9), field(), []
    for k in range(n):
        here = echo
        if k:
            now = np.sqrt(1 - 0.35**2) * now + 0.35 * field()
            here = ndimage.shift(echo, rng.uniform(-2, 2, 2), order=1, mode="nearest")
        level = 20 * np.log10(np.hypot(*now) / 1.25 + 1e-3) + 3 * here + 6 * gain - 7 * y / rows
        frames.append(np.where(shown, np.clip((level + 35) / 50 * 255, 0, 255), 0).astype(np.uint8))
    return np.stack(frames)


def _structures(rng: np.random.Generator, y: Any, x: Any) -> NDArray[Any]:
    rows, columns = y.shape
    echo = 12 * ndimage.gaussian_filter(rng.standard_normal(y.shape).astype(np.float32), 25)
    for _ in range(rng.integers(1, 5)):  # vessels and cysts with walls
        turn, half = rng.uniform(0, np.pi), (rng.uniform(10, 70), rng.uniform(6, 40))
        u, v = x - rng.uniform(0, columns), y - rng.uniform(0, rows)
        r = np.hypot(
            (u * np.cos(turn) + v * np.sin(turn)) / half[0], (v * np.cos(turn) - u * np.sin(turn)) / half[1]
        )
        echo = np.where(r < 1, echo - rng.uniform(2, 6), echo)
        echo += rng.uniform(0, 3) * np.exp(-(((r - 1) * min(half) / 2) ** 2))
    for _ in range(rng.integers(1, 4)):  # a diaphragm, a capsule
        line = rng.uniform(0, rows) + rng.uniform(0, 40) * np.sin(
            6 * x / rng.uniform(100, 400) + rng.uniform(0, 6)
        )
        echo += rng.uniform(2, 5) * np.exp(-(((y - line) / rng.uniform(1.2, 3)) ** 2))
    for _ in range(rng.integers(0, 8)):  # stones and gas
        far = (y - rng.uniform(0, rows)) ** 2 + (x - rng.uniform(0, columns)) ** 2
        echo += rng.uniform(2, 6) * np.exp(-far / (2 * rng.uniform(1.5, 5) ** 2))
    return np.asarray(echo)


def doppler(rng: np.random.Generator, frames: Frames) -> Frames:
    """With a box of red and blue flecks, and its border."""
    made, (top, left, high, wide) = frames.copy(), _box(rng, frames)
    size, least = rng.uniform(2, 7), rng.uniform(0.8, 1.6)
    for frame in made:
        flow = ndimage.gaussian_filter(rng.standard_normal((high, wide)), size)
        flow /= flow.std()
        fast = np.clip(np.abs(flow) / 3, 0, 1)
        light, second = 120 + 135 * fast, 255 * np.clip(1.6 * fast - 0.6, 0, 1)
        red, blue = np.stack([light, second, 0 * fast], -1), np.stack([0 * fast, second, light], -1)
        flecks = np.abs(flow) > least
        frame[top : top + high, left : left + wide][flecks] = np.where((flow > 0)[..., None], red, blue)[
            flecks
        ]
    colour = COLOURS["yellow" if high % 2 else "white"]
    return drawn(made, lambda on: on.rectangle((left, top, left + wide, top + high), outline=colour))


def elastography(rng: np.random.Generator, frames: Frames) -> Frames:
    """With a box of blended colours."""
    made, (top, left, high, wide) = frames.copy(), _box(rng, frames)
    for frame in made:
        hard = ndimage.gaussian_filter(rng.standard_normal((high, wide)), rng.uniform(5, 15))
        hard = (hard - hard.min()) / np.ptp(hard)
        colour = np.stack([np.clip(1.5 - np.abs(4 * hard - k), 0, 1) for k in (3, 2, 1)], -1) * 255
        place = frame[top : top + high, left : left + wide]
        place[:] = 0.45 * place + 0.55 * colour
    return made


def _box(rng: np.random.Generator, frames: Frames) -> tuple[int, int, int, int]:
    rows, columns = frames.shape[1:3]
    high, wide = int(rng.integers(rows // 4, rows // 2)), int(rng.integers(columns // 4, columns // 2))
    return int(rng.integers(0, rows - high)), int(rng.integers(0, columns - wide)), high, wide


def marked(rng: np.random.Generator, frames: Frames) -> Frames:
    """With some of what devices draw that is no text: calipers, a dotted line, scales, an ellipse, a bar, an arrow."""
    rows, columns = frames.shape[1:3]
    points = [(int(rng.integers(20, columns - 20)), int(rng.integers(20, rows - 20))) for _ in range(4)]
    colour = list(COLOURS.values())[rng.integers(6)]
    place = _Place(rows, columns, points, int(rng.integers(20, 60)), colour)
    chosen = [mark for mark in MARKS if rng.random() < 0.5]

    def draw(on: ImageDraw.ImageDraw) -> None:
        for mark in chosen:
            mark(on, place)

    return drawn(frames, draw)


@dataclass(frozen=True, slots=True)
class _Place:
    rows: int
    columns: int
    points: list[tuple[int, int]]
    every: int
    colour: tuple[int, int, int]


def _calipers(on: ImageDraw.ImageDraw, place: _Place) -> None:
    for x, y in place.points[:2]:
        on.line((x - 5, y, x + 5, y), fill=place.colour)
        on.line((x, y - 5, x, y + 5), fill=place.colour)


def _dotted_line(on: ImageDraw.ImageDraw, place: _Place) -> None:
    (x0, y0), (x1, y1) = place.points[:2]
    for t in np.linspace(0, 1, int(np.hypot(x1 - x0, y1 - y0) // 6) + 1):
        on.point((x0 + t * (x1 - x0), y0 + t * (y1 - y0)), fill=place.colour)


def _depth_scale(on: ImageDraw.ImageDraw, place: _Place) -> None:
    for k, y in enumerate(range(5, place.rows, place.every)):
        on.line((place.columns - 6 - 4 * (k % 5 == 0), y, place.columns - 1, y), fill="white")


def _width_scale(on: ImageDraw.ImageDraw, place: _Place) -> None:
    for k, x in enumerate(range(5, place.columns, place.every)):
        on.line((x, place.rows - 8 - 4 * (k % 5 == 0), x, place.rows - 1), fill="white")


def _cross_and_ellipse(on: ImageDraw.ImageDraw, place: _Place) -> None:
    (x, y), (x2, y2) = place.points[2:]
    on.line((x - 5, y - 5, x + 5, y + 5), fill=place.colour)
    on.line((x - 5, y + 5, x + 5, y - 5), fill=place.colour)
    on.ellipse((x2 - 30, y2 - 20, x2 + 30, y2 + 20), outline=place.colour)


def _focus_and_bar(on: ImageDraw.ImageDraw, place: _Place) -> None:
    y = place.points[0][1]
    on.polygon([(3, y), (11, y - 5), (11, y + 5)], fill="white")
    for k in range(100):
        on.line((place.columns - 22, 30 + k, place.columns - 14, 30 + k), fill=(255 - 2 * k,) * 3)


MARKS = (_calipers, _dotted_line, _depth_scale, _width_scale, _cross_and_ellipse, _focus_and_bar)
