"""Conformance with the Image Biomarker Standardisation Initiative: every value beside its reference.

Run as `python -m benchmarks.ibsi > docs/ibsi.md`. The digital phantom lies in `tests/golden/ibsi1`. Configurations A to E
need the CT phantom, whose licence (CC BY-NC 3.0) forbids shipping it: name its folder (with `image/phantom.nii.gz` and
`mask/mask.nii.gz`, as theibsi/data_sets has it under `ibsi_1_ct_radiomics_phantom/nifti`) in HEPAR_IBSI_CT_PHANTOM.
"""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hepar.features.radiomics.pipeline import extract_regions
from hepar.features.radiomics.settings import Settings
from hepar.imaging.nomenclature import features
from hepar.io.images import read_image
from hepar.io.masks import read_masks

from .ibsi2 import RESPONSES, TOLERANCE, phantom, reference_map, share_of_range

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
PHANTOM = "dig. phantom"
CT_PHANTOM = "HEPAR_IBSI_CT_PHANTOM"
FAMILY_WORDS = {
    "Morphological": "morphology",
    "Local intensity": "local_intensity",
    "Intensity-based statistical": "statistics",
    "Intensity histogram": "histogram",
    "Intensity-volume histogram": "ivh",
    "Grey level co-occurrence based": "glcm",
    "Grey level run length based": "glrlm",
    "Grey level size zone based": "glszm",
    "Grey level distance zone based": "gldzm",
    "Neighbourhood grey tone difference based": "ngtdm",
    "Neighbouring grey level dependence based": "ngldm",
}
AGGREGATION_WORDS = {
    "": "",
    "2D, averaged": "_2d_avg",
    "2D, slice-merged": "_2d_s_mrg",
    "2.5D, direction-merged": "_2.5d_d_mrg",
    "2.5D, merged": "_2.5d_mrg",
    "3D, averaged": "_3d_avg",
    "3D, merged": "_3d_mrg",
    "2D": "_2d",
    "2.5D": "_2.5d",
    "3D": "_3d",
}
IN_PLANE = ["2d_avg", "2d_s_mrg", "2.5d_d_mrg", "2.5d_mrg"]
IN_SPACE = ["3d_avg", "3d_mrg"]
CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = {
    PHANTOM: {"unit": "level", "bin_width": 1, "aggregations": IN_PLANE + IN_SPACE, "spatial": True},
    "config. A": {
        "unit": "HU", "intensity_range": (-500, 400), "bin_width": 25, "aggregations": IN_PLANE, "spatial": True,
    },
    "config. B": {
        "unit": "HU", "spacing_mm": (None, 2, 2), "intensity_range": (-500, 400), "bin_number": 32,
        "aggregations": IN_PLANE, "spatial": True,
    },
    "config. C": {
        "unit": "HU", "spacing_mm": 2, "intensity_range": (-1000, 400), "bin_width": 25, "ivh_bin_width": 2.5,
        "aggregations": IN_SPACE, "spatial": True,
    },
    "config. D": {
        "unit": "HU", "spacing_mm": 2, "outliers_sigma": 3, "bin_number": 32, "aggregations": IN_SPACE, "spatial": True,
    },
    "config. E": {
        "unit": "HU", "spacing_mm": 2, "interpolation": "cubic", "intensity_range": (-1000, 400), "outliers_sigma": 3,
        "bin_number": 32, "ivh_bin_number": 1000, "aggregations": IN_SPACE, "spatial": True,
    },
}  # fmt: skip
"""Settings of each data set of the reference manual (Zwanenburg et al., 2020, supplement)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference value: `tolerance` is None where it holds at the three digits printed."""

    data_set: str
    tag: str
    suffix: str
    """How it was aggregated, with the underscore before it; empty for what is not."""
    value: float
    tolerance: float | None
    consensus: str

    @property
    def name(self) -> str:
        """Our name of the feature."""
        return self.tag + self.suffix

    def agrees(self, ours: float) -> bool:
        """Whether `ours`, at three significant digits as the reference is printed, lies within the tolerance."""
        printed = float(f"{ours:.3g}")
        # a reference and a tolerance are decimal numbers; a difference of exactly the tolerance agrees
        slack = 1e-9 * max(abs(self.value), 1e-300)
        return abs(printed - self.value) <= (self.tolerance or 0.0) + slack


