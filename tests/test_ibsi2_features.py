"""Agreement with the feature values of filtered images of IBSI-2, where the user has the CT phantom."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from benchmarks.ibsi import CT_PHANTOM, GOLDEN

from hepar.features.filters.ibsi import ibsi_filters
from hepar.features.radiomics.pipeline import extract_regions
from hepar.features.radiomics.settings import Settings
from hepar.io.images import read_image
from hepar.io.masks import read_masks


def reference_values() -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """Value and tolerance by filter and tag."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    with (GOLDEN / "ibsi2" / "ibsi2_reference_values.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["consensus_value"]:
                value = float(row["consensus_value"]), float(row["tolerance"])
                found.setdefault(row["filter_id"], {})[row["feature_tag"]] = value
    return found


def settings_of(number: str) -> Settings:
    """As the manual asks: A in slices of the image as it is, B in space at 1 mm."""
    one = ibsi_filters()[number]
    in_space = {"spacing_mm": 1.0, "interpolation": "cubic"} if number.endswith("B") else {}
    filters = [one.model_dump()] if one is not None else []
    return Settings.model_validate(
        {
            "unit": "HU",
            "intensity_range": (-1000, 400),
            "families": ["statistics"],
            "filters": filters,
            **in_space,
        }
    )


def test_there_is_a_filter_for_every_column_of_the_table() -> None:
    assert set(reference_values()) == set(ibsi_filters())
    for number in ibsi_filters():
        assert settings_of(number).families == ("statistics",)


@pytest.mark.parametrize("number", sorted(reference_values()))
def test_the_filtered_ct_phantom_has_the_reference_values(number: str) -> None:
    place = os.environ.get(CT_PHANTOM)
    if place is None:
        pytest.skip(
            f"the CT phantom is CC BY-NC 3.0 and not shipped; name its nifti folder in {CT_PHANTOM} to test {number}"
        )
    image = read_image(Path(place) / "image" / "phantom.nii.gz")
    masks = read_masks(Path(place) / "mask" / "mask.nii.gz", like=image)
    (values,) = extract_regions(image, masks, settings_of(number)).values()
    one = ibsi_filters()[number]
    label = "original" if one is None else one.names[0]
    wrong = {
        tag: (values[f"{label}_{tag}"], value, tolerance)
        for tag, (value, tolerance) in reference_values()[number].items()
        if abs(values[f"{label}_{tag}"] - value) > tolerance
    }
    assert not wrong
