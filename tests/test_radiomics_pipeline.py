"""From an image and its regions to features: what is shared, cropped and refused. All images are SIMULATED."""

from typing import Any

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.features.radiomics.pipeline import extract_regions
from hepar.features.radiomics.settings import Settings
from hepar.imaging.geometry import Volume, affine_of
from hepar.imaging.regions import component_count
from radiomics_cases import ball, image, volume

CT = image()
LESION = ball(CT, centre=(6, 12, 14), radius_mm=8)
OTHER = ball(CT, centre=(8, 20, 20), radius_mm=7)
SOME = {"families": ["statistics", "glcm"], "filters": [{"kind": "log", "sigma_mm": 5, "truncate": 2}]}


def features(region: Volume = LESION, *, of: Volume = CT, **settings: Any) -> dict[str, float]:
    return extract_regions(of, {"r": region}, Settings.model_validate(settings))["r"]


def test_every_family_gives_its_features_and_they_are_finite() -> None:
    found = features(aggregations=["2d_avg", "3d_mrg"], spatial=True, enclosing=True)
    assert len(found) == 173 + 95
    assert all(np.isfinite(value) for value in found.values())


@pytest.mark.parametrize("spacing", [None, 2.0, (None, 1, 1)])
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_an_image_beyond_reach_changes_nothing(spacing: Any, interpolation: str) -> None:
    settings = Settings.model_validate({**SOME, "spacing_mm": spacing, "interpolation": interpolation})
    more = ((40, 40), (30, 30), (30, 30))
    array = np.pad(CT.array, more, mode="reflect")
    region = volume(np.pad(LESION.array, more), unit="")
    far = array.copy()
    far[:3] = 3000
    expected = extract_regions(volume(array), {"r": region}, settings)
    assert extract_regions(volume(far), {"r": region}, settings) == expected


def test_regions_measured_together_and_apart_give_the_same_values() -> None:
    settings = Settings.model_validate({**SOME, "spacing_mm": 2})
    together = extract_regions(CT, {"a": LESION, "b": OTHER}, settings)
    for name, region in (("a", LESION), ("b", OTHER)):
        alone = extract_regions(CT, {name: region}, settings)[name]
        assert alone == pytest.approx(together[name], rel=1e-6)


def test_turning_the_file_leaves_features_in_space_as_they_are() -> None:
    turned = {"a": LESION.oriented("PLI")}
    found = extract_regions(CT.oriented("PLI"), turned, Settings(aggregations=("3d_mrg",)))["a"]
    assert found == pytest.approx(features(), rel=1e-9)


def test_re_segmentation_leaves_the_shape_as_it_is() -> None:
    plain, cut = features(), features(intensity_range=(40, 90))
    assert cut["original_morph_volume"] == plain["original_morph_volume"]
    assert cut["original_stat_min"] >= 40
    assert cut["original_stat_max"] <= 90


def test_interpolated_hu_are_whole_numbers_and_others_are_not() -> None:
    rounded = features(spacing_mm=2.0)["original_stat_median"]
    assert rounded == round(rounded)
    fractions = features(spacing_mm=2.0, round_intensities=False)["original_stat_p10"]
    assert fractions != round(fractions)


def test_bins_of_fixed_width_begin_at_the_lower_limit() -> None:
    found = features(bin_width=10, intensity_range=(-20, None), families=["statistics", "histogram"])
    assert found["original_ih_min"] == (found["original_stat_min"] + 20) // 10 + 1


@pytest.mark.parametrize("setting", [{"bin_width": 5}, {"intensity_range": (0, 100)}, {"ivh_bin_width": 2.5}])
def test_an_mr_image_without_a_unit_is_refused_where_a_setting_needs_one(setting: dict[str, Any]) -> None:
    mr = volume(CT.array, unit="", modality="MR")
    with pytest.raises(
        DataError, match=r"is given in the image's unit, but the MR says none.*use bin_number"
    ):
        features(of=mr, **setting)
    declared = volume(CT.array, unit="a.u.", modality="MR")
    assert features(of=mr, **setting, unit="a.u.") == features(of=declared, **setting)


