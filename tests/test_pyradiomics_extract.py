"""Every value that PyRadiomics gave for the examples, and how the extraction refuses what it cannot do."""

import ast
import csv

import numpy as np
import pytest

from hepar.core.errors import DataError, ProtocolError
from hepar.features.pyradiomics.extract import extract
from hepar.features.pyradiomics.parameters import Parameters, parse_parameters, read_parameters
from hepar.imaging.geometry import Volume
from pyradiomics_cases import EXAMPLES, FOLDER, Example, Scene, scene


def given(example: Example) -> dict[str, str]:
    with (FOLDER / f"{example.name}.csv").open(encoding="utf-8") as file:
        return {row[0]: row[1] for row in csv.reader(file)}


def run(held: Scene, parameters: Parameters) -> dict[str, float | str]:
    return extract(Volume(held.image, held.affine), Volume(held.mask, held.affine), parameters)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_value_of_pyradiomics_is_met(example: Example) -> None:
    expected = given(example)
    found = run(scene(example.scene), read_parameters(FOLDER / f"{example.parameters}.yaml"))
    names = [name for name in expected if not name.startswith("diagnostics")]
    assert [name for name in found if not name.startswith("diagnostics")] == names
    for name, value in expected.items():
        if isinstance(found[name], str):
            continue
        assert found[name] == pytest.approx(float(value), rel=1e-8, abs=1e-10), name


@pytest.mark.parametrize("example", EXAMPLES[:1] + EXAMPLES[4:5] + EXAMPLES[-2:], ids=lambda e: e.name)
def test_the_diagnostics_of_several_axes_are_those_of_pyradiomics(example: Example) -> None:
    found = run(scene(example.scene), read_parameters(FOLDER / f"{example.parameters}.yaml"))
    told = {name: value for name, value in found.items() if isinstance(value, str) and value[0] == "("}
    assert len(told) >= 7
    for name, value in told.items():
        expected = given(example)[name].replace("np.float64(", "").replace("),", ",").replace("))", ")")
        assert ast.literal_eval(str(value)) == pytest.approx(ast.literal_eval(expected)), name


def test_a_file_without_classes_gives_the_107_features_of_pyradiomics() -> None:
    found = run(scene("simulated"), Parameters())
    assert sum(not name.startswith("diagnostics") for name in found) == 107


def test_additional_information_may_be_left_out() -> None:
    found = run(scene("simulated"), parse_parameters({"setting": {"additionalInfo": False}}))
    assert not any(name.startswith("diagnostics") for name in found)


def test_an_image_too_small_for_a_log_says_that_it_is_left_out() -> None:
    parameters = parse_parameters(
        {"imageType": {"LoG": {"sigma": [1.0, 60.0]}}, "featureClass": {"firstorder": ["Mean"]}}
    )
    found = run(scene("simulated"), parameters)
    assert "log-sigma-1-0-mm-3D_firstorder_Mean" in found
    assert str(found["diagnostics_Notes"]).startswith(
        "log-sigma-60-0-mm-3D is left out: the image has 23 x 31 x 28"
    )


def test_slice_features_of_a_solid_region_are_refused_where_they_are_asked_for() -> None:
    parameters = parse_parameters({"setting": {"force2D": True}, "featureClass": {"shape2D": None}})
    with pytest.raises(ProtocolError, match="needs a region of one slice, this one has"):
        run(scene("simulated"), parameters)


def test_a_feature_that_pyradiomics_removed_gives_no_value() -> None:
    parameters = parse_parameters({"featureClass": {"glcm": ["Dissimilarity", "Contrast"]}})
    found = [name for name in run(scene("simulated"), parameters) if not name.startswith("diagnostics")]
    assert found == ["original_glcm_Contrast"]


def test_a_region_of_lone_voxels_has_no_cooccurrence() -> None:
    mask = np.zeros((5, 5, 5), np.uint8)
    mask[0, 0, 0] = mask[4, 4, 2] = 1
    with pytest.raises(DataError, match="no two voxels of the region are neighbours"):
        run(Scene(np.arange(125.0).reshape(5, 5, 5), mask, np.eye(4)), Parameters())


def test_a_constant_region_has_the_values_that_pyradiomics_sets() -> None:
    held = Scene(np.full((4, 5, 6), 40, np.int16), np.ones((4, 5, 6), np.uint8), np.eye(4))
    found = run(held, Parameters())
    fixed = {
        "firstorder_Kurtosis": 0,
        "glcm_Correlation": 1,
        "glcm_MCC": 1,
        "glcm_Imc2": 0,
        "ngtdm_Coarseness": 1e6,
    }
    assert {name: found[f"original_{name}"] for name in fixed} == fixed
