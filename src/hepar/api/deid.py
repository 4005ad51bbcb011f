"""Images de-identified in one call, and the table of who is who read again."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..core.errors import ProtocolError, choices
from ..core.packages import refuse_absent
from ..engine.parallel import Progress, ordered_map, silent
from .protocols import path_or_none

if TYPE_CHECKING:
    from ..io.deidentification import Options
    from ..io.deidentification.linkage import Link
    from ..io.deidentification.report import Summary

A = TypeVar("A")
B = TypeVar("B")
OPTIONS = (
    "modified-dates",
    "full-dates",
    "patient",
    "device",
    "institution",
    "descriptors",
    "structured",
    "graphics",
    "safe-private",
    "uids",
)
"""Names of the options of PS3.15 on the command line."""


def deid(
    source: str | Path,
    out: str | Path,
    *,
    key: str | Path,
    options: Sequence[str] = (),
    linkage: str | Path | None = None,
    masks: str | Path | None = None,
    allow: Sequence[str] = (),
    pixels_approved: bool = False,
    jobs: int = 1,
    progress: Progress = silent,
) -> "Summary":
    """De-identify the DICOM files and slides at `source` into the new folder `out`; see `hepar deid --help`.

    `key` is the file with the sponsor's key; who is who is added to `linkage` (`OUT.linkage` beside `out`), encrypted.
    With `pixels_approved` a person says that they looked at all frames of all masked images, and that they name nobody.
    """
    refuse_absent(("pydicom", "cryptography"), what="hepar deid")
    from ..io.deidentification import Rules
    from ..io.deidentification.folder import Places, deidentify_folder
    from ..io.deidentification.instances import ALLOWABLE, Settings
    from ..io.deidentification.regions import NO_MASKS, read_masks
    from ..study.pseudonyms import read_key

    secret = read_key(Path(key))
    for name in allow:
        if name not in ALLOWABLE:
            raise ProtocolError(f"--allow {name}: there is no such kind; {choices(name, ALLOWABLE)}")

    def each(function: Callable[[A], B], items: Iterable[A], *, what: str) -> list[B]:
        return ordered_map(function, items, jobs=jobs, what=what, progress=progress)

    return deidentify_folder(
        Path(source),
        Places.beside(Path(out), linkage=path_or_none(linkage)),
        settings=Settings(
            Rules(secret, options_named(options)),
            NO_MASKS if masks is None else read_masks(Path(masks)),
            frozenset(allow),
            pixels_approved,
        ),
        secret=secret,
        each=each,
    )


def options_named(names: Sequence[str]) -> "Options":
    """The options of PS3.15 called `names`, each of `OPTIONS`.

    Raises:
        ProtocolError: there is no such option, or two of them contradict each other.
    """
    from ..io.deidentification import Options

    for name in names:
        if name not in OPTIONS:
            raise ProtocolError(f"--option {name}: there is no such option; {choices(name, OPTIONS)}")
    if {"modified-dates", "full-dates"} <= set(names):
        raise ProtocolError("--option modified-dates and full-dates exclude each other; give one of them")
    return Options(
        dates="full" if "full-dates" in names else "modified" if "modified-dates" in names else "removed",
        retain_device="device" in names,
        retain_institution="institution" in names,
        retain_patient="patient" in names,
        retain_uids="uids" in names,
        retain_safe_private="safe-private" in names,
        clean_descriptors="descriptors" in names,
        clean_structured="structured" in names,
        clean_graphics="graphics" in names,
    )


def linkage(file: str | Path, *, key: str | Path) -> "tuple[Link, ...]":
    """Who is who: the table that `deid` wrote to `file`, decrypted with the sponsor's `key`."""
    refuse_absent(("pydicom", "cryptography"), what="hepar linkage")
    from ..io.deidentification.linkage import read_links
    from ..study.pseudonyms import read_key

    return read_links(Path(file), secret=read_key(Path(key)))