def test_a_mask_on_another_grid_is_refused_with_both_grids() -> None:
    moved = Volume(LESION.array, affine_of(np.diag((3.0, 1.5, 1.5))[:, ::-1], (0.0, 0.0, 0.0)))
    with pytest.raises(
        DataError, match=r"region 'r' lies on another grid: .*origin \(0, 0, 0\).*\(-20, 10, 5\)"
    ):
        features(moved)


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(DataError, match="region 'r' is empty"):
        features(LESION.like(np.zeros_like(LESION.array)))


def test_a_single_voxel_is_refused_unless_asked_for() -> None:
    one = np.zeros_like(LESION.array)
    one[5, 5, 5] = True
    with pytest.raises(DataError, match="region 'r' has 1 voxels, fewer than minimum_voxels 10"):
        features(LESION.like(one))
    found = features(LESION.like(one), minimum_voxels=1, families=["morphology", "statistics"])
    assert found["original_morph_vol_approx"] == pytest.approx(np.prod(CT.spacing_mm))


def test_a_constant_region_is_refused_where_texture_is_asked_for() -> None:
    flat = volume(np.full_like(CT.array, 55))
    with pytest.raises(DataError, match=r"region 'r': all \d+ voxels have the intensity 55"):
        features(of=flat)
    assert features(of=flat, families=["statistics"])["original_stat_var"] == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_region_with_a_value_that_is_no_number_is_refused(bad: float) -> None:
    array = CT.array.astype(np.float32)
    array[6, 12, 14] = bad
    with pytest.raises(DataError, match="not finite numbers"):
        features(of=volume(array))


def test_a_mask_at_the_border_of_the_image_is_measured() -> None:
    corner = ball(CT, centre=(0, 0, 0), radius_mm=9)
    found = features(corner, spatial=False)
    assert all(np.isfinite(value) for value in found.values())


def test_two_components_are_one_region() -> None:
    both = LESION.like(LESION.array | ball(CT, centre=(11, 4, 4), radius_mm=4).array)
    assert component_count(both.array) == 2
    assert features(both)["original_morph_vol_approx"] > features()["original_morph_vol_approx"]


def test_an_outlier_rule_that_leaves_nothing_is_told_with_the_range() -> None:
    with pytest.raises(
        DataError, match=r"region 'r': no voxel of the region is left by re-segmentation to 900"
    ):
        features(intensity_range=(900, 1000))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bin_number": 32, "bin_width": 5}, "bin_number and bin_width are two ways"),
        ({"intensity_range": (100, 0)}, "100 is not below 0"),
        ({"families": []}, "name at least one"),
        ({"filters": ["mean", "mean"]}, "'mean_5' stands twice"),
        ({"filters": ["nonsense"]}, "has no 'nonsense'"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings.model_validate(settings)


def test_a_spacing_that_no_memory_holds_is_refused() -> None:
    with pytest.raises(DataError, match=r"region 'r': spacing_mm .* makes .* voxels .*; take larger voxels"):
        features(spacing_mm=0.001)


@pytest.mark.parametrize(
    ("unit", "of", "message"),
    [
        ("g/mL", CT, "the unit is said to be 'g/mL', the image says 'HU'"),
        ("hu", volume(CT.array, unit="", modality="MR"), "is of modality 'MR'; only CT has"),
    ],
)
def test_a_unit_that_the_image_contradicts_is_refused(unit: str, of: Volume, message: str) -> None:
    with pytest.raises(DataError, match=message):
        features(of=of, unit=unit)


def test_uptake_in_pet_is_not_counted_in_steps_of_one() -> None:
    uptake = volume((CT.array / 20).astype(np.float32), unit="g/mL", modality="PT")
    unknown = volume(uptake.array, unit="", modality="PT")
    assert features(of=uptake, families=["ivh"]) == features(of=unknown, families=["ivh"])
    assert features(families=["ivh"], unit="HU") != features(of=volume(CT.array, unit=""), families=["ivh"])