def references() -> list[Reference]:
    """Every reference value, in the manual's order."""
    tags = _tags()
    found: list[Reference] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    with (GOLDEN / "ibsi1" / "ibsi1_reference_values.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            family = FAMILY_WORDS[row["family"].removesuffix(" features")]
            key = (row["data_set"], family, row["feature"], row["aggregation"])
            seen[key] = seen.get(key, 0) + 1
            tag = tags[family, _name(row["feature"], seen[key], family)]
            tolerance = None if row["tolerance_is_exact"] == "True" else float(row["tolerance"])
            suffix = AGGREGATION_WORDS[row["aggregation"]]
            if row["reference_value"]:
                value = float(row["reference_value"])
                found.append(Reference(row["data_set"], tag, suffix, value, tolerance, row["consensus"]))
    return found


def _tags() -> Mapping[tuple[str, str], str]:
    return {(feature.family, feature.name): feature.tag for feature in features().values()}


def _name(feature: str, occurrence: int, family: str) -> str:
    """The name in our table; the manual gives the two fractions of the intensity-volume histogram in two tables."""
    if family != "ivh":
        return feature.replace("’", "'")
    both = "10 % and 90 %" if "difference" in feature else ("10 %", "90 %")[occurrence - 1]
    return f"{feature}, {both}"


def measured(data_set: str) -> Mapping[str, float] | None:
    """Our values for a data set of the manual; None where its phantom is not at hand."""
    folder = _folder(data_set)
    if folder is None:
        return None
    image_file, mask_file = folder
    image = read_image(image_file)
    masks = read_masks(mask_file, like=image)
    settings = Settings.model_validate(CONFIGURATIONS[data_set])
    (values,) = extract_regions(image, masks, settings).values()
    return {name.removeprefix("original_"): value for name, value in values.items()}


def _folder(data_set: str) -> tuple[Path, Path] | None:
    if data_set == PHANTOM:
        return GOLDEN / "ibsi1" / "phantom.nii.gz", GOLDEN / "ibsi1" / "mask.nii.gz"
    place = os.environ.get(CT_PHANTOM)
    return (Path(place) / "image" / "phantom.nii.gz", Path(place) / "mask" / "mask.nii.gz") if place else None


def page() -> Iterator[str]:
    """The page of all values."""
    yield from HEAD
    every = references()
    for data_set in CONFIGURATIONS:
        wanted = [one for one in every if one.data_set == data_set]
        ours = measured(data_set)
        yield f"\n## {data_set.replace('dig.', 'Digital').replace('config.', 'Configuration')}\n"
        if ours is None:
            yield f"{len(wanted)} reference values; not computed here, because the CT phantom may not be shipped."
            continue
        yield from _table(wanted, ours)
    yield from _maps()


def _maps() -> Iterator[str]:
    yield "\n## Response maps of filters (IBSI-2)\n"
    differences = {
        test: share_of_range(respond(phantom(name)), reference_map(test))
        for test, (name, respond) in RESPONSES.items()
    }
    agreeing = sum(share <= TOLERANCE for share in differences.values())
    yield f"{agreeing} of {len(differences)} published maps agree in every voxel.\n"
    yield "| test | phantom | greatest difference, % of the range | tolerance, % | agrees |"
    yield "|:--|:--|--:|--:|:--|"
    for test, share in differences.items():
        shown = f"{100 * share:.2f}" if share >= 1e-4 else "under 0.01"
        agrees = "yes" if share <= TOLERANCE else "NO"
        yield f"| {test} | {RESPONSES[test][0].replace('_', ' ')} | {shown} | {100 * TOLERANCE:g} | {agrees} |"


def _table(wanted: Sequence[Reference], ours: Mapping[str, float]) -> Iterator[str]:
    agreeing = sum(one.agrees(ours[one.name]) for one in wanted)
    yield f"{agreeing} of {len(wanted)} values agree.\n"
    yield "| feature | IBSI | ours | reference | tolerance | consensus | agrees |"
    yield "|:--|:--|--:|--:|--:|:--|:--|"
    for one in wanted:
        code = features()[one.tag].code
        tolerance = "three digits" if one.tolerance is None else f"{one.tolerance:g}"
        cells = (f"`{one.name}`", code, f"{ours[one.name]:.6g}", f"{one.value:g}", tolerance, one.consensus)
        yield f"| {' | '.join(cells)} | {'yes' if one.agrees(ours[one.name]) else 'NO'} |"


HEAD = (
    "# Agreement with the Image Biomarker Standardisation Initiative",
    "",
    "Written by `python -m benchmarks.ibsi > docs/ibsi.md`; a test holds it against what is computed today. Reference values and",
    "tolerances: Zwanenburg et al., Radiology 2020; 295:328-338 (manual arXiv:1612.07003, CC BY 4.0). A value agrees where it lies within the",
    "tolerance at the three significant digits that the manual prints; a response map agrees where every voxel lies within 1 % of the map's range",
    "(Whybra et al., Radiology 2024; 310:e231319; manual arXiv:2006.05470). No map is published for tests 9.b.2, 10.a and 10.b.2.",
)


def main() -> None:
    """Print the page."""
    print("\n".join(page()))


if __name__ == "__main__":
    main()
