"""Every participant of an export held against the folder of their images."""

from collections.abc import Iterator
from pathlib import Path

from ...core.errors import DataError
from ...data.crf.finding import Finding
from ...data.crf.form import FormDictionary
from ...data.crf.lines import Lines, lines_of
from ...data.crf.query import Query
from ...data.crf.record import Export
from ...engine.parallel import Progress, silent
from ...io.files import is_beside
from .entered import Entered, parts_of
from .facts import Facts, facts_of, refuse_no_folder
from .headers import MODALITIES, header_queries
from .lesions import lesion_queries

_READ = "copy the images again from their source"


def image_queries(
    dictionary: FormDictionary, export: Export, images: Path, *, progress: Progress = silent
) -> tuple[Query, ...]:
    """What the forms and the images say differently.

    `images` holds a folder for each participant, called by their identifier in the export, with the DICOM series
    below it in any order. Fields are known by the names that the bundled dictionaries use, or by @HEPAR-IMAGE.

    Raises:
        DataError: `images` is no folder.
        ProtocolError: an annotation cannot be read.
    """
    refuse_no_folder(images)
    lines, parts = lines_of(dictionary, export), parts_of(dictionary)
    queries: list[Query] = []
    for done, (participant, records) in enumerate(lines.participants.items(), 1):
        entered = Entered(records, lines.site_of(participant), parts, export.missing_codes)
        queries += _of_participant(entered, images, participant)
        progress("holding forms against images", done, len(lines.participants))
    return (*queries, *_without_form(lines, images))


def _of_participant(entered: Entered, images: Path, participant: str) -> Iterator[Query]:
    facts: tuple[Facts, ...] = ()
    if is_beside(participant) and (images / participant).is_dir():
        try:
            facts = facts_of(images / participant)
            yield from lesion_queries(entered, facts)
        except DataError:
            part = next((f"{part}_done" for part in MODALITIES if f"{part}_done" in entered.fields), None)
            if part:
                yield entered.query(
                    part, Finding("image: unreadable", "a file or a series cannot be read", _READ)
                )
            return
    yield from header_queries(entered, facts)


def _without_form(lines: Lines, images: Path) -> Iterator[Query]:
    for folder in sorted(images.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in lines.participants:
            yield Query(
                participant=folder.name,
                form="",
                field="",
                value="",
                rule="image: no form",
                problem="there is a folder of images for which the export has no participant",
                to_do="enter the participant, or correct the name of the folder",
            )
