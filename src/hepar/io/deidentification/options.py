"""Which options of PS3.15 a de-identification takes, and the codes by which a header tells of them."""

from dataclasses import dataclass
from typing import Literal

Dates = Literal["removed", "modified", "full"]


@dataclass(frozen=True, slots=True)
class Options:
    """Options beside the Basic Application Confidentiality Profile of DICOM PS3.15 annex E.

    `dates` is the option "retain longitudinal temporal information": "modified" moves every date of a subject by the
    same number of whole days and keeps times, "full" keeps both, "removed" neither. `clean_pixels` says that who calls
    masks the pixels: it is written down in the header, nothing else.
    """

    dates: Dates = "removed"
    retain_device: bool = False
    retain_institution: bool = False
    retain_patient: bool = False
    retain_uids: bool = False
    retain_safe_private: bool = False
    clean_descriptors: bool = False
    clean_structured: bool = False
    clean_graphics: bool = False
    clean_pixels: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the table that these options open."""
        return frozenset(column for column, on in self._asked() if on)

    def _asked(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("pixels", self.clean_pixels),
            ("graphics", self.clean_graphics),
            ("structured", self.clean_structured),
            ("descriptors", self.clean_descriptors),
            ("full_dates", self.dates == "full"),
            ("modified_dates", self.dates == "modified"),
            ("patient", self.retain_patient),
            ("device", self.retain_device),
            ("uids", self.retain_uids),
            ("safe_private", self.retain_safe_private),
            ("institution", self.retain_institution),
        )


METHODS = {
    "pixels": ("113101", "Clean Pixel Data Option"),
    "graphics": ("113103", "Clean Graphics Option"),
    "structured": ("113104", "Clean Structured Content Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "full_dates": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "modified_dates": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "patient": ("113108", "Retain Patient Characteristics Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "uids": ("113110", "Retain UIDs Option"),
    "safe_private": ("113111", "Retain Safe Private Option"),
    "institution": ("113112", "Retain Institution Identity Option"),
}
"""Code and meaning of each option (DICOM PS3.16 CID 7050, scheme DCM), by column of the table."""
BASIC = ("113100", "Basic Application Confidentiality Profile")


def method_codes(options: Options) -> tuple[tuple[str, str], ...]:
    """Code and meaning of the profile and of each option taken."""
    return (BASIC, *(METHODS[column] for column in METHODS if column in options.columns))
