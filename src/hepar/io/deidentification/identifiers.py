"""What must not be passed on: every name, number, date and UID that a DICOM file holds, with the ways to write it."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from ..dicom_header import lenient
from ..identifier import Identifier, dates_of

SHORTEST_PART = 3
"""Characters of a part of a name that is looked for on its own."""
LARGEST, LARGEST_PRIVATE = 1 << 20, 1 << 16
"""Bytes of a value above which it is not read."""
_UNDEFINED = 0xFFFFFFFF
LATEST = datetime(2100, 1, 1)
KINDS = {
    "patient id": (
        "PatientID",
        "OtherPatientIDs",
        "MedicalRecordLocator",
        "PatientInsurancePlanCodeSequence",
    ),
    "order number": (
        "AccessionNumber",
        "AdmissionID",
        "FillerOrderNumberImagingServiceRequest",
        "PerformedProcedureStepID",
        "PlacerOrderNumberImagingServiceRequest",
        "RequestedProcedureID",
        "ScheduledProcedureStepID",
        "ServiceEpisodeID",
        "StudyID",
    ),
    "station": (
        "StationName",
        "PerformedStationName",
        "ScheduledStationName",
        "PerformedStationAETitle",
        "ScheduledStationAETitle",
        "RetrieveAETitle",
    ),
    "serial number": (
        "DeviceSerialNumber",
        "DetectorID",
        "GantryID",
        "PlateID",
        "CassetteID",
        "DeviceID",
        "DeviceUID",
    ),
    "institution": (
        "InstitutionName",
        "InstitutionAddress",
        "InstitutionalDepartmentName",
        "RequestingService",
        "IssuerOfPatientID",
    ),
    "specimen": ("BarcodeValue", "ContainerIdentifier", "LabelText", "SpecimenIdentifier"),
    "address": (
        "PatientAddress",
        "PatientTelephoneNumbers",
        "RegionOfResidence",
        "CountryOfResidence",
        "ReferringPhysicianAddress",
        "ReferringPhysicianTelephoneNumbers",
        "PersonAddress",
    ),
}
"""Attributes by kind, beside those that their value representation tells: names, dates and UIDs."""
_BY_KEYWORD = {keyword: kind for kind, keywords in KINDS.items() for keyword in keywords}
_WEAK = ("address", "institution", "station")
"""What is also a plain word, such as `CT`, where it is short."""
_STANDARD = "1.2.840.10008."
"""Root of the UIDs that DICOM itself defines."""


def identifiers_of(dataset: Dataset, *, without: Collection[str] = ()) -> set[Identifier]:
    """Identifiers in `dataset` at any depth, but those of the kinds in `without`, which are passed on on purpose."""
    with lenient():
        return {one for one in _inside(dataset) if one.what not in without and one.text}


def name_parts(name: str) -> Iterator[str]:
    """A person's name as it is written, and the parts of it."""
    whole = name.replace("^", " ").replace("=", " ").strip()
    yield " ".join(whole.split())
    for part in re.split(r"[\s^=,]+", name):
        if len(part) >= SHORTEST_PART or (part and not part.isascii()):
            yield part


def is_part(one: Identifier) -> bool:
    """Whether it is a single word of a name, which in other people's files may just be a word."""
    return one.what == "name" and one.text.isalpha()


def _inside(dataset: Dataset) -> Iterator[Identifier]:
    for tag in list(dataset.keys()):
        if _is_block(dataset.get_item(tag, keep_deferred=True)):
            continue
        try:
            element = dataset[tag]
            vr, value, keyword = element.VR, element.value, element.keyword
        except Exception:  # a value that does not parse has no words; its bytes are searched in the output
            continue
        if vr == "SQ":
            for item in value or ():
                yield from _inside(item)
            continue
        for one in value if isinstance(value, MultiValue | list) else [value]:
            yield from _of_value(vr, keyword, str(one or "").strip("\0 "))


def _is_block(element: object) -> bool:
    """Whether it is a value that holds no identifier of its own and would only fill the memory."""
    if not isinstance(element, RawDataElement) or element.VR == "SQ" or element.length == _UNDEFINED:
        return False
    return element.length > (LARGEST_PRIVATE if element.tag.is_private else LARGEST)


def _of_value(vr: str, keyword: str, text: str) -> Iterator[Identifier]:
    if vr == "PN":
        for part in name_parts(text):
            yield Identifier(part, "name")
    elif vr in ("DA", "DT"):
        yield from _of_date(text, keyword)
    elif vr == "UI" and not text.startswith(_STANDARD):
        yield Identifier(text, "uid")
    elif keyword in _BY_KEYWORD:
        one = Identifier(text, _BY_KEYWORD[keyword])
        if not (one.short and one.what in _WEAK):
            yield one


def _of_date(text: str, keyword: str) -> Iterator[Identifier]:
    try:
        day = datetime.strptime(text.replace("-", "").replace(".", "")[:8], "%Y%m%d")
    except ValueError:
        return
    if day.year > 1900 and day < LATEST:  # others are placeholders
        yield from dates_of(day.date(), attribute=keyword)
