"""What is said about a parameter file."""

import pytest

from hepar.features.pyradiomics.advice import deviations, unused
from hepar.features.pyradiomics.parameters import Parameters, parse_parameters, read_parameters
from pyradiomics_cases import FOLDER


def test_nothing_is_unused_in_the_default_or_in_the_examples() -> None:
    assert unused(Parameters()) == ()
    assert unused(read_parameters(FOLDER / "ct.yaml")) == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"setting": {"lbp2DRadius": 2}}, "lbp2DRadius: local binary patterns"),
        ({"voxelSetting": {"kernelRadius": 2}}, "voxelSetting: no feature maps"),
        ({"setting": {"label_channel": 1}}, "label_channel: "),
        ({"setting": {"binWidth": 5, "binCount": 32}}, "binWidth: binCount"),
        ({"setting": {"interpolator": None, "resampledPixelSpacing": [1, 1, 1]}}, "resampledPixelSpacing: "),
        (
            {"featureClass": {"glcm": ["Homogeneity1"]}},
            "glcm Homogeneity1: PyRadiomics gives no value; it equals Id",
        ),
    ],
)
def test_what_changes_nothing_is_told(content: dict[str, dict[str, object]], said: str) -> None:
    (line,) = unused(parse_parameters(content))
    assert line.startswith(said)


def test_deviations_from_ibsi_are_those_of_the_settings() -> None:
    plain = deviations(parse_parameters({"featureClass": {"glszm": None}, "setting": {"binCount": 32}}))
    assert plain == ()
    full = " ".join(deviations(read_parameters(FOLDER / "mr.yaml")))
    for word in (
        "normalize",
        "nearest voxel",
        "binWidth 5",
        "Kurtosis",
        "300 is added",
        "axis lengths",
        "LoG",
    ):
        assert word in full
