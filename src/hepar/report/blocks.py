"""What a page is made of: paragraphs, lists, tables and figures under headings; plain values, no markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup

Tone = Literal["plain", "good", "caution", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `tone` sets it off."""

    text: str
    tone: Tone = "plain"
    kind: ClassVar = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: ClassVar = "bullets"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `row` is the line of estimates.csv that it shows (0 stands below the header), `link` an anchor."""

    text: str
    row: int | None = None
    link: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a caption; the first `stub` columns are row headers, the rest are set as numbers."""

    caption: str
    head: tuple[str, ...]
    body: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    stub: int = 1
    prose: bool = False
    """Columns hold sentences, not numbers."""
    kind: ClassVar = "table"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as inline SVG."""

    svg: Markup
    caption: str
    wide: bool = False
    kind: ClassVar = "figure"


Block = Text | Bullets | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its blocks, and sections below it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple["Section", ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks or self.parts)


def table(
    caption: str,
    *,
    head: Sequence[str],
    rows: Iterable[Sequence[str | Cell]],
    notes: Sequence[str] = (),
    stub: int = 1,
    prose: bool = False,
) -> Table:
    """A table of texts and cells."""
    body = tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows)
    return Table(caption, tuple(head), body, tuple(notes), stub, prose)
