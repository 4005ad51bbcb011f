"""Reading a PyRadiomics parameter file."""

from pathlib import Path
from typing import Any

import pytest

from hepar.core.errors import ProtocolError
from hepar.features.pyradiomics.names import FEATURES
from hepar.features.pyradiomics.parameters import Parameters, parse_parameters, read_parameters
from pyradiomics_cases import FOLDER


def test_a_file_is_read_by_the_keys_of_pyradiomics() -> None:
    found = read_parameters(FOLDER / "ct.yaml")
    assert found.setting.resampled_pixel_spacing == (1, 1, 1)
    assert found.setting.voxel_array_shift == 1000
    assert list(found.image_type) == ["Original", "LoG", "Wavelet"]
    assert len(found.feature_class["glcm"]) == 22
    assert found.feature_class["gldm"] == FEATURES["gldm"]


def test_an_empty_file_asks_for_every_class_of_the_original_image(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text("{}", encoding="utf-8")
    assert read_parameters(path) == Parameters()
    assert Parameters().feature_class == FEATURES
    assert list(Parameters().image_type) == ["Original"]


def test_a_key_without_a_value_means_its_default_but_no_interpolator_means_no_resampling() -> None:
    found = parse_parameters(
        {"setting": {"binWidth": None, "weightingNorm": None, "interpolator": None}}
    ).setting
    assert (found.bin_width, found.weighting_norm, found.interpolator) == (25, None, None)


def test_an_interpolator_may_be_given_by_number() -> None:
    assert parse_parameters({"setting": {"interpolator": 2}}).setting.interpolator == "sitkLinear"


def test_an_image_type_has_its_own_settings_before_the_common_ones() -> None:
    found = parse_parameters(
        {
            "setting": {"binWidth": 10, "label": 3},
            "imageType": {"Original": None, "LoG": {"binWidth": 5, "sigma": [2]}},
        }
    )
    assert found.settings_for("Original").bin_width == 10
    assert found.settings_for("LoG").bin_width == 5
    assert found.settings_for("LoG").label == 3


def test_another_label_leaves_the_rest_as_it_is() -> None:
    found = parse_parameters({"setting": {"binWidth": 10}}).with_label(4).setting
    assert (found.label, found.bin_width) == (4, 10)


def test_whole_and_decimal_widths_of_a_log_stay_apart() -> None:
    found = parse_parameters({"imageType": {"LoG": {"sigma": [3, 3.0]}}}).settings_for("LoG").sigma
    assert [str(sigma) for sigma in found] == ["3", "3.0"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"setting": {"binWdth": 5}}, "unknown key 'binWdth'; did you mean 'binWidth'?"),
        ({"settings": {}}, "did you mean 'setting'?"),
        ({"setting": {"binWidth": 0}}, "greater than 0"),
        ({"setting": {"interpolator": "sitkGaussian"}}, "not supported; Allowed: sitkBSpline, sitkLinear"),
        ({"setting": {"resampledPixelSpacing": [1, 1]}}, "setting.resampledPixelSpacing.2: is required"),
        ({"setting": {"distances": [1, 1]}}, "name one twice"),
        ({"imageType": {"LBP2D": {}}}, "LBP2D, local binary patterns, is not supported"),
        ({"imageType": {"Wavlet": {}}}, "did you mean 'Wavelet'?"),
        ({"imageType": {"LoG": {}}}, "LoG has no sigma"),
        ({"imageType": {"Wavelet": {"resampledPixelSpacing": [1, 1, 1]}}}, "which PyRadiomics ignores there"),
        ({"featureClass": {"glcn": None}}, "did you mean 'glcm'?"),
        ({"featureClass": {"glcm": ["Contrst"]}}, "did you mean 'Contrast'?"),
        ({"featureClass": {"glcm": "Contrast"}}, "list features"),
    ],
)
def test_what_cannot_be_honoured_is_refused_with_what_is_allowed(
    content: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message.replace("?", r"\?").replace("(", r"\(")):
        parse_parameters(content)


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("setting: {force2d: true}", encoding="utf-8")
    with pytest.raises(ProtocolError, match=r"params\.yaml is not a valid PyRadiomics parameter file"):
        read_parameters(path)
