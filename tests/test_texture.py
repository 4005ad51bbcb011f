"""Texture features of the digital phantom of the IBSI, value by value, and of regions that hardly have a texture."""

import csv
from pathlib import Path
from typing import Any, get_args

import nibabel
import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.imaging.nomenclature import Aggregation, Extent, features
from hepar.imaging.texture import texture_features
from hepar.imaging.texture_matrices import TEXTURE_FAMILIES

GOLDEN = Path(__file__).parent / "golden" / "ibsi1"
AGGREGATIONS: tuple[Aggregation, ...] = get_args(Aggregation)
EXTENTS: tuple[Extent, ...] = get_args(Extent)
SUFFIX = {
    "2D, averaged": "2d_avg",
    "2D, slice-merged": "2d_s_mrg",
    "2.5D, direction-merged": "2.5d_d_mrg",
    "2.5D, merged": "2.5d_mrg",
    "3D, averaged": "3d_avg",
    "3D, merged": "3d_mrg",
    "2D": "2d",
    "2.5D": "2.5d",
    "3D": "3d",
}


def references() -> list[tuple[str, float, float]]:
    """Tag, value and tolerance of each texture feature of the digital phantom."""
    tags = {f.code: f.tag for f in features().values() if f.family in TEXTURE_FAMILIES}
    with (GOLDEN / "ibsi1_reference_values.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["data_set"] == "dig. phantom" and r["ibsi_code"] in tags]
    return [
        (
            f"{tags[row['ibsi_code']]}_{SUFFIX[row['aggregation']]}",
            float(row["reference_value"]),
            0.0 if row["tolerance_is_exact"] == "True" else float(row["tolerance"]),
        )
        for row in rows
    ]


def read(path: Path) -> np.ndarray:
    """A NIfTI file as (z, y, x)."""
    return nibabel.Nifti1Image.from_filename(path).get_fdata().T


@pytest.fixture(scope="module")
def phantom() -> dict[str, float]:
    image, mask = (read(GOLDEN / f"{name}.nii.gz") for name in ("phantom", "mask"))
    region = mask > 0
    return texture_features(
        np.where(region, image, 0).astype(np.uint8), region=region, aggregations=AGGREGATIONS, extents=EXTENTS
    )


def test_there_are_reference_values_for_every_texture_feature() -> None:
    assert len(references()) == 405


@pytest.mark.parametrize(("tag", "reference", "tolerance"), references())
def test_the_digital_phantom_has_the_value_of_the_manual(
    phantom: dict[str, float], tag: str, reference: float, tolerance: float
) -> None:
    assert abs(float(f"{phantom[tag]:.3g}") - reference) <= tolerance + 1e-12 * abs(reference)


def test_every_feature_of_every_family_comes_in_every_aggregation_it_has(phantom: dict[str, float]) -> None:
    tags = {
        f"{f.tag}_{way}"
        for f in features().values()
        if f.family in TEXTURE_FAMILIES
        for way in (AGGREGATIONS if f.family in ("glcm", "glrlm") else EXTENTS)
    }
    assert set(phantom) == tags
    assert len(tags) == 25 * 6 + 16 * 6 + (16 + 16 + 5 + 17) * 3


def image(*rows: str) -> np.ndarray:
    """One slice of levels, a digit a voxel."""
    return np.array([[[int(digit) for digit in row] for row in rows]], np.uint8)


def described(levels: np.ndarray) -> dict[str, float]:
    return texture_features(levels, aggregations=AGGREGATIONS, extents=EXTENTS)


def starting(values: dict[str, float], *prefixes: str) -> dict[str, float]:
    return {tag: value for tag, value in values.items() if tag.startswith(prefixes)}


def test_a_single_voxel_has_no_pairs_and_its_co_occurrence_is_undefined() -> None:
    found = described(image("3"))
    assert all(np.isnan(value) for value in starting(found, "cm_").values())
    rest = {tag: value for tag, value in found.items() if not tag.startswith("cm_")}
    assert np.isfinite(list(rest.values())).all()
    for way in AGGREGATIONS:
        assert found[f"rlm_sre_{way}"] == found[f"rlm_r_perc_{way}"] == 1
        assert found[f"rlm_hgre_{way}"] == 9
    for extent in EXTENTS:
        assert found[f"szm_z_perc_{extent}"] == found[f"dzm_sde_{extent}"] == found[f"ngl_lde_{extent}"] == 1


def test_without_a_neighbour_tone_differences_are_those_of_a_flat_region() -> None:
    flat = {"coarseness": 1e6, "contrast": 0, "busyness": 0, "complexity": 0, "strength": 0}
    for levels in (image("3"), image("10101"), image("22", "22")):
        found = described(levels)
        for extent in EXTENTS:
            assert {name: found[f"ngt_{name}_{extent}"] for name in flat} == flat


def test_one_level_is_fully_correlated_and_tells_nothing_of_its_neighbour() -> None:
    found = described(np.full((2, 3, 3), 4, np.uint8))
    for way in AGGREGATIONS:
        assert found[f"cm_corr_{way}"] == found[f"cm_joint_max_{way}"] == found[f"cm_energy_{way}"] == 1
        for name in ("info_corr1", "info_corr2", "joint_entr", "contrast", "inv_var", "clust_prom"):
            assert found[f"cm_{name}_{way}"] == 0
    assert found["szm_lze_3d"] == 18**2
    assert found["ngl_hde_2.5d"] == pytest.approx((4 * 4**2 + 4 * 6**2 + 9**2) / 9)


def test_in_one_slice_directions_that_leave_it_do_not_weigh_on_the_average_of_co_occurrence() -> None:
    found = described(image("1223", "1233", "4241", "4123"))
    for tag, value in starting(found, "cm_").items():
        name, _, way = tag.partition("_2")
        if way in ("d_avg", ".5d_d_mrg"):
            assert found[f"{name}_3d_avg"] == pytest.approx(value)
        elif way:
            assert found[f"{name}_3d_mrg"] == pytest.approx(value)


def test_slices_without_a_pair_do_not_weigh_on_an_average() -> None:
    textured = image("1223", "1233", "4241", "4123")
    lonely = np.zeros_like(textured)
    lonely[0, 1, 1] = 2
    two, one = described(np.concatenate([textured, lonely])), described(textured)
    for tag, value in starting(one, "cm_", "ngt_").items():
        if "_2d" in tag:
            assert two[tag] == pytest.approx(value)


def test_busyness_is_zero_where_its_denominator_vanishes() -> None:
    # level 1 twice as often as level 2
    assert described(image("112"))["ngt_busyness_3d"] == 0


def test_only_what_is_asked_for_is_given() -> None:
    levels = image("1223", "1233")
    found = texture_features(levels, families=["glcm", "ngtdm"], aggregations=["2.5d_mrg"], extents=[])
    assert len(found) == 25
    assert all(tag.startswith("cm_") and tag.endswith("_2.5d_mrg") for tag in found)


def test_zones_measure_to_the_border_of_the_morphological_mask() -> None:
    levels = np.zeros((5, 5, 5), np.uint8)
    levels[2, 2, 2] = 1
    wide = texture_features(levels, region=np.ones((5, 5, 5), bool), families=["gldzm"], extents=EXTENTS)
    assert [wide[f"dzm_lde_{extent}"] for extent in EXTENTS] == [9, 9, 9]
    flat = np.zeros((5, 5, 5), bool)
    flat[2] = True
    thin = texture_features(levels, region=flat, families=["gldzm"], extents=EXTENTS)
    assert [thin[f"dzm_lde_{extent}"] for extent in EXTENTS] == [9, 9, 1]


@pytest.mark.parametrize(
    ("levels", "options", "message"),
    [
        (np.zeros((2, 2, 2), np.uint8), {}, "no voxel of the region has a level"),
        (np.zeros((0, 2, 2), np.uint8), {}, "no voxel of the region has a level"),
        (np.full((1, 2, 2), -1), {"region": np.ones((1, 2, 2), bool)}, "a voxel has level -1"),
        (np.full((1, 2, 2), 9), {"n_levels": 8}, "the highest level is 9 and 8 levels are stated"),
        (np.full((1, 1, 1), 70000), {}, "at most 65535"),
        (np.ones((2, 2), int), {}, r"shape \(2, 2\)"),
        (np.ones((1, 2, 2)), {}, "type float64"),
        (np.ones((1, 2, 2), int), {"region": np.ones((1, 2, 3), bool)}, r"their region \(1, 2, 3\)"),
        (
            np.ones((1, 1, 3), int),
            {"region": np.array([[[True, False, True]]])},
            "1 voxels have a level but lie",
        ),
    ],
)
def test_unusable_levels_are_refused(levels: np.ndarray, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        texture_features(levels, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"families": ["glcn"]}, "there is no texture family 'glcn'; did you mean 'glcm'"),
        ({"aggregations": ["3d"]}, "there is no aggregation '3d'"),
        ({"extents": ["3D"]}, "there is no extent '3D'"),
    ],
)
def test_unknown_names_are_refused_with_what_there_is(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        texture_features(image("12"), **options)
