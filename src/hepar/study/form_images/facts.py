"""What the headers of a participant's series say, as far as a form says it too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from ...core.errors import DataError
from ...io.dicom_header import flat, number, read_header, text
from ...io.dicom_series import Series, contents

Phase = Literal["plain", "arterial", "portal", "delayed"]
_KEYWORDS = (
    "PatientAge",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "AcquisitionDate",
    "SliceThickness",
    "LongitudinalTemporalInformationModified",
    "Laterality",
    "ImageLaterality",
)
_WORDS: Mapping[Phase, str] = {
    "plain": r"\bplain|unenhanced|non.?contrast|\bnativ|\bwithout\b|pre.?contrast|平扫",
    "arterial": r"arteri(?:al|ell)|\bart\b|\bh?ap\b|动脉",
    "portal": r"portal|venous|\bpvp?\b|\bvp\b|门静脉|静脉期|门脉",
    "delayed": r"\bdelay|equilibrium|\blate\b(?!.?art)|\bdp\b|延迟|平衡",
}
"""How series are called; "late arterial" is arterial, not delayed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One series: what its header says; None or empty where it says nothing.

    `dates_changed`: a de-identification moved or removed the dates, so that they say nothing.
    """

    uid: str
    description: str
    modality: str
    images: int
    phase: Phase | None
    day: date | None
    age_y: float | None
    sex: str
    thickness_mm: float | None
    laterality: str
    dates_changed: bool
    folder: Path


def facts_of(folder: Path) -> tuple[Facts, ...]:
    """The series under the folder of one participant.

    Raises:
        DataError: a file cannot be read.
    """
    return tuple(_facts(series, folder) for series in contents(folder).series)


def phase_of(description: str) -> Phase | None:
    """The contrast phase that a series' description names; None where it names none, or several."""
    spaced = re.sub(r"[_\-./+]", " ", description)
    found = [phase for phase, words in _WORDS.items() if re.search(words, spaced, re.IGNORECASE)]
    return found[0] if len(found) == 1 else None


def _facts(series: Series, folder: Path) -> Facts:
    values = flat(read_header(series.planes[0].file, _KEYWORDS))
    day = _day(text(values, "AcquisitionDate")) or _day(text(values, "StudyDate"))
    return Facts(
        uid=series.key,
        description=series.description,
        modality=series.modality,
        images=len(series.planes),
        phase=phase_of(series.description),
        day=day,
        age_y=_age_y(values, day),
        sex=text(values, "PatientSex").upper(),
        thickness_mm=number(values, "SliceThickness"),
        laterality=text(values, "ImageLaterality") or text(values, "Laterality"),
        dates_changed=text(values, "LongitudinalTemporalInformationModified") in ("MODIFIED", "REMOVED"),
        folder=folder,
    )


def _age_y(values: Mapping[str, object], day: date | None) -> float | None:
    written = re.fullmatch(r"0*(\d+)([DWMY])", text(values, "PatientAge"))
    if written:
        return int(written[1]) / {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}[written[2]]
    born = _day(text(values, "PatientBirthDate"))
    return (day - born).days / 365.25 if born and day and born < day else None


def _day(written: str) -> date | None:
    try:
        return datetime.strptime(written, "%Y%m%d").date()
    except ValueError:
        return None


def refuse_no_folder(path: Path) -> None:
    """Refuse what is no folder of folders, one for each participant."""
    if not path.is_dir():
        raise DataError(
            f"{path}: is no folder; give the folder that holds one folder of images for each participant"
        )
