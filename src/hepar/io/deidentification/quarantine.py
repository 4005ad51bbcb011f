"""Which DICOM files are set aside rather than passed on, and why: a table of rules."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from pydicom.dataset import Dataset

_STORAGE = "1.2.840.10008.5.1.4.1.1."
ULTRASOUND = tuple(_STORAGE + n for n in ("3", "3.1", "6", "6.1", "6.2", "6.3"))
SLIDE = _STORAGE + "77.1.6"
_SLICES = tuple(
    _STORAGE + n for n in ("2", "2.1", "2.2", "4", "4.1", "4.3", "4.4", "20", "30", "128", "128.1", "130")
)
"""CT, MR, nuclear medicine, PET, and their enhanced and legacy forms."""
_DERIVED = tuple(
    _STORAGE + n for n in ("66.1", "66.2", "66.3", "66.4", "66.5", "66.7", "67", "481.2", "481.3")
)
"""Registration, fiducials, segmentation, surface, label map, real-world values, dose grid, structures."""
DELIVERED = (*_SLICES, *_DERIVED, *ULTRASOUND, SLIDE)
"""Classes that are passed on unless another rule applies."""
_TITLES = re.compile(
    r"dose (report|info|record|summary|page)|patient protocol|exam protocol|protocol page|screen ?(save|shot)",
    re.I,
)
"""How consoles call series of pages."""
_RENDERED = ("VRT", "VOLREN", "RENDERING", "SURFACE", "SHADED")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of file that is set aside."""

    name: str
    """What `--allow` calls it."""
    reason: str
    applies: Callable[[Dataset], bool]
    allowable: bool = True


@dataclass(frozen=True, slots=True)
class SetAside:
    """Which rule set a file aside."""

    kind: str
    reason: str


def set_aside(dataset: Dataset, *, allowed: Collection[str] = ()) -> SetAside | None:
    """Why the instance with the header `dataset` is not passed on; None where it is.

    `allowed` names rules that someone who looked at the images takes the responsibility for.
    """
    for rule in RULES:
        if rule.applies(dataset) and not (rule.allowable and rule.name in allowed):
            return SetAside(rule.name, rule.reason)
    return None


def allowable() -> tuple[str, ...]:
    """Names of the rules that can be allowed."""
    return tuple(dict.fromkeys(rule.name for rule in RULES if rule.allowable))


def is_ultrasound(dataset: Dataset) -> bool:
    """Whether frames are a screen of an ultrasound device."""
    return _class(dataset) in ULTRASOUND or _word(dataset, "Modality") in ("US", "IVUS")


def _class(dataset: Dataset) -> str:
    return str(dataset.get("SOPClassUID") or "").strip("\0 ")


