"""How often typed text is found in pictures of ultrasound, and how often something else is taken for it.

    python -m benchmarks.deidentification_typed_text                  # SIMULATED pictures and clips: some minutes
    python -m benchmarks.deidentification_typed_text --real FOLDER    # real pictures, too (raw_ultrasound's layout)

The limits of `hepar.io.deidentification.typed_text` were chosen on other SIMULATED pictures (other seeds, more fonts) and on
none of those that are counted here. Each picture is looked at twice, without text and with one text of a random size,
colour and font; both are compressed alike. Intervals are Wilson's of 95 %.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from benchmarks.deidentification_pictures import QUALITIES, Frames, compressed, frames_of, text_of, with_text
from hepar.io.deidentification.contact_sheet import middle_frame
from hepar.io.deidentification.planes import planes_of
from hepar.io.deidentification.typed_text import typed_text
from hepar.stats.classification import wilson

FIRST_SEED = 70_000
N_PICTURES, N_CLIPS, N_FRAMES, N_TEXTS = 300, 40, 24, 25
Groups = dict[str, Counter[bool]]


def found_in(frames: Frames) -> bool:
    """Whether text is found in frames of red, green and blue."""
    return typed_text(planes_of(frame, "RGB", Dataset()) for frame in frames) is not None


def count(cases: Iterable[tuple[int, str, Frames]]) -> tuple[Groups, float]:
    """Finds by group in each case without and with text; and seconds of looking for each million pixels."""
    groups: Groups = {}
    spent, pixels = 0.0, 0
    for seed, kind, frames in cases:
        rng = np.random.default_rng([seed, 3])
        quality, shared = int(rng.choice(QUALITIES)), bool(rng.random() < 0.5)
        text = text_of(seed)
        names = (f"size {text.size}", f"colour {text.colour}", f"JPEG {quality or 'none'}", f"on {kind}")
        for typed in (False, True):
            shown = with_text(frames, text, seed=seed) if typed else frames
            shown = compressed(shown, quality, shared_chroma=shared)
            started = time.process_time()
            found = found_in(shown)
            spent, pixels = spent + time.process_time() - started, pixels + shown.size // 3
            for name in (
                ("text: all", *(f"text: {n}" for n in names))
                if typed
                else ("no text: all", f"no text: {kind}")
            ):
                groups.setdefault(name, Counter())[found] += 1
    return groups, spent / pixels * 1e6


def made(number: int, *, n: int) -> Iterator[tuple[int, str, Frames]]:
    """SIMULATED pictures of `n` frames."""
    for seed in range(FIRST_SEED, FIRST_SEED + number):
        yield seed, *frames_of(seed + 10_000 * n, n=n)


def real(folder: Path) -> Iterator[tuple[str, Frames]]:
    """Real pictures and clips, cut to what shows the patient and holds no text of the device."""
    carotid = np.asarray(Image.open(folder / "clarius_doppler_iq" / "carotid.jpeg").convert("RGB"))
    yield "carotid with colour box", carotid[None, 170:340, 75:460]
    yield "carotid, grey", carotid[None, 395:610, 100:460]
    envelope = np.fromfile(folder / "clarius_doppler_iq" / "carotid_env.raw", np.uint8)[-304 * 592 :]
    yield "carotid, envelope of lines", _grey(envelope.reshape(304, 592)[None])
    disk = _matlab(folder / "pymust_disk_rf" / "bmode_PWI_disk.mat")
    yield "turning disk, a clip", _grey(np.moveaxis(disk, -1, 0))
    for name, rows, columns in (
        ("examples_jpeg2k.dcm", (98, 300), (45, 600)),
        ("examples_rgb_color.dcm", (50, 148), (25, 295)),
        ("examples_palette.dcm", (110, 350), (210, 760)),
    ):
        picture = middle_frame([Path(str(get_testdata_file(name)))])
        assert picture is not None
        yield name, picture[None, slice(*rows), slice(*columns)]
    heart = dcmread(str(get_testdata_file("examples_ybr_color.dcm"))).pixel_array
    yield "examples_ybr_color.dcm, a clip", heart[:, 18:200, 36:280]


def _grey(frames: Any) -> Frames:
    return np.repeat(np.asarray(frames, np.uint8)[..., None], 3, axis=-1)


def _matlab(path: Path) -> Any:
    from scipy.io import loadmat

    return loadmat(path)["I"]


def table(groups: Groups) -> None:
    """Print finds by group."""
    print("| pictures | found | of | part (95 % interval) |")
    print("|:--|--:|--:|:--|")
    for name in sorted(groups, key=lambda one: (one.split(":")[0], len(one), one)):
        hits, of = groups[name][True], groups[name].total()
        part = wilson(hits, of)
        print(f"| {name} | {hits} | {of} | {part.value:.3f} ({part.low:.3f} to {part.high:.3f}) |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, help="the folder of real ultrasound data")
    asked = parser.parse_args()
    for title, number, n in (
        ("single SIMULATED frames", N_PICTURES, 1),
        ("SIMULATED clips", N_CLIPS, N_FRAMES),
    ):
        groups, seconds = count(made(number, n=n))
        print(f"\n{title}, {n} frames each; {1000 * seconds:.0f} ms for each million pixels\n", flush=True)
        table(groups)
    for name, frames in real(asked.real) if asked.real else ():
        groups, _ = count((FIRST_SEED + k, "real", frames) for k in range(N_TEXTS))
        found = groups["text: all"][True]
        print(
            f"real, {name}: text found in {found} of {N_TEXTS}, without text in {found_in(frames)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
