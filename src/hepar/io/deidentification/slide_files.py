"""Slides in TIFF among the files of a folder: whose they are, and their names afterwards."""

import re
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import HeparError, RunError
from ..identifier import SHORT, Identifier
from .instances import Settings
from .slides import is_slide, refused_format, strip_slide
from .subject import subject_of
from .walking import LeftOut, relative

_PAIR = re.compile(r"\|\s*([^|=]+?)\s*=\s*([^|\r\n]+)")
_NUMBER = re.compile(r"[-+0-9.,: ]*")
_WORDS = re.compile(r"[^\W_]+")
NAMESPACE = "slide\0"
"""Names of slides are no Patient IDs: their pseudonyms are other ones."""


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide that will be passed on under the pseudonym `name`."""

    source: Path
    file: str
    name: str


@dataclass(frozen=True, slots=True)
class SlideWritten:
    """A slide that was written, and what must not be left of it."""

    name: str
    dropped: tuple[str, ...]
    identifiers: frozenset[Identifier]


def look_at_slide(path: Path, *, source: Path, settings: Settings) -> Slide | LeftOut | None:
    """What becomes of the slide at `path`; None where it is none. A slide is known by its file's path alone."""
    name = relative(path, source)
    why = refused_format(path)
    if why:
        return LeftOut(
            name, "slide", f"{why}; convert the slide to tiled TIFF with the maker's tool", image=True
        )
    if not is_slide(path):
        return None
    return Slide(path, name, subject_of(settings.rules.key, NAMESPACE + name).name)


def write_slide(slide: Slide, *, folder: Path) -> SlideWritten | LeftOut:
    """Write the slide without label, macro image and texts to `<pseudonym>/slide<suffix>` below `folder`.

    Raises:
        RunError: the place cannot be written, as on a full disk.
    """
    target = folder / slide.name / f"slide{slide.source.suffix.lower()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stripped = strip_slide(slide.source, target)
    except HeparError as error:
        _remove(target)
        return LeftOut(slide.file, "slide", str(error), image=True)
    except OSError as error:
        raise RunError(f"cannot be written ({error.strerror}); make room, or choose another folder") from None
    except Exception as error:  # what a damaged file raises is not foreseen
        _remove(target)
        return LeftOut(slide.file, "slide", f"is damaged ({type(error).__name__})", image=True)
    texts = (*stripped.texts, slide.file)
    return SlideWritten(slide.name, stripped.dropped, frozenset(_identifiers(texts, slide)))


def _remove(target: Path) -> None:
    target.unlink(missing_ok=True)
    if target.parent.is_dir():
        target.parent.rmdir()


def _identifiers(texts: tuple[str, ...], slide: Slide) -> set[Identifier]:
    """Values of the texts that are no numbers, and the file's name with the parts of it that hold a digit."""
    values = {value.strip() for text in texts for _, value in _PAIR.findall(text)}
    found = {value for value in values if len(value) >= SHORT and not _NUMBER.fullmatch(value)}
    stem = slide.source.stem
    found |= {stem} | {word for word in _WORDS.findall(stem) if len(word) >= SHORT and not word.isalpha()}
    return {Identifier(text, "text of the slide") for text in found}
