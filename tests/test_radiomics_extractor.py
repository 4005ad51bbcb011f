"""Radiomics of a case: regions made of masks, optional regions, repeats, what identifies the result. SIMULATED."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.data.case import Acquisition, Case
from hepar.features.radiomics.extractor import Radiomics
from hepar.imaging.geometry import Volume
from radiomics_cases import ball, image

CT = image()
LIVER = ball(CT, centre=(7, 15, 16), radius_mm=18)
LESION = ball(CT, centre=(6, 12, 14), radius_mm=6)
SMALL = {"families": ["morphology", "statistics"]}


def _loaded(found: Volume, _files: tuple[Path, ...]) -> Volume:
    return found


def case(**volumes: Volume) -> Case:
    held = {name: Acquisition(name, (), partial(_loaded, v), how=name) for name, v in volumes.items()}
    return Case("C1", "P1", "S1", {}, held)


def radiomics(**settings: Any) -> Radiomics:
    member = Radiomics.parse({"kind": "radiomics", "image": "ct", "regions": {"liver": "liver"}, **settings})
    assert isinstance(member, Radiomics)
    return member


def volume_ml(found: Mapping[str, Any], region: str) -> float:
    return float(found[f"{region}_original_morph_vol_approx"]) / 1000


def test_features_are_called_by_region_image_and_tag() -> None:
    found = radiomics(settings=SMALL).extract(case(ct=CT, liver=LIVER))
    assert "liver_original_stat_mean" in found
    assert all(name.startswith("liver_original_") for name in found)
    assert json.loads(json.dumps(found)) == found


def test_ring_and_shell_are_made_of_masks() -> None:
    regions = {
        "lesion": "lesion",
        "ring": {"mask": "lesion", "ring": {"outer_mm": 5}, "within": "liver"},
        "capsule": {"mask": "liver", "shell": {"outer_mm": 4}},
        "parenchyma": {"mask": "liver", "without": "lesion"},
    }
    found = radiomics(regions=regions, settings=SMALL).extract(case(ct=CT, liver=LIVER, lesion=LESION))
    liver = np.count_nonzero(LIVER.array) * np.prod(CT.spacing_mm) / 1000
    assert volume_ml(found, "parenchyma") + volume_ml(found, "lesion") == pytest.approx(liver)
    assert 0 < volume_ml(found, "ring") < volume_ml(found, "parenchyma")
    assert 0 < volume_ml(found, "capsule") < liver


def test_a_missing_optional_region_leaves_its_features_out() -> None:
    regions = {"liver": "liver", "lesion": {"mask": "lesion", "optional": True}}
    member = radiomics(regions=regions, settings=SMALL)
    assert member.acquisitions == ("ct", "liver")
    found = member.extract(case(ct=CT, liver=LIVER))
    assert not any(name.startswith("lesion") for name in found)


def test_a_missing_needed_region_is_refused() -> None:
    with pytest.raises(DataError, match="case C1 has no 'liver' acquisition"):
        radiomics().extract(case(ct=CT))


def test_a_region_that_comes_out_empty_is_named() -> None:
    regions = {"lesion": {"mask": "lesion", "without": "liver"}}
    with pytest.raises(
        DataError, match=r"region 'lesion': the region is empty \(mask 'lesion', without 'liver'\)"
    ):
        radiomics(regions=regions).extract(case(ct=CT, liver=LIVER, lesion=LESION))


def test_repeats_give_each_feature_again_and_differ_a_little() -> None:
    member = radiomics(settings=SMALL, repeats=2)
    found = member.extract(case(ct=CT, liver=LIVER))
    plain = [name for name in found if "@" not in name]
    assert {name.partition("@")[2] for name in found} == {"", "1", "2"}
    assert len(found) == 3 * len(plain)
    values = [found[f"liver_original_stat_mean{suffix}"] for suffix in ("", "@1", "@2")]
    assert len(set(values)) == 3
    assert values[1] == pytest.approx(values[0], rel=0.1)
    assert member.extract(case(ct=CT, liver=LIVER)) == found


def test_what_is_read_and_who_the_case_is_identify_the_result() -> None:
    member = radiomics()
    first = member.inputs(case(ct=CT, liver=LIVER))
    assert first == member.inputs(case(ct=CT, liver=LIVER))
    again = Acquisition("liver", (), partial(_loaded, LIVER), how="drawn again")
    redrawn = Case("C1", "P1", "S1", {}, {**case(ct=CT).acquisitions, "liver": again})
    assert member.inputs(redrawn) != first
    assert radiomics(repeats=1).fingerprint != member.fingerprint
    changed = radiomics(settings={"filters": [{"kind": "log", "sigma_mm": 3}]})
    assert (
        changed.fingerprint != radiomics(settings={"filters": [{"kind": "log", "sigma_mm": 4}]}).fingerprint
    )


def test_every_region_optional_is_refused() -> None:
    with pytest.raises(ProtocolError, match="make at least one required"):
        radiomics(regions={"lesion": {"mask": "lesion", "optional": True}})


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"mask": "a", "ring": {"outer_mm": 5}, "shell": {"outer_mm": 5}}, "ring and shell are two regions"),
        ({"mask": "a", "ring": {"outer_mm": 3, "inner_mm": 4}}, "outer_mm 3 is not beyond inner_mm 4"),
    ],
)
def test_bands_that_contradict_themselves_are_refused(plan: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        radiomics(regions={"r": plan})


def test_the_reporting_answers_follow_the_settings() -> None:
    plain = radiomics().reporting()
    cut = radiomics(
        settings={"spacing_mm": [None, 1, 1], "bin_width": 25, "unit": "HU"}, repeats=3
    ).reporting()
    assert plain["ibsi.50a"] == "The image was not interpolated."
    assert "In the plane" in cut["ibsi.50c"]
    assert cut["ibsi.56b"] == "Bins of 25 HU."
    assert "3 perturbations" in cut["ibsi.60"]


@pytest.mark.parametrize("more", [{}, {"spatial": True, "enclosing": True, "spacing_mm": 6}])
def test_as_many_features_are_told_as_are_measured(more: dict[str, Any]) -> None:
    told = radiomics(settings=more)
    found = told.extract(case(ct=CT, liver=LIVER))
    assert told.reporting()["ibsi.58"].startswith(f"{len(found)} features of morphology")
