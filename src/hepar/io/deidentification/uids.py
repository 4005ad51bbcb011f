"""UIDs replaced by keyed ones, the same for the same key in every file and at every site."""

import re

from pydicom._uid_dict import UID_dictionary

from .subject import digest

CLASSES = frozenset(
    {
        "SOPClassUID",
        "ReferencedSOPClassUID",
        "RelatedGeneralSOPClassUID",
        "OriginalSpecializedSOPClassUID",
        "SOPClassesInStudy",
        "SOPClassesSupported",
        "MediaStorageSOPClassUID",
        "TransferSyntaxUID",
        "AvailableTransferSyntaxUID",
        "ReferencedSOPClassUIDInFile",
        "ReferencedTransferSyntaxUIDInFile",
        "CodingSchemeUID",
        "ContextUID",
        "MappingResourceUID",
        "ContextGroupExtensionCreatorUID",
    }
)
"""Attributes whose UID names a kind of thing, never a thing."""
_STANDARD = re.compile(r"1\.2\.840\.10008\.([1-9]|15|20|40|42)(\.\d{1,4}){1,8}")
"""UIDs under the arcs that DICOM uses, also those of editions to come."""
_WELL_FORMED = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_LONGEST = 64


def is_well_formed(uid: str) -> bool:
    """Whether `uid` is one by DICOM PS3.5 9.1; one that is not is never kept, and never a file's name."""
    return len(uid) <= _LONGEST and _WELL_FORMED.fullmatch(uid) is not None


def is_standard(uid: str, keyword: str) -> bool:
    """Whether `uid`, a value of `keyword`, is one of DICOM's own, which say nothing of a patient."""
    if keyword in CLASSES:
        return is_well_formed(uid) and (uid in UID_dictionary or _STANDARD.fullmatch(uid) is not None)
    return uid in UID_dictionary


def keyed_uid(key: bytes, uid: str) -> str:
    """The UID that stands for `uid`: 2.25 and the first 128 bits of an HMAC-SHA256 (ITU-T X.667 writes a UUID so)."""
    return f"2.25.{int.from_bytes(digest(key, 'uid', uid)[:16], 'big')}"
