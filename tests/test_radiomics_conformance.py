"""The whole pipeline on a real CT in configurations A to E of IBSI-1, against Z-Rad (see tests/golden/zrad/README.md)."""

import pytest
from benchmarks.ibsi import CONFIGURATIONS

from hepar.features.radiomics.pipeline import extract_regions
from hepar.features.radiomics.settings import Settings
from hepar.io.images import read_image
from hepar.io.masks import read_masks
from zrad_golden import FOLDER, NOT_ABOVE_BUT_AT_LEAST, golden


@pytest.mark.parametrize("name", "ABCDE")
def test_every_feature_of_every_family_is_that_of_z_rad(name: str) -> None:
    image = read_image(FOLDER / "image.nii.gz")
    masks = read_masks(FOLDER / "mask.nii.gz", like=image)
    settings = Settings.model_validate(CONFIGURATIONS[f"config. {name}"])
    (values,) = extract_regions(image, masks, settings).values()
    ours = {
        tag: values[f"original_{tag}"] for tag in golden(name) if (name, tag) not in NOT_ABOVE_BUT_AT_LEAST
    }
    assert len(ours) == {"A": 344, "B": 344}.get(name, 210)
    assert ours == pytest.approx({tag: golden(name)[tag] for tag in ours}, rel=1e-9, abs=1e-12)
