"""A mark in every attribute of DICOM's dictionary: none is left but where an option says so, at any depth."""

import io
from collections.abc import Mapping
from functools import cache

import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from hepar.io.deidentification import Options, Rules, deidentify, subject_of
from hepar.io.deidentification.actions import REFERENCES
from hepar.io.deidentification.canary import (
    DATE,
    OUTER,
    TEXT,
    UID_ROOT,
    canary_dataset,
    marked_attributes,
    residue,
    strange_dataset,
)
from hepar.io.deidentification.table import basic_profile, kept_attributes

KEY = b"a SIMULATED key of 32 bytes ....."
INNER = "DerivationImageSequence/PurposeOfReferenceCodeSequence/"

PIXELS = {
    "PixelData",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
}
"""Pixels, which are another's work, and only at top level."""
BYTES = {
    "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData", "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData", "PointCoordinatesData", "VectorCoordinateData",
    "DoublePointCoordinatesData", "TrianglePointIndexList", "LongTrianglePointIndexList", "VectorGridData",
    "SpectroscopyData", "LUTData",
}  # fmt: skip
BY_VALUE = {
    "ImageType",
    "FrameType",
    "BodyPartExamined",
    "CodeValue",
    "LongCodeValue",
    "CodingSchemeDesignator",
    "CodeMeaning",
}
"""Attributes that stay, of which only values on a list do: no mark is left in them."""
DEVICE = {
    "ApplicationManufacturer", "ApplicationName", "ApplicationVersion", "CassetteID", "DetectorID",
    "DetectorManufacturerModelName", "DetectorManufacturerName", "DeviceDescription", "DeviceLabel", "DeviceSerialNumber",
    "GantryID", "GeneratorID", "LensMake", "LensModel", "LensSerialNumber", "Manufacturer", "ManufacturerDeviceIdentifier",
    "ManufacturerModelName", "PerformedStationAETitle", "PerformedStationName", "PlateID", "ReceiveCoilManufacturerName",
    "ScheduledProcedureStepLocation", "ScheduledStationAETitle", "ScheduledStationName", "ScheduledStudyLocation",
    "ScheduledStudyLocationAETitle", "SecondaryCaptureDeviceManufacturer", "SecondaryCaptureDeviceManufacturerModelName",
    "SecondaryCaptureDeviceSoftwareVersions", "SoftwareVersions", "SourceManufacturer", "SourceSerialNumber", "StationName",
    "TransducerData", "TransmitCoilManufacturerName", "TreatmentMachineName", "UniqueDeviceIdentifier", "XRayDetectorID",
    "XRayDetectorLabel", "XRaySourceID",
}  # fmt: skip
INSTITUTION = {
    "ClinicalTrialCoordinatingCenterName", "ClinicalTrialProtocolEthicsCommitteeName", "ClinicalTrialSiteID",
    "ClinicalTrialSiteName", "InstitutionAddress", "InstitutionName", "InstitutionalDepartmentName",
}  # fmt: skip
STRUCTURED = {
    "CompletionFlag", "ContinuityOfContent", "MappingResource", "ObserverType", "RelationshipType", "TemplateIdentifier",
    "TemporalRangeType", "ValueType", "VerificationFlag",
}  # fmt: skip
MORE: Mapping[str, tuple[Options, Mapping[str, set[str]]]] = {
    "nothing": (Options(), {}),
    "device": (
        Options(retain_device=True),
        {"text": DEVICE, "uid": {"DeviceUID", "ManufacturerDeviceClassUID"}, "number": {"LensSpecification"}},
    ),
    "institution": (Options(retain_institution=True), {"text": INSTITUTION}),
    "patient": (
        Options(retain_patient=True),
        {
            "text": {"EthnicGroup", "PatientSex", "PatientSexNeutered", "SmokingStatus"},
            "number": {"PatientSize", "PatientWeight", "PregnancyStatus"},
            "age": {"PatientAge"},
        },
    ),
    "safe private": (Options(retain_safe_private=True), {}),
    "descriptors": (Options(clean_descriptors=True), {}),
    "structured": (Options(clean_structured=True), {"text": STRUCTURED}),
    "graphics": (
        Options(clean_graphics=True),
        {"text": {"GraphicAnnotationUnits", "GraphicType", "GraphicFilled"}},
    ),
    "pixels": (Options(clean_pixels=True), {}),
}
"""What each option keeps beside what is always kept, by kind of mark."""


