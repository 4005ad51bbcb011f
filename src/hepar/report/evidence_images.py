"""What answers the items on images: settings of the extraction, modalities, features."""

from collections.abc import Mapping
from dataclasses import replace

from ..data.acquisitions import Declaration
from ..study.result import ArmResult, Result
from ..transforms.columns import without_repeats
from .acquisition import ACQUIRED, modalities_told
from .answers import Answer, AskArm
from .components import kinds, reported, with_radiomics
from .numbers import count

IBSI_OF_SETTINGS = (
    "50a", "50b", "50c", "50d", "51", "52", "53", "54", "55", "56a", "56b", "56c", "57", "58", "59", "60", "61", "62",
    "63", "64", "65", "66", "67", "68", "69", "70", "71",
)  # fmt: skip
"""Items of the IBSI's list that the settings of an extraction decide."""


def _multicentre(name: str, arm: ArmResult) -> Answer | None:
    n = arm.prepared.reference.table["site"].nunique()
    return Answer(f"{count(n, 'site')}.", f"{name}-participants") if n > 1 else None


def _joined(**named: str) -> AskArm:
    """What is reported under several items, each under its name; None where nothing is."""

    def ask(name: str, arm: ArmResult) -> Answer | None:
        found = {
            said: reported(name, arm, f"ibsi.{item.removeprefix('item_')}") for item, said in named.items()
        }
        told = [f"{said}: {answer.text}" for said, answer in found.items() if answer is not None]
        return Answer(" ".join(told), f"arm-{name}") if told else None

    return ask


def _preprocessing(name: str, arm: ArmResult) -> Answer | None:
    """No credit where the voxels stay as acquired: texture depends on their size."""
    found = PREPROCESSING(name, arm)
    interpolated = reported(name, arm, "ibsi.50b") is not None
    return found if found is None or interpolated else replace(found, points=0)


def _parameters(name: str, arm: ArmResult) -> Answer:
    n = sum(reported(name, arm, f"ibsi.{item}") is not None for item in IBSI_OF_SETTINGS)
    return Answer(
        f"All of them, in the protocol; {count(n, 'item')} of the IBSI's list are told below.", "checklists"
    )


def _feature_number(name: str, arm: ArmResult) -> Answer | None:
    tables = arm.prepared.features
    told = [
        f"{test.label}: {count(len(without_repeats(tables[key].columns)), 'feature')}"
        for key, test in with_radiomics(arm.arm).items()
        if key in tables
    ]
    return Answer(f"{'; '.join(told)}.", f"arm-{name}") if told else None


def _clinical_predictors(name: str, arm: ArmResult) -> Answer | None:
    fields = {field for test in arm.arm.index_tests.values() for e in test.features for field in e.reads}
    return Answer(f"{count(len(fields), 'clinical field')}.", f"{name}-participants") if fields else None


def _stepped(steps: frozenset[str], text: str, *, where: str = "steps", reserve: str = "") -> AskArm:
    """An answer that stands only where every radiomic test takes one of the steps before its model.

    `where`: the section that bears it out; `reserve`: what it leaves open.
    """

    def ask(name: str, arm: ArmResult) -> Answer | None:
        tests = with_radiomics(arm.arm).values()
        if not all(steps & kinds(test) for test in tests):
            return None
        told = "; ".join(f"{test.label}: {', '.join(sorted(steps & kinds(test)))}" for test in tests)
        return Answer(f"{text}, learnt inside the training part ({told}).{reserve}", f"{name}-{where}")

    return ask


def _modality(name: str, arm: ArmResult) -> Answer | None:
    found = modalities_of_arm(arm)
    return Answer(f"{', '.join(sorted(found))}.", f"{name}-data") if found else None


def modalities_of(result: Result) -> frozenset[str]:
    """Modalities of the images that the arms read; empty where one is not known."""
    found = [modalities_of_arm(arm) for arm in result.arms.values()]
    return frozenset().union(*found) if all(found) else frozenset()


def modalities_of_arm(arm: ArmResult) -> frozenset[str]:
    """DICOM modalities of the images that the arm's index tests read, as headers tell or the dictionary declares."""
    declared = arm.prepared.dataset.acquisitions if arm.prepared.dataset is not None else {}
    read = {name for test in arm.arm.index_tests.values() for e in test.features for name in e.acquisitions}
    images = [name for name in read if name in declared and declared[name].kind == "image"]
    found = [modalities_told(arm, name) or _declared(declared[name]) for name in images]
    return frozenset().union(*found) if all(found) else frozenset()


def _declared(image: Declaration) -> frozenset[str]:
    said = image.modality or ("MR" if image.simulated else "")
    return frozenset({said} if said else ())


PREPROCESSING = _joined(
    item_50a="Image",
    item_51="Voxels",
    item_55="Re-segmentation",
    item_56a="Discretisation",
    item_57="Filters",
)

IMAGES: Mapping[str, AskArm] = {
    **ACQUIRED,
    "auto.multicentre": _multicentre,
    "auto.image_preprocessing": _preprocessing,
    "auto.resampling": _joined(item_50a="Image", item_51="Voxels", item_53="Mask"),
    "auto.discretisation": _joined(item_56a="Method", item_56b="Bins", item_56c="Start"),
    "auto.extraction_software": _joined(item_61="Software", item_59="Conformance"),
    "auto.extraction_parameters": _parameters,
    "auto.feature_number": _feature_number,
    "auto.robust": _stepped(frozenset({"stable"}), "Features that perturbation changes are left out"),
    "auto.redundant": _stepped(frozenset({"uncorrelated"}), "Of correlated features one is kept"),
    "auto.reduced": _stepped(
        frozenset({"best", "recurring", "stable", "uncorrelated"}), "Features are reduced"
    ),
    "analysis.confounders": _stepped(
        frozenset({"combat"}),
        "Differences between batches are harmonised",
        where="harmonisation",
        reserve=" How far that went is shown there; other confounders are for the authors.",
    ),
    "ibsi.8": _modality,
    "auto.clinical_predictors": _clinical_predictors,
}
"""Evidence -> what answers it."""
