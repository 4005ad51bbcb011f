"""Writes what PyRadiomics gives for each example of `tests/pyradiomics_cases.py`.

Run in an environment of its own:
pip install numpy; pip install --no-build-isolation pyradiomics-bhklab==3.1.4; python pyradiomics_oracle.py [EXAMPLE ...]
"""

import csv
import logging
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))
cases = import_module("pyradiomics_cases")
sitk = import_module("SimpleITK")
featureextractor = import_module("radiomics.featureextractor")


def as_itk(array: Any, affine: Any) -> Any:
    """The array (z, y, x) placed by its affine."""
    image = sitk.GetImageFromArray(array)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing[::-1].tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / spacing)[:, ::-1].ravel().tolist())
    return image


def values(example: Any) -> dict[str, Any]:
    """All that PyRadiomics gives but versions, hashes and settings."""
    scene = cases.scene(example.scene)
    given = [] if example.parameters == "default" else [str(HERE / f"{example.parameters}.yaml")]
    extractor = featureextractor.RadiomicsFeatureExtractor(*given)
    found = extractor.execute(as_itk(scene.image, scene.affine), as_itk(scene.mask, scene.affine))
    left_out = ("Versions", "Configuration", "Hash")
    return {name: value for name, value in found.items() if not any(word in name for word in left_out)}


def main(wanted: list[str]) -> None:
    """One table per example."""
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    for example in cases.EXAMPLES:
        if wanted and example.name not in wanted:
            continue
        with (HERE / f"{example.name}.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            for name, value in values(example).items():
                told = isinstance(value, (tuple, str))
                table.writerow([name, value if told else f"{float(value):.10g}"])


if __name__ == "__main__":
    main(sys.argv[1:])