@cache
def canaries() -> Dataset:
    return canary_dataset()


def left(options: Options, dataset: Dataset | None = None) -> Mapping[str, frozenset[str]]:
    """The marks left after de-identification."""
    made = deidentify(dataset or canaries(), rules=Rules(KEY, options), subject=subject_of(KEY, "1"))
    return residue(made.dataset)


@cache
def left_by_default() -> Mapping[str, frozenset[str]]:
    """The marks left after de-identification with no option and a trip through a file."""
    made = deidentify(canaries(), rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return residue(dcmread(io.BytesIO(file.getvalue())))


def everywhere(keywords: set[str]) -> set[str]:
    """`keywords` at top level and three deep in each of the outer sequences."""
    return keywords | {f"{outer}/{INNER}{keyword}" for outer in OUTER for keyword in keywords}


def of_table(column: str, *representations: str) -> set[str]:
    """Keywords of the table's rows that an option's column keeps or cleans, less directories and signed copies."""
    return {
        row.keyword
        for tag, row in basic_profile().items()
        if column in row.options
        and tag >> 16 not in (0x0000, 0x0002, 0x0004, 0x0400)
        and dictionary_VR(tag) in representations
    }


def test_a_mark_is_in_every_attribute_before() -> None:
    before = residue(canaries())
    marked = {path for paths in before.values() for path in paths}
    n_attributes = len(set(marked_attributes()))
    assert n_attributes > 3700
    assert sum("/" not in path for path in marked) > n_attributes  # private and repeating ones beside
    for outer in OUTER:
        assert sum(path.startswith(f"{outer}/{INNER}") for path in marked) > n_attributes - 10
    assert {tag for tag in basic_profile() if tag >> 16 > 2} <= {
        *(tag for tag, _ in marked_attributes()),
        *(tag for tag in basic_profile() if dictionary_or_nothing(tag) == "SQ"),
    }


def dictionary_or_nothing(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""


def test_what_stays_by_default_is_this_and_nothing_else() -> None:
    found = left_by_default()
    assert found["text"] == everywhere(BYTES) | PIXELS - {"PixelData"}
    for kind in ("date", "uid", "time", "age"):
        assert not found[kind]


def test_the_code_strings_that_stay_are_technical_ones() -> None:
    groups = {
        0x0008,
        0x0010,
        0x0018,
        0x0020,
        0x0028,
        0x0048,
        0x0052,
        0x0054,
        0x0062,
        0x0066,
        0x2050,
        0x3004,
        0x3006,
    }
    codes = {
        tag
        for tag in kept_attributes()
        if dictionary_VR(tag) == "CS" and kept_attributes()[tag].option == "always"
    }
    assert {tag >> 16 for tag in codes} == groups
    assert {kept_attributes()[tag].keyword for tag in codes if tag >> 16 == 0x0010} == {
        "AnatomicalOrientationType"
    }


def test_no_number_of_the_table_and_none_outside_images_stays_by_default() -> None:
    names = {path.rpartition("/")[2] for path in left_by_default()["number"]}
    assert not names & {row.keyword for row in basic_profile().values()}
    assert not names & {
        "MessageID",
        "NumberOfCopies",
        "PregnancyStatus",
        "PatientWeight",
        "RequestedImageSize",
    }
    assert {"SliceThickness", "RepetitionTime", "KVP", "DiffusionBValue", "TriggerTime"} <= names


@pytest.mark.parametrize("name", MORE)
def test_an_option_keeps_what_it_names_and_nothing_else(name: str) -> None:
    options, more = MORE[name]
    found = left(options)
    for kind, before in left_by_default().items():
        assert found[kind] - before == everywhere(more.get(kind, set()))
        assert before <= found[kind]


def test_modified_dates_leave_times_and_no_date() -> None:
    found, before = left(Options(dates="modified")), left_by_default()
    assert not found["date"]
    assert found["text"] == before["text"]
    assert found["time"] == everywhere(of_table("modified_dates", "TM", "DT"))


def test_full_dates_leave_those_of_the_table_and_no_birth_date() -> None:
    found, before = left(Options(dates="full")), left_by_default()
    assert found["date"] == everywhere(of_table("full_dates", "DA", "DT"))
    assert found["time"] == everywhere(of_table("full_dates", "TM"))
    assert found["text"] == before["text"]
    assert "PatientBirthDate" not in found["date"]


def test_retained_uids_are_those_of_the_table_and_what_refers_to_them() -> None:
    found, before = left(Options(retain_uids=True)), left_by_default()
    own = {"SOPInstanceUID", "MediaStorageSOPInstanceUID"}
    nested = {
        path for path in found["uid"] if path.endswith("/ReferencedSOPInstanceUID") and path.count("/") == 1
    }
    assert found["uid"] - nested == everywhere(
        (of_table("uids", "UI") | REFERENCES) - {"SOPInstanceUID"}
    ) | own | {f"{outer}/{INNER}SOPInstanceUID" for outer in OUTER}
    assert nested
    assert found["text"] == before["text"]


def test_marks_in_unknown_tags_and_under_wrong_representations_are_gone() -> None:
    dataset = strange_dataset()
    assert {"SliceThickness", "(0008,0F0F)", "(0009,1234)"} <= {
        path.replace(" ", "").upper() if path.startswith("(") else path for path in residue(dataset)["text"]
    } | {"SliceThickness"}
    found = left(Options(), dataset)
    alone = {path for path in left_by_default()["text"] if "/" not in path}
    assert found["text"] <= alone
    assert not found["date"] | found["uid"] | found["time"] | found["age"]


def test_no_mark_is_left_in_the_bytes_of_the_file_beside_those_told() -> None:
    dataset = canary_dataset()
    drop(dataset, BYTES | PIXELS - {"PixelData"})
    made = deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    file, before = io.BytesIO(), io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    dataset.save_as(before, enforce_file_format=True)
    for mark in (TEXT, DATE, UID_ROOT, "Jan"):
        assert mark.encode() in before.getvalue()
        assert mark.encode() not in file.getvalue()


def drop(dataset: Dataset, keywords: set[str]) -> None:
    """Delete `keywords` at every level."""
    for element in list(dataset):
        if element.keyword in keywords:
            del dataset[element.tag]
        for item in element.value if element.VR == "SQ" else ():
            drop(item, keywords)


def test_settings_of_a_scanner_stay_and_what_somebody_typed_in_their_place_does_not() -> None:
    dataset = canary_dataset(outer=())
    dataset.ScanOptions, dataset.ConvolutionKernel, dataset.SequenceName = (
        ["FS", "SAT2"],
        "Br38f",
        "*fl3d1_ns",
    )
    dataset.ContrastBolusRoute, dataset.PositionReferenceIndicator = "IV Dr Kowalczyk", "Kowalczyk"
    dataset.FilterMaterial, dataset.SeriesNumber, dataset.InstanceNumber = "KOWALCZYK 1961", 19610203, 7
    made = deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    assert (made.ScanOptions, made.ConvolutionKernel, made.SequenceName) == (
        ["FS", "SAT2"],
        "Br38f",
        "*fl3d1_ns",
    )
    assert made.InstanceNumber == 7
    assert made.PositionReferenceIndicator == ""
    assert not {"ContrastBolusRoute", "FilterMaterial", "SeriesNumber"} & set(made.dir())
