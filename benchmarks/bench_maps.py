"""Voxel-wise maps side by side: five co-occurrence maps of a lesion by hepar and PyRadiomics, and of a liver by hepar.

Run as `python -m benchmarks.bench_maps --peer PYTHON`, where PYTHON is the interpreter of an environment that has
PyRadiomics. Processor time of one call with bins of width 5, radius 1, on SIMULATED scenes; hepar's first call, which
compiles, is kept apart. The two are compared on the mean of the entropy map over the lesion.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from hepar.features.radiomics.maps import region_maps
from hepar.features.radiomics.settings import Settings
from hepar.io.images import read_image
from hepar.io.masks import read_masks

from .radiomics.scenes import write_scenes

TAGS = ("cm_joint_entr", "cm_contrast", "cm_inv_diff_mom", "cm_energy", "cm_corr")
PEER = """
import json, sys, time, logging
import numpy, SimpleITK
from radiomics import featureextractor
logging.getLogger("radiomics").setLevel(logging.ERROR)
image, mask = (SimpleITK.ReadImage(path) for path in sys.argv[1:3])
extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=5, kernelRadius=1, maskedKernel=True, additionalInfo=False)
extractor.disableAllFeatures()
extractor.enableFeaturesByName(glcm=["JointEntropy", "Contrast", "Idm", "JointEnergy", "Correlation"])
start = time.process_time()
found = extractor.execute(image, mask, voxelBased=True)
spent = time.process_time() - start
entropy = SimpleITK.GetArrayFromImage(found["original_glcm_JointEntropy"])
print(json.dumps({"cpu": spent, "entropy": float(numpy.nanmean(entropy[entropy != 0]))}))
"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print("| region | | CPU s | mean entropy |\n|:--|:--|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        scenes = write_scenes(Path(folder))
        for scene in ("lesion", "liver"):
            image, (mask,) = scenes[scene]
            for line in ours(scene, image, mask, rounds=arguments.rounds):
                print(line, flush=True)
            if arguments.peer and scene == "lesion":
                print(theirs(arguments.peer, image, mask, rounds=arguments.rounds), flush=True)


def ours(scene: str, image_file: Path, mask_file: Path, *, rounds: int) -> list[str]:
    """One row for the first call and one for the later ones."""
    image = read_image(image_file, unit="HU", modality="CT")
    (region,) = read_masks(mask_file, like=image).values()
    settings = Settings(bin_width=5, unit="HU")
    times, entropy = [], 0.0
    for _ in range(rounds + 1):
        start = time.process_time()
        found = region_maps(image, region, settings, tags=TAGS)
        times.append(time.process_time() - start)
        entropy = float(np.nanmean(found.maps["cm_joint_entr"].array))
    first = f"| {scene} | hepar, first call | {times[0]:.3g} | |"
    return [first, f"| {scene} | hepar | {spread(times[1:])} | {entropy:.4f} |"]


def theirs(python: str, image: Path, mask: Path, *, rounds: int) -> str:
    """One row for PyRadiomics."""
    told = []
    for _ in range(rounds):
        command = [python, "-c", PEER, str(image), str(mask)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"| lesion | PyRadiomics | failed: {done.stderr.strip().splitlines()[-1]} | |"
        told.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return f"| lesion | PyRadiomics | {spread([one['cpu'] for one in told])} | {told[0]['entropy']:.4f} |"


def spread(values: list[float]) -> str:
    """Median (range)."""
    return f"{np.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    main()
