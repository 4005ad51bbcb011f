"""The features of the Image Biomarker Standardisation Initiative by tag: family, identifier and name.

Names and identifiers are those of the reference manual (Zwanenburg et al., 2016-2019, arXiv:1612.07003). A tag is the
name of a feature in every table here, e.g. `cm_contrast`; texture features add how they were aggregated, e.g.
`cm_contrast_3d_mrg` (see `AGGREGATIONS`).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Family = Literal[
    "morphology",
    "local_intensity",
    "statistics",
    "histogram",
    "ivh",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "ngldm",
]
Aggregation = Literal["2d_avg", "2d_s_mrg", "2.5d_d_mrg", "2.5d_mrg", "3d_avg", "3d_mrg"]
"""Of matrices that have a direction (GLCM, GLRLM)."""
Extent = Literal["2d", "2.5d", "3d"]
"""Of the other matrices (GLSZM, GLDZM, NGTDM, NGLDM)."""

AGGREGATIONS: Mapping[str, tuple[str, str]] = {
    "2d_avg": ("BTW3", "2D, averaged over slices and directions"),
    "2d_s_mrg": ("SUJT", "2D, directions merged in each slice, averaged over slices"),
    "2.5d_d_mrg": ("JJUI", "2.5D, slices merged in each direction, averaged over directions"),
    "2.5d_mrg": ("ZW7Z", "2.5D, slices and directions merged"),
    "3d_avg": ("ITBB", "3D, averaged over directions"),
    "3d_mrg": ("IAZD", "3D, directions merged"),
    "2d": ("8QNN", "2D, averaged over slices"),
    "2.5d": ("62GR", "2.5D, slices merged"),
    "3d": ("KOBO", "3D"),
}
"""Suffix of a texture feature's tag -> IBSI identifier and what it means."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the reference manual."""

    tag: str
    family: str
    code: str
    name: str


@cache
def features() -> Mapping[str, Feature]:
    """Every feature by tag, in the manual's order."""
    text = (files("hepar.imaging") / "ibsi.csv").read_text(encoding="utf-8")
    return {row["tag"]: Feature(**row) for row in csv.DictReader(text.splitlines())}
