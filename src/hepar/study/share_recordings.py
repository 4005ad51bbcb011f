"""Recordings without what names a patient or a place: new names, no free text, times from the first frame."""

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import DataError, HeparError
from ..data.case import Case
from ..imaging.ultrasound.frames import RfFrames
from ..io.identifier import SHORT, Identifier
from ..io.rf_file import write_rf
from .pseudonyms import Pseudonyms

SIMULATED = "SIMULATED, no patient stands behind it"
_SERIAL = re.compile(
    r"[(\[]?\s*\b(?:serial(?:\s*(?:number|no\.?))?|s/?n)\b[\s:.#=]*[\w.-]+\s*[)\]]?|\S*\d{5,}\S*", re.I
)
"""What names one device among its like: a serial number said to be one, and any word with five digits in a row."""
_PRIVATE = re.compile(r"(?:^|_)(?:serial|id|patient|birth|dob|date|day|year|age|accession)(?:_|$)", re.I)
_OURS = re.compile(r"\d+\.h5")
"""How the files of a package are called; a source file called so names nobody."""
FILE = "name of a source file"
_PLAIN = re.compile(r"[\w .+-]+")
ONE_SHARED = 12
"""Hex digits in the name of a recording that several participants share."""


@dataclass(frozen=True, slots=True)
class Written:
    """The recordings of one acquisition of one case."""

    folder: str
    """Their folder, under that of the acquisition."""
    n: int
    identifiers: tuple[Identifier, ...]
    """What the originals called patient, place and file."""


def write_shared(
    case: Case, name: str, *, names: Pseudonyms, root: Path, own: bool, texts: bool, simulated: bool
) -> Written:
    """Write the recordings of acquisition `name` under `root`, de-identified.

    `own` says that they are of this participant alone; those that several share, of a phantom, are written once, under
    a name made of their content. `texts` keeps view and remark.
    """
    acquisition = case.acquisition(name)
    try:
        views: tuple[RfFrames, ...] = acquisition.load()
        safe = [
            without_identity(
                view,
                subject=names.participant(case.participant_id) if own else "",
                site=names.site(case.site) if own else "",
                texts=texts,
                simulated=simulated,
            )
            for view in views
        ]
    except HeparError as error:
        raise type(error)(f"case {case.case_id}, acquisition {name!r}: {error}") from None
    folder = root / names.case(case.case_id)
    for number, view in enumerate(safe, start=1):
        write_rf(view, folder / f"{number}.h5")
    kept = folder if own else _once(folder)
    said = {Identifier(v.subject, "name of the patient in a recording") for v in views if own and v.subject}
    files = {Identifier(f.name, FILE) for f in acquisition.every_file if own and not _OURS.fullmatch(f.name)}
    return Written(kept.name, len(safe), tuple(sorted(said | files, key=lambda i: (i.what, i.text))))


def without_identity(
    view: RfFrames, *, subject: str, site: str, texts: bool = False, simulated: bool = False
) -> RfFrames:
    """`view` of `subject` at `site`, without serial numbers, free text, times of day and further private numbers."""
    for name in view.regions:
        if not _PLAIN.fullmatch(name):
            raise DataError(
                f"region {name!r}: a shared region is named by letters, digits, '-' and '_'; rename it"
            )
    _refuse_site_in_texts(view, texts=texts)
    made = simulated or "SIMULATED" in f"{view.device} {view.remark}"
    times = view.frame_times_ms
    return replace(
        view,
        subject=subject,
        site=site,
        device=without_serial(view.device),
        preset=without_serial(view.preset),
        view=view.view if texts else "",
        remark=SIMULATED if made else (view.remark if texts else ""),
        frame_times_ms=None if times is None else times - times[0],
        more=_public(view.more),
    )


def _refuse_site_in_texts(view: RfFrames, *, texts: bool) -> None:
    """Refuse a name of the site in what stays as it is."""
    kept = [view.device, view.preset, *view.regions, *((view.view, view.remark) if texts else ())]
    if len(view.site) >= SHORT and any(view.site.lower() in text.lower() for text in kept):
        raise DataError(
            f"the name of the site, {view.site!r}, stands in the recording's device, preset, regions, view or remark;"
            " take it out there, or leave view and remark out"
        )


def without_serial(text: str) -> str:
    """The name of a device without what tells it from others of its kind.

    >>> without_serial("Clarius C3 HD3 (SN: C3-0017)"), without_serial("Vantage 256 L11-5v 1234567")
    ('Clarius C3 HD3', 'Vantage 256 L11-5v')
    """
    return re.sub(r"\s+", " ", _SERIAL.sub(" ", text)).strip(" ,;-")


def _public(more: Mapping[str, float]) -> dict[str, float]:
    return {
        name: value for name, value in more.items() if _PLAIN.fullmatch(name) and not _PRIVATE.search(name)
    }


def _once(folder: Path) -> Path:
    """The folder under a name made of its content; dropped where that is there already."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()
    kept = folder.with_name(f"common-{digest[:ONE_SHARED]}")
    if kept.exists():
        shutil.rmtree(folder)
    else:
        folder.rename(kept)
    return kept