def _word(dataset: Dataset, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip().upper()


def _image_type(dataset: Dataset) -> tuple[str, ...]:
    value = dataset.get("ImageType") or ()
    return tuple(str(v).strip().upper() for v in ([value] if isinstance(value, str) else value))


def _of_class(*numbers: str) -> Callable[[Dataset], bool]:
    """Whether the class is one of `numbers` below DICOM's storage classes, or a class below one of them."""
    exact = tuple(_STORAGE + n for n in numbers)
    below = tuple(one + "." for one in exact)
    return lambda dataset: _class(dataset) in exact or _class(dataset).startswith(below)


def _raw(dataset: Dataset) -> bool:
    return _class(dataset) == _STORAGE + "66"


def _incomplete(dataset: Dataset) -> bool:
    names = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    return not all(str(dataset.get(name) or "").strip("\0 ") for name in names)


def _captured(dataset: Dataset) -> bool:
    return bool(_word(dataset, "ConversionType")) or _word(dataset, "Modality") in ("OT", "SC")


def _screen(dataset: Dataset) -> bool:
    return any("SCREEN" in word or "CAPTURE" in word for word in _image_type(dataset))


def _dose_page(dataset: Dataset) -> bool:
    named = _TITLES.search(str(dataset.get("SeriesDescription") or "")) is not None
    pages = any("DOSE" in word or word.endswith(" PROT") for word in _image_type(dataset))
    return (named or pages) and _class(dataset) not in _DERIVED


def _slices(dataset: Dataset) -> bool:
    return _class(dataset) in _SLICES


def _page(dataset: Dataset) -> bool:
    """A secondary image of a scanner that has no place in the patient; frames of enhanced images have their own."""
    placed = dataset.get("ImagePositionPatient") and dataset.get("ImageOrientationPatient")
    frames = "SharedFunctionalGroupsSequence" in dataset or int(dataset.get("NumberOfFrames") or 1) > 1
    secondary = "SECONDARY" in _image_type(dataset)[:2] or "DERIVED" in _image_type(dataset)[:1]
    return _slices(dataset) and secondary and not placed and not frames


def _coloured(dataset: Dataset) -> bool:
    kind = _word(dataset, "PhotometricInterpretation")
    return _slices(dataset) and bool(kind) and not kind.startswith("MONOCHROME")


def _rendered(dataset: Dataset) -> bool:
    return _slices(dataset) and any(part in word for word in _image_type(dataset) for part in _RENDERED)


def _slide_label(dataset: Dataset) -> bool:
    if _class(dataset) != SLIDE:
        return False
    kind = (*_image_type(dataset), "", "", "")[2]
    return kind not in ("VOLUME", "THUMBNAIL") or _word(dataset, "SpecimenLabelInImage") == "YES"


def _burned_in(dataset: Dataset) -> bool:
    """Ultrasound is masked instead."""
    return _word(dataset, "BurnedInAnnotation") == "YES" and not is_ultrasound(dataset)


def _face(dataset: Dataset) -> bool:
    return _word(dataset, "RecognizableVisualFeatures") == "YES"


def _unknown(dataset: Dataset) -> bool:
    known = (*_NAMED, *_PROJECTION, *_PHOTOGRAPH)
    return _class(dataset) not in DELIVERED and not _of_class(*known)(dataset)


_PROJECTION = ("1", "1.1", "1.2", "1.3", "12.1", "12.2", "13.1")
_PHOTOGRAPH = ("77.1.1", "77.1.2", "77.1.3", "77.1.4", "77.1.5")
_NAMED = ("7", "88", "104", "11", "9", "66")
RULES = (
    Rule("incomplete", "lacks the UID of its class, instance, series or study", _incomplete, allowable=False),
    Rule(
        "slide-label",
        "label or overview of a slide: what is written on the glass is in it",
        _slide_label,
        allowable=False,
    ),
    Rule("key-object", "key object selection: its title and description are free text", _of_class("88.59")),
    Rule("report", "structured report, of dose or findings: names, dates and free text", _of_class("88")),
    Rule("document", "encapsulated document (PDF, CDA, model): whatever it holds", _of_class("104")),
    Rule("presentation", "presentation state: text and graphics drawn by hand", _of_class("11")),
    Rule("waveform", "waveform: annotations, and voice where it is audio", _of_class("9")),
    Rule("raw-data", "raw data: a block that only its maker can read", _raw),
    Rule("secondary-capture", "secondary capture: a screen or a scanned sheet", _of_class("7")),
    Rule("secondary-capture", "captured from a screen, a film or a document (Conversion Type)", _captured),
    Rule("screen-save", "screen save of a console (Image Type)", _screen),
    Rule("dose-page", "page of dose or protocol, with the patient's name in its pixels", _dose_page),
    Rule(
        "console-page",
        "secondary image of a scanner without a place in the patient: a page or a graph",
        _page,
    ),
    Rule("colour", "colour image of a scanner that makes grey ones: fused with graphics and text", _coloured),
    Rule("rendering", "rendering of a surface or volume: may show a face and text", _rendered),
    Rule("burned-in", "says that text is burned into its pixels (Burned In Annotation)", _burned_in),
    Rule("recognizable", "says that it shows a face or another feature to know a person by", _face),
    Rule(
        "projection", "radiograph, angiogram or fluoroscopy: text is often burned in", _of_class(*_PROJECTION)
    ),
    Rule("photograph", "photograph: of a person, or with a label in it", _of_class(*_PHOTOGRAPH)),
    Rule("other-class", "of a class that is not known to be safe", _unknown),
)
"""In the order in which they are tried; the first that applies is told."""
