"""One contender: PyRadiomics, in an environment of its own. Prints one line of JSON."""

import json
import logging
import sys
import time
from pathlib import Path


def main() -> None:
    """`run_pyradiomics.py WHAT REPEATS IMAGE MASK...`."""
    what, repeats, image_file, *mask_files = sys.argv[1:]
    start = time.process_time()
    import SimpleITK

    from radiomics import featureextractor

    logging.getLogger("radiomics").setLevel(logging.ERROR)
    ready = time.process_time() - start
    image = SimpleITK.ReadImage(image_file)
    masks = [SimpleITK.ReadImage(path) for path in mask_files]
    flat = image.GetSize()[2] == 1  # else its diameter compares all pixels with all, for half a minute
    extractor = featureextractor.RadiomicsFeatureExtractor(binCount=32, additionalInfo=False, force2D=flat)
    extractor.disableAllFeatures()
    texture = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")
    for family in texture if what == "texture" else ("shape2D" if flat else "shape", "firstorder", *texture):
        extractor.enableFeatureClassByName(family)
    if what == "12 images":
        extractor.enableImageTypeByName("Wavelet")
        extractor.enableImageTypeByName("LoG", customArgs={"sigma": [2.0, 3.0, 4.0]})
    times, count = [], 0
    for _ in range(int(repeats) + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        found = [extractor.execute(image, mask) for mask in masks]
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        count = sum(not name.startswith("diagnostics") for name in found[0])
    status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of the parent process
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(
        json.dumps(
            {"ready": ready, "first": times[0], "times": times[1:], "peak_mb": peak, "features": count}
        )
    )


if __name__ == "__main__":
    main()
