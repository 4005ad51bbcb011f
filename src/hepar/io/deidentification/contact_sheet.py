"""One frame of every series on pages of PNG, for a person to sign off that no name and no face is in the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.pixels.processing import convert_color_space

from ...core.atomic import write_atomically
from ...core.errors import DataError
from ..csv_text import csv_text
from ..dicom_header import lenient
from .pixels import frames_of
from .planes import with_palette
from .report import SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS, COLUMNS = 3, 4
WIDEST_PX = 1024
"""Pixels of a frame's longer side; text that a person can read at a glance stays readable."""
DPI = 180
DARK, BRIGHT = 1.0, 99.0
"""Percentiles of grey that become black and white."""
HEADER = ("page", "place", *SERIES)
TO_FILL_IN = (
    "text in the image (yes/no)",
    "face in the image (yes/no)",
    "looked at all frames (yes/no)",
    "name",
    "day",
)
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shown:
    """A series as it is shown; nothing of it tells who the patient is."""

    subject: str
    study: str
    series: str
    modality: str
    files: tuple[Path, ...]
    masked: bool
    typed: bool = False
    """Whether something inside a mask looks like text."""
    approved: bool = False
    """Whether all masked images say that their pixels name nobody."""

    @property
    def row(self) -> list[str]:
        """What is told of it, in the order of `SERIES`."""
        answers = ("yes" if one else "no" for one in (self.masked, self.typed, self.approved))
        return [self.subject, self.study, self.series, self.modality, str(len(self.files)), *answers]

    @property
    def warning(self) -> str:
        """What a person has to look for."""
        if self.typed:
            return "something in it looks like text: read it"
        return "inside its regions nothing was removed" if self.masked and not self.approved else ""


def write_contact_sheets(folder: Path, series: Sequence[Shown]) -> int:
    """Write pages of PNG and `sign-off.csv` about `series` to `folder`; gives the number of pages.

    The frame in the middle of a series stands for it: looking at one frame does not prove the others clean.
    """
    size = ROWS * COLUMNS
    pages = [series[at : at + size] for at in range(0, len(series), size)]
    for number, page in enumerate(pages, 1):
        _write_page(folder / f"contact-sheet-{number:03}.png", page, number=number, of=len(pages))
    rows = [_row(one, place) for place, one in enumerate(series)]
    write_atomically(folder / "sign-off.csv", csv_text((*HEADER, *TO_FILL_IN), rows))
    return len(pages)


def _row(one: Shown, place: int) -> list[str]:
    page, at = divmod(place, ROWS * COLUMNS)
    return [str(page + 1), str(at + 1), *one.row, *[""] * len(TO_FILL_IN)]


def _write_page(path: Path, page: Sequence[Shown], *, number: int, of: int) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(page) // COLUMNS)
    figure = Figure(figsize=(3 * COLUMNS, 3.3 * rows + 0.4))
    FigureCanvasAgg(figure)
    figure.suptitle(f"Sign-off, page {number} of {of}: one frame of each series", fontsize=12)
    figure.subplots_adjust(
        left=0.01, right=0.99, bottom=0.01, top=1 - 0.7 / (3.3 * rows + 0.4), wspace=0.03, hspace=0.12
    )
    axes = figure.subplots(rows, COLUMNS, squeeze=False).flat
    for place, (ax, one) in enumerate(
        zip(axes, [*page, *[None] * (rows * COLUMNS - len(page))], strict=True), 1
    ):
        ax.set_axis_off()
        if one is None:
            continue
        n = len(one.files)
        title = f"{place}  {one.subject}  {one.modality}  {n} file{'' if n == 1 else 's'}"
        ax.set_title(f"{title}\n{one.warning}" if one.warning else title, fontsize=8)
        _draw(ax, one)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _draw(ax: "Axes", one: Shown) -> None:
    try:
        picture = middle_frame(one.files)
    except DataError:
        said = "cannot be decoded here: look at it elsewhere"
    else:
        said = "" if picture is not None else "holds no picture"
        if picture is not None:
            ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    ax.text(0.5, 0.5, said, ha="center", va="center", fontsize=9, transform=ax.transAxes)


def middle_frame(files: Sequence[Path]) -> Picture | None:
    """The frame in the middle of `files`, grey (rows, columns) or colour (rows, columns, 3); None without one.

    Raises:
        DataError: its pixels cannot be decoded.
    """
    with lenient():
        dataset: Any = dcmread(files[len(files) // 2])
        if "PixelData" not in dataset:
            return None
        n = int(dataset.get("NumberOfFrames") or 1)
        frame, kind = next(frames_of(dataset, indices=[n // 2]))
        try:
            return _small(_as_picture(frame, kind, dataset))
        except Exception as error:  # colours that do not fit their pixels; its words may quote the file
            raise DataError(f"its pixels cannot be shown ({type(error).__name__})") from None


def _as_picture(frame: NDArray[Any], kind: str, dataset: Any) -> Picture:
    if kind == "PALETTE COLOR":
        return with_palette(frame, dataset)
    if frame.ndim == 3:
        return np.asarray(
            convert_color_space(frame, kind, "RGB") if kind.startswith("YBR_FULL") else frame, np.uint8
        )
    low, high = np.percentile(frame, (DARK, BRIGHT))
    scaled = np.clip((frame.astype(float) - low) / max(high - low, 1e-9), 0, 1) * 255
    return np.asarray(255 - scaled if kind == "MONOCHROME1" else scaled, np.uint8)


def _small(picture: Picture) -> Picture:
    step = max(1, -(-max(picture.shape[:2]) // WIDEST_PX))
    small: Picture = picture[::step, ::step]
    return small
