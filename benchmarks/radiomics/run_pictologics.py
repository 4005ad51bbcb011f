"""One contender: pictologics, in an environment of its own. Prints one line of JSON."""

import json
import sys
import time
from pathlib import Path

FILTERS = [
    *(
        {"type": "wavelet", "wavelet": "coif1", "level": 1, "decomposition": f"{a}{b}{c}"}
        for a in "LH"
        for b in "LH"
        for c in "LH"
    ),
    *({"type": "log", "sigma_mm": sigma} for sigma in (2.0, 3.0, 4.0)),
]
FAMILIES = {
    "texture": ["texture"],
    "all": ["intensity", "morphology", "texture", "histogram", "ivh", "local_intensity"],
}


def main() -> None:
    """`run_pictologics.py WHAT REPEATS IMAGE MASK...`."""
    what, repeats, image_file, *mask_files = sys.argv[1:]
    start = time.process_time()
    from pictologics import RadiomicsPipeline, load_image

    ready = time.process_time() - start
    image = load_image(image_file)
    masks = [load_image(path) for path in mask_files]
    pipeline = RadiomicsPipeline(load_standard=False)
    discretise = {"step": "discretise", "params": {"method": "FBN", "n_bins": 32}}
    for number, one in enumerate([None, *FILTERS] if what == "12 images" else [None]):
        families = FAMILIES["texture" if what == "texture" else "all"]
        if one:
            families = ["intensity", "texture", "histogram"]
        steps = [{"step": "filter", "params": one}] if one else []
        extract = {"step": "extract_features", "params": {"families": families}}
        pipeline.add_config(f"c{number}", [*steps, discretise, extract])
    times, count = [], 0
    for _ in range(int(repeats) + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        found = [pipeline.run(image, mask) for mask in masks]
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        count = sum(int(series.notna().sum()) for series in found[0].values())
    status = Path("/proc/self/status").read_text()  # ru_maxrss would be that of the parent process
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(
        json.dumps(
            {"ready": ready, "first": times[0], "times": times[1:], "peak_mb": peak, "features": count}
        )
    )


if __name__ == "__main__":
    main()
