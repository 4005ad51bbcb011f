"""The names of PyRadiomics' features."""

from hepar.features.pyradiomics.names import FEATURES, FeatureClass, allowed
from pyradiomics_cases import FOLDER


def test_the_default_is_the_107_features_of_pyradiomics_in_its_order() -> None:
    with (FOLDER / "mr_liver-default.csv").open(encoding="utf-8") as file:
        given = [line.split(",")[0] for line in file if line.startswith("original_")]
    classes: list[FeatureClass] = ["shape", *(name for name in FEATURES if not name.startswith("shape"))]
    assert given == [f"original_{name}_{feature}" for name in classes for feature in FEATURES[name]]
    assert len(given) == 107


def test_no_name_stands_twice_in_a_class() -> None:
    assert all(len(set(allowed(name))) == len(allowed(name)) for name in FEATURES)
