"""One contender: hepar. Prints one line of JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any


def settings_for(what: str) -> dict[str, Any]:
    """Settings of the benchmark `what`; both aggregations over directions, as the peers give one of the two."""
    texture = ["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"]
    filters = [{"kind": "wavelet", "wavelet": "coif1"}, *({"kind": "log", "sigma_mm": s} for s in (2, 3, 4))]
    chosen: dict[str, dict[str, Any]] = {
        "texture": {"families": texture},
        "all": {},
        "12 images": {"filters": filters},
    }
    return {"bin_number": 32, "aggregations": ["3d_avg", "3d_mrg"], **chosen[what]}


def main() -> None:
    """`run_hepar.py WHAT REPEATS IMAGE MASK...`."""
    what, repeats, image_file, *mask_files = sys.argv[1:]
    start = time.process_time()
    from hepar.features.radiomics.pipeline import extract_regions
    from hepar.features.radiomics.settings import Settings
    from hepar.io.images import read_image
    from hepar.io.masks import read_masks

    settings = Settings.model_validate(settings_for(what))
    ready = time.process_time() - start
    image = read_image(image_file)
    masks = [next(iter(read_masks(path, like=image).values())) for path in mask_files]
    times, count = [], 0
    for _ in range(int(repeats) + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        found = extract_regions(image, {str(k): mask for k, mask in enumerate(masks)}, settings)
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        count = len(found["0"])
    status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of the parent process
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(
        json.dumps(
            {"ready": ready, "first": times[0], "times": times[1:], "peak_mb": peak, "features": count}
        )
    )


if __name__ == "__main__":
    main()
