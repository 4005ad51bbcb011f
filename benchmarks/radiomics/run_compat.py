"""One contender: hepar with PyRadiomics' values and names. Prints one line of JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any


def content_for(what: str) -> dict[str, Any]:
    """The parameter file of the benchmark `what`."""
    texture = dict.fromkeys(("glcm", "glrlm", "glszm", "gldm", "ngtdm"))
    classes = texture if what == "texture" else {"shape": None, "firstorder": None, **texture}
    types: dict[str, Any] = {"Original": {}}
    if what == "12 images":
        types |= {"Wavelet": {}, "LoG": {"sigma": [2.0, 3.0, 4.0]}}
    setting = {"binCount": 32, "additionalInfo": False}
    return {"setting": setting, "imageType": types, "featureClass": classes}


def main() -> None:
    """`run_compat.py WHAT REPEATS IMAGE MASK...`."""
    what, repeats, image_file, *mask_files = sys.argv[1:]
    start = time.process_time()
    from hepar.features.pyradiomics.extract import extract
    from hepar.features.pyradiomics.parameters import parse_parameters
    from hepar.io.images import read_image
    from hepar.io.masks import read_masks

    parameters = parse_parameters(content_for(what))
    ready = time.process_time() - start
    image = read_image(image_file)
    masks = [next(iter(read_masks(path, like=image).values())) for path in mask_files]
    times, count = [], 0
    for _ in range(int(repeats) + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        found = [extract(image, mask, parameters) for mask in masks]
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        count = len(found[0])
    status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of the parent process
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(
        json.dumps(
            {"ready": ready, "first": times[0], "times": times[1:], "peak_mb": peak, "features": count}
        )
    )


if __name__ == "__main__":
    main()
