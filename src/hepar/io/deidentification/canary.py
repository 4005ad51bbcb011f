"""SIMULATED data sets with a mark in every attribute of DICOM's dictionary, and what is left of the marks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from ..dicom_header import lenient
from .codes import ATTRIBUTES
from .table import basic_profile

TEXT = "ZQXCANARY"
DATE = "19611111"
TIME = "101112.131415"
UID_ROOT = "1.2.999.777."
AGE = "061Y"
NUMBERS = frozenset({"61.1111", "611111", "61111", "6111", "61.5"})

_MARKS: Mapping[str, Any] = (
    dict.fromkeys(("LO", "SH", "LT", "ST", "UT", "UC", "AE", "CS"), TEXT)
    | dict.fromkeys(("OB", "OW", "OF", "OD", "OL", "OV", "UN"), TEXT.encode() * 8)
    | dict.fromkeys(("US", "UL", "SL", "SV", "UV"), 61111)
    | dict.fromkeys(("FL", "FD"), 61.5)
    | {"PN": f"{TEXT}^Jan={TEXT}={TEXT}", "UR": f"http://{TEXT}/", "DA": DATE, "DT": f"{DATE}{TIME}+0100"}
    | {"TM": TIME, "AS": AGE, "DS": "61.1111", "IS": "611111", "SS": 6111}
)
"""The mark of each value representation."""
_SINGLE = frozenset({"LT", "ST", "UT", "UR", "AE", "OB", "OW", "OF", "OD", "OL", "OV", "UN"})
_OWN = frozenset({0x00080005, 0x00080016, 0x7FE00010})
"""Attributes without which the data set could not be written or told."""
_REPEATING = (
    (0x50000005, "US"), (0x50003000, "OW"), (0x50002600, "LO"), (0x50100040, "LO"), (0x60001500, "LO"),
    (0x60003000, "OW"), (0x60004000, "LT"), (0x60020022, "LO"), (0x60FE1500, "LO"), (0x60FE3000, "OW"),
    (0x00203100, "CS"), (0x00203150, "CS"), (0x7F000010, "OW"), (0x7F020010, "OB"),
)  # fmt: skip
_STRANGE = (
    (0x00080F0F, "UN"), (0x00104000, "UN"), (0x00181030, "UN"), (0x00100010, "LO"), (0x00180081, "LO"),
    (0x00280030, "UT"), (0x00200013, "LT"), (0x00091234, "LO"), (0x01010010, "LO"), (0xFFFCFFFC, "OB"),
)  # fmt: skip
"""Unknown tags, public attributes of unknown representation, wrong representations, and padding."""
OUTER = ("PerFrameFunctionalGroupsSequence", "ReferencedImageSequence")
"""Sequences, in Table E.1-1 and not, in which every attribute is marked three levels deep."""


def marked_attributes() -> Iterator[tuple[int, str]]:
    """Tag and representation of every attribute of the dictionary and of the table that is no sequence."""
    for tag, (vr, *_) in DicomDictionary.items():
        if tag >> 16 > 0x0002 and tag not in _OWN and vr not in ("SQ", "AT", "NONE"):
            yield tag, vr.split(" or ")[-1]
    yield from ((tag, "LO") for tag in basic_profile() if tag not in DicomDictionary and tag >> 16 > 0x0002)


def canary_dataset(*, outer: Iterable[str] = OUTER) -> Dataset:
    """A SIMULATED data set with a mark in every attribute, at top level, in `outer` and within every sequence.

    Marks are text, a date, a time, numbers, an age and UIDs; private attributes, unknown and repeating ones hold some.
    """
    with lenient():
        dataset: Any = _every_attribute(n_values=1)
        for vr, tag in ((item[0], tag) for tag, item in DicomDictionary.items() if item[0] == "SQ"):
            dataset.add(DataElement(tag, vr, Sequence([_some_attributes()])))
        for keyword in outer:
            setattr(dataset, keyword, Sequence([_deep(*_deepest_items())]))
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = f"{UID_ROOT}5"
        dataset.PixelData = bytes(2)
        dataset["PixelData"].VR = "OW"
        dataset.file_meta = _header(dataset)
        dataset.preamble = (TEXT * 15)[:128].encode()
    made: Dataset = dataset
    return made


def _every_attribute(*, n_values: int) -> Dataset:
    dataset = Dataset()
    for tag, vr in (*marked_attributes(), *_REPEATING):
        _mark(dataset, tag, vr, n_values=n_values)
    _private(dataset)
    return dataset


def strange_dataset() -> Dataset:
    """A SIMULATED data set with marks in unknown tags and under representations that their attributes may not have."""
    with lenient():
        dataset: Any = canary_dataset(outer=())
        for tag, vr in _STRANGE:
            _mark(dataset, tag, vr, n_values=1)
    made: Dataset = dataset
    return made


def _some_attributes() -> Dataset:
    dataset = Dataset()
    for tag, vr in (
        (0x00100010, "PN"),
        (0x00100030, "DA"),
        (0x00081155, "UI"),
        (0x00204000, "LT"),
        (0x00080050, "SH"),
    ):
        _mark(dataset, tag, vr, n_values=1)
    _private(dataset)
    return dataset


def _deepest_items() -> tuple[Dataset, ...]:
    """Items that hold every mark: one of no code, one of a private code, one of a public code with a marked meaning."""
    bare, private = _every_attribute(n_values=2), _every_attribute(n_values=1)
    for keyword in ATTRIBUTES:
        delattr(bare, keyword)
    public: Any = Dataset()
    public.CodeValue, public.CodingSchemeDesignator, public.CodeMeaning = "10200004", "SCT", TEXT
    return bare, private, public


def _deep(*innermost: Dataset) -> Dataset:
    """An item that holds `innermost` two sequences further down."""
    middle: Any = Dataset()
    middle.PurposeOfReferenceCodeSequence = Sequence(innermost)
    item: Any = Dataset()
    item.DerivationImageSequence = Sequence([middle])
    made: Dataset = item
    return made


def _mark(dataset: Dataset, tag: int, vr: str, *, n_values: int) -> None:
    value = f"{UID_ROOT}{tag}" if vr == "UI" else _MARKS[vr]
    dataset.add(DataElement(Tag(tag), vr, value if n_values == 1 or vr in _SINGLE else [value] * n_values))


def _private(dataset: Dataset) -> None:
    for creator in ("ZQXCANARY VENDOR", "SIEMENS MR HEADER"):
        block = dataset.private_block(0x0019, creator, create=True)
        for element, vr in ((0x0C, "LO"), (0x01, "PN"), (0x02, "UN"), (0x03, "DA")):
            block.add_new(element, vr, _MARKS[vr])


def _header(dataset: Dataset) -> FileMetaDataset:
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset["SOPClassUID"].value
    meta.MediaStorageSOPInstanceUID = dataset["SOPInstanceUID"].value
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.SourceApplicationEntityTitle = TEXT
    meta.PrivateInformationCreatorUID = f"{UID_ROOT}9"
    meta.PrivateInformation = TEXT.encode()
    made: FileMetaDataset = meta
    return made


def residue(dataset: Dataset) -> Mapping[str, frozenset[str]]:
    """Attributes, nested ones after those that hold them (a/b/c), that still hold a mark, by kind of mark."""
    found: dict[str, set[str]] = {kind: set() for kind in ("text", "date", "uid", "time", "number", "age")}
    with lenient():
        for path, value in (*_values(getattr(dataset, "file_meta", Dataset())), *_values(dataset)):
            kind = _kind(value)
            if kind:
                found[kind].add(path)
    return {kind: frozenset(paths) for kind, paths in found.items()}


def _values(dataset: Dataset, before: str = "") -> Iterator[tuple[str, str]]:
    for element in dataset:
        path = before + (element.keyword or str(element.tag))
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _values(item, f"{path}/")
        else:
            yield path, _told(element.value)


def _told(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "\\".join(map(_told, value)) if isinstance(value, MultiValue | list) else str(value)


def _kind(text: str) -> str:
    """The kind of mark that `text` holds; empty where it holds none."""
    for kind, mark in (("text", TEXT), ("date", DATE), ("uid", UID_ROOT), ("time", TIME), ("age", AGE)):
        if mark in text:
            return kind
    return "number" if NUMBERS & set(text.split("\\")) else ""
