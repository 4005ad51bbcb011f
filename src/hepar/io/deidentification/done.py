"""What a run has written, and what of it is taken out again because the scan found an identifier in it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..identifier import Identifier
from .contact_sheet import Shown
from .instances import Instance
from .linkage import Link
from .scan import Found
from .slide_files import Slide, SlideWritten
from .twins import Written
from .walking import LeftOut

NOT_OF_A_PERSON = frozenset({"uid", "serial number", "station", "institution"})
"""Kinds of identifiers that tell of a file, a device or a house: they stay a matter of the file that holds them.

Each file is searched for those of its own source, so others that hold the same are found themselves. What names a
person, or tells a day, may stand in the same attribute of the subject's other files in words that no search knows."""
LEFT, LEFT_ELSEWHERE = "identifier left", "subject of an identifier left"


@dataclass(frozen=True, slots=True)
class Done:
    """Images and slides that were written."""

    images: Sequence[tuple[Instance, Written]]
    slides: Sequence[tuple[Slide, SlideWritten]]

    def __bool__(self) -> bool:
        return bool(self.images or self.slides)

    def identifiers(self, *, without: frozenset[str]) -> set[Identifier]:
        """Whole names and numbers of everybody, which no file may hold, but those of the kinds in `without`."""
        found = {i for one, _ in self.images for i in one.identifiers if i.what not in without}
        return found.union(*(written.identifiers for _, written in self.slides))

    def sources(self) -> dict[str, Path]:
        """The source of each image, by the image's name."""
        return {written.name: one.source for one, written in self.images}

    def subjects(self) -> set[str]:
        """Pseudonyms."""
        return {one.subject.name for one, _ in self.images} | {slide.name for slide, _ in self.slides}

    def links(self) -> set[Link]:
        """Who is who."""
        found = set()
        for one, _ in self.images:
            found.add(Link("subject", one.patient_id, one.subject.name, one.subject.name))
            found.add(Link("study", one.study_uid, one.study, one.subject.name))
        return found | {Link("slide", slide.file, slide.name, slide.name) for slide, _ in self.slides}

    def shown(self, root: Path) -> list[Shown]:
        """The series as they are shown on the contact sheets."""
        files: defaultdict[tuple[str, str, str, str], list[Written]] = defaultdict(list)
        for one, written in self.images:
            files[one.subject.name, one.study, one.series, one.modality].append(written)
        return [
            Shown(
                *names,
                tuple(root / w.name for w in group),
                masked=any(w.masked for w in group),
                typed=any(w.typed for w in group),
                approved=all(w.approved for w in group if w.masked) and any(w.masked for w in group),
            )
            for names, group in sorted(files.items())
        ]

    def apart(self, found: Sequence[Found]) -> "tuple[Done, tuple[Taken, ...]]":
        """What stays after what was `found`, and what is taken out: files, and all of a person who is named."""
        told: defaultdict[str, list[Found]] = defaultdict(list)
        for one in found:
            told[one.file].append(one)
        written = self._written()
        subjects = {
            one.subject
            for one in written
            if any(f.what not in NOT_OF_A_PERSON for f in told.get(one.name, ()))
        }
        gone = tuple(
            Taken(one.name, _left_out(one, told.get(one.name, ())))
            for one in written
            if one.name in told or one.subject in subjects
        )
        names = {one.name for one in gone}
        images = [(one, w) for one, w in self.images if w.name not in names]
        slides = [(slide, w) for slide, w in self.slides if _slide_name(slide) not in names]
        return Done(images, slides), gone

    def _written(self) -> "list[_File]":
        images = [_File(w.name, one.file, one.subject.name) for one, w in self.images]
        return images + [_File(_slide_name(slide), slide.file, slide.name) for slide, _ in self.slides]


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is taken out again: its name among those written, and what is told of its source."""

    name: str
    left: LeftOut


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    file: str
    subject: str


def _slide_name(slide: Slide) -> str:
    return f"{slide.name}/slide{slide.source.suffix.lower()}"


def _left_out(one: _File, found: Iterable[Found]) -> LeftOut:
    holds = "; ".join(f"{f.attribute} holds a {f.what}" for f in found)
    if holds:
        return LeftOut(one.file, LEFT, f"{holds}; would have been {one.name}", image=True)
    why = f"another file of {one.subject} held what names a person; would have been {one.name}"
    return LeftOut(one.file, LEFT_ELSEWHERE, why, image=True)


def take_out(root: Path, taken: Iterable[Taken]) -> None:
    """Remove the files that are `taken` out from the folder `root`, and folders of which no file stayed."""
    for one in taken:
        (root / one.name).unlink()
    for folder in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
