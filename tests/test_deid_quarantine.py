"""What is set aside, each kind by the rule that is meant for it, and what is passed on."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from deid_samples import ct, noise, ultrasound
from hepar.io.deidentification.quarantine import RULES, SLIDE, allowable, is_ultrasound, set_aside

STORAGE = "1.2.840.10008.5.1.4.1.1."


def changed(**values: Any) -> Dataset:
    dataset: Dataset = ct()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def of_class(number: str, **values: Any) -> Dataset:
    return changed(SOPClassUID=STORAGE + number, **values)


def without_place(*kind: str) -> Dataset:
    dataset = changed(ImageType=list(kind))
    del dataset.ImagePositionPatient
    return dataset


CASES = [
    ("incomplete", changed(StudyInstanceUID="")),
    ("slide-label", changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"])),
    ("slide-label", changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "OVERVIEW", "NONE"])),
    ("slide-label", changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"])),
    (
        "slide-label",
        changed(SOPClassUID=SLIDE, ImageType=["DERIVED", "PRIMARY", "THUMBNAIL"], SpecimenLabelInImage="YES"),
    ),
    ("slide-label", changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY"])),
    ("key-object", of_class("88.59")),
    ("report", of_class("88.67")),
    ("report", of_class("88.33")),
    ("document", of_class("104.1")),
    ("document", of_class("104.2")),
    ("presentation", of_class("11.1")),
    ("waveform", of_class("9.1.1")),
    ("raw-data", of_class("66")),
    ("secondary-capture", of_class("7")),
    ("secondary-capture", of_class("7.4")),
    ("secondary-capture", changed(ConversionType="WSD")),
    ("secondary-capture", changed(Modality="OT")),
    ("screen-save", changed(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"])),
    ("dose-page", changed(ImageType=["DERIVED", "SECONDARY", "DOSE_INFO"])),
    ("dose-page", changed(ImageType=["ORIGINAL", "SECONDARY", "OTHER", "CT_SOM5 PROT"])),
    ("dose-page", changed(SeriesDescription="Dose Report")),
    ("dose-page", changed(SeriesDescription="Patient Protocol")),
    ("console-page", without_place("DERIVED", "SECONDARY", "OTHER")),
    ("console-page", without_place("ORIGINAL", "SECONDARY", "GRAPH")),
    ("colour", changed(PhotometricInterpretation="RGB", SamplesPerPixel=3)),
    ("colour", changed(PhotometricInterpretation="PALETTE COLOR")),
    ("rendering", changed(ImageType=["DERIVED", "SECONDARY", "VOLREN"])),
    ("burned-in", changed(BurnedInAnnotation="YES")),
    ("recognizable", changed(RecognizableVisualFeatures="YES")),
    ("projection", of_class("1")),
    ("projection", of_class("1.1.1")),
    ("projection", of_class("12.2")),
    ("photograph", of_class("77.1.4")),
    ("other-class", of_class("481.5")),
    ("other-class", changed(SOPClassUID="1.2.3.4")),
]


@pytest.mark.parametrize(("name", "dataset"), CASES)
def test_each_kind_is_set_aside_by_its_rule(name: str, dataset: Dataset) -> None:
    found = set_aside(dataset)
    assert found is not None
    assert found.kind == name


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in RULES} == {name for name, _ in CASES}


@pytest.mark.parametrize(
    "dataset",
    [
        ct(),
        changed(ImageType=["DERIVED", "SECONDARY", "MPR"]),
        changed(ImageType=["DERIVED", "SECONDARY", "PROJECTION IMAGE"]),
        changed(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        changed(BurnedInAnnotation="NO"),
        changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]),
        of_class("66.4", Modality="SEG"),
        of_class("481.3", Modality="RTSTRUCT"),
        of_class("481.2", Modality="RTDOSE", ImageType=["DERIVED", "SECONDARY", "DOSE"]),
        ultrasound(noise(1, 8, 12), "MONOCHROME2"),
    ],
)
def test_slices_and_what_was_drawn_on_them_are_passed_on(dataset: Dataset) -> None:
    assert set_aside(dataset) is None


def test_frames_of_an_enhanced_image_have_their_own_places() -> None:
    dataset = without_place("DERIVED", "SECONDARY", "OTHER")
    dataset.SharedFunctionalGroupsSequence = [Dataset()]
    assert set_aside(dataset) is None


def test_text_around_ultrasound_is_masked_and_not_set_aside() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.BurnedInAnnotation = "YES"
    assert is_ultrasound(dataset)
    assert set_aside(dataset) is None


def test_what_is_allowed_is_passed_on_unless_another_rule_applies() -> None:
    dataset = of_class("7", BurnedInAnnotation="YES")
    assert set_aside(dataset, allowed=["secondary-capture"]) is not None
    assert set_aside(dataset, allowed=["secondary-capture", "burned-in"]) is None


def test_labels_of_slides_and_incomplete_files_cannot_be_allowed() -> None:
    assert not {"slide-label", "incomplete"} & set(allowable())
    label = changed(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "LABEL"])
    assert set_aside(label, allowed=[rule.name for rule in RULES]) is not None


def test_reasons_hold_nothing_of_the_file() -> None:
    reasons = {found.reason for _, dataset in CASES if (found := set_aside(dataset))}
    assert reasons <= {rule.reason for rule in RULES}
