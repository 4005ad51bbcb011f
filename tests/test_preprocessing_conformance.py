"""Interpolation, re-segmentation and discretisation end to end, seen in the features; oracle: Z-Rad 26.9.0."""

from functools import cache

import pytest

from hepar.imaging.discretise import fixed_bin_number, fixed_bin_size
from hepar.imaging.histogram import histogram
from hepar.imaging.local_intensity import local_intensity
from hepar.imaging.morphology import morphology
from hepar.imaging.nomenclature import features
from hepar.imaging.resample import resample_region
from hepar.imaging.resegment import resegment
from hepar.imaging.statistics import statistics
from hepar.imaging.volume_histogram import volume_histogram
from zrad_golden import CONFIGURATIONS, NOT_ABOVE_BUT_AT_LEAST, ct, golden

FAMILIES = ("morphology", "local_intensity", "statistics", "histogram", "ivh")
TAGS = [
    tag
    for tag, feature in features().items()
    if feature.family in FAMILIES and "mvee" not in tag and "ombb" not in tag
]
CASES = [(name, tag) for name in CONFIGURATIONS for tag in TAGS if (name, tag) not in NOT_ABOVE_BUT_AT_LEAST]


@cache
def extracted(name: str) -> dict[str, float]:
    how, (image, mask) = CONFIGURATIONS[name], ct()
    near, regions = resample_region(
        image,
        {"region": mask.array > 0},
        spacing_mm=how.spacing_mm,
        margin_mm=(7, 7, 7),
        method=how.method,
        whole_numbers=True,
    )
    region = regions["region"]
    kept = resegment(near.array, region, intensity_range=how.intensity_range, outlier_sigma=how.outlier_sigma)
    values, spacing_mm = near.array[kept], near.spacing_mm
    levels = (
        fixed_bin_number(values, 32)
        if how.bin_width is None
        else fixed_bin_size(values, how.bin_width, how.intensity_range[0])
    )
    return {
        **statistics(values),
        **histogram(levels),
        **volume_histogram(values, intensity_range=how.intensity_range, **how.histogram),
        **local_intensity(near.array, kept, spacing_mm),
        **morphology(region, spacing_mm, image=near.array, intensity_mask=kept, correlation=True),
    }


@pytest.mark.parametrize(("name", "tag"), CASES)
def test_a_feature_of_a_real_ct_is_that_of_z_rad(name: str, tag: str) -> None:
    assert extracted(name)[tag] == pytest.approx(golden(name)[tag], rel=1e-9, abs=1e-12)


def test_the_volume_at_a_tenth_of_the_range_counts_voxels_at_exactly_a_tenth() -> None:
    for name, voxels, in_all in (("A", 1, 4870), ("B", 1, 1169)):
        more = extracted(name)["ivh_v10"] - golden(name)["ivh_v10"]
        assert more == pytest.approx(voxels / in_all, rel=1e-9)


def test_every_feature_of_these_families_is_compared() -> None:
    assert {tag for name in CONFIGURATIONS for tag in extracted(name)} == set(TAGS)
    assert len(CASES) == 5 * 74 - 4
