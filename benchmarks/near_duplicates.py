"""Copies among 10,000 SIMULATED pictures: hepar beside imagehash and beside a plain comparison of all pairs.

`python -m benchmarks.near_duplicates [--pictures 10000]`; imagehash is compared where it is installed. About five minutes.
"""

import argparse
import importlib
import importlib.util
import io
import resource
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hepar.imaging.likeness import alike, exact_digest, fingerprint_of, grey_picture
from hepar.imaging.likeness.picture import shrunk
from hepar.phantom.ultrasound.sketch import sketched_b_mode

Picture = NDArray[Any]
PAIRS = set[tuple[int, int]]
SIDE = 16
"""Of the hash of imagehash (256 bits) and of the small picture of the plain comparison (32)."""


def jpeg(picture: Picture, quality: int) -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer), dtype=np.uint8)


def resized(picture: Picture, factor: float) -> Picture:
    rows, columns = picture.shape
    size = (round(columns * factor), round(rows * factor))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR), dtype=np.uint8)


def cropped(picture: Picture, share: float, rng: np.random.Generator) -> Picture:
    rows, columns = picture.shape
    top, bottom = (round(rng.uniform(0, share) * rows) for _ in range(2))
    left, right = (round(rng.uniform(0, share) * columns) for _ in range(2))
    return np.ascontiguousarray(picture[top : rows - bottom, left : columns - right])


def framed(picture: Picture, share: float, *, grey: int = 0) -> Picture:
    """With `share` of its size added at each edge."""
    rows, columns = (round(share * n) for n in picture.shape)
    return np.pad(picture, ((rows, rows), (columns, columns)), constant_values=grey)


def squared(picture: Picture) -> Picture:
    """With bars that make it a square."""
    gap = max(picture.shape) - np.array(picture.shape)
    return np.pad(picture, [(n // 2, n - n // 2) for n in gap])


def grey(picture: Picture, gain: float, offset: float) -> Picture:
    return np.clip(gain * picture + offset, 0, 255).astype(np.uint8)


def lettered(picture: Picture) -> Picture:
    made = picture.copy()
    made[3:9, 3:40] = 255
    return made


Change = Callable[[Picture, np.random.Generator], Picture]
CHANGES: Mapping[str, Change] = {
    "same pixels": lambda p, _: p.copy(),
    "half the size": lambda p, _: resized(p, 0.5),
    "1.7 times the size": lambda p, _: resized(p, 1.7),
    "cropped by up to 2 % an edge": lambda p, rng: cropped(p, 0.02, rng),
    "cropped by up to 5 % an edge": lambda p, rng: cropped(p, 0.05, rng),
    "cropped by up to 8 % an edge": lambda p, rng: cropped(p, 0.08, rng),
    "brighter, more contrast": lambda p, _: grey(p, 1.3, 20),
    "darker": lambda p, _: grey(p, 0.6, -5),
    "gamma 0.6": lambda p, _: (255 * (p / 255.0) ** 0.6).astype(np.uint8),
    "JPEG, quality 30": lambda p, _: jpeg(p, 30),
    "noise, SD 12": lambda p, rng: np.clip(p + rng.normal(0, 12, p.shape), 0, 255).astype(np.uint8),
    "sides exchanged": lambda p, _: np.ascontiguousarray(p[:, ::-1]),
    "upside down": lambda p, _: np.ascontiguousarray(p[::-1]),
    "a quarter turn": lambda p, _: np.ascontiguousarray(np.rot90(p)),
    "a quarter turn the other way, JPEG 60": lambda p, _: jpeg(np.ascontiguousarray(np.rot90(p, 3)), 60),
    "turned and mirrored": lambda p, _: np.ascontiguousarray(p.T),
    "inverted": lambda p, _: 255 - p,
    "inverted, sides exchanged, JPEG 60": lambda p, _: jpeg(np.ascontiguousarray(255 - p[:, ::-1]), 60),
    "inverted, cropped by up to 5 %": lambda p, rng: 255 - cropped(p, 0.05, rng),
    "bars to a square": lambda p, _: squared(p),
    "a frame of a quarter of its size": lambda p, _: framed(p, 0.25),
    "a white frame of a tenth, JPEG 60": lambda p, _: jpeg(framed(p, 0.1, grey=255), 60),
    "bars, brighter, noise, SD 8": lambda p, rng: np.clip(
        squared(p) * 1.2 + 10 + rng.normal(0, 8, squared(p).shape), 0, 255
    ).astype(np.uint8),
    "turned by 2 degrees": lambda p, _: np.asarray(Image.fromarray(p).rotate(2, Image.Resampling.BILINEAR)),
    "letters burnt in": lambda p, _: lettered(p),
    "crop 5 %, 0.7 times, brighter, JPEG 50": lambda p, rng: jpeg(
        grey(resized(cropped(p, 0.05, rng), 0.7), 1.3, 20), 50
    ),
}


def scene(n: int, *, copies: int, seed: int) -> tuple[list[Picture], Mapping[str, PAIRS]]:
    """`n` SIMULATED pictures, the last of them copies of the first, `copies` for each change."""
    rng = np.random.default_rng(seed)
    originals = n - copies * len(CHANGES)
    pictures = [sketched_b_mode(rng, stage=k % 5) for k in range(originals)]
    truth: dict[str, PAIRS] = {}
    for name, change in CHANGES.items():
        truth[name] = set()
        for _ in range(copies):
            source = len(pictures) - originals
            truth[name].add((source, len(pictures)))
            pictures.append(change(pictures[source], rng))
    return pictures, truth


def by_hepar(pictures: list[Picture]) -> PAIRS:
    prints = [fingerprint_of(grey_picture(one), digest=exact_digest(one)) for one in pictures]
    return {(pair.first, pair.second) for pair in alike(prints, [f"{k}" for k in range(len(prints))])}


def by_all_pairs(pictures: list[Picture]) -> PAIRS:
    """Correlation of 32 x 32 pictures of at least 0.95, every pair."""
    small = np.stack([shrunk(grey_picture(one), (2 * SIDE, 2 * SIDE)).ravel() for one in pictures])
    small -= small.mean(axis=1, keepdims=True)
    small /= np.linalg.norm(small, axis=1, keepdims=True)
    return _pairs(lambda rows: small[rows] @ small.T >= 0.95, len(small))


def by_imagehash(pictures: list[Picture], *, distance: int) -> PAIRS:
    """Hamming distance of 256-bit perceptual hashes of at most `distance`, every pair."""
    imagehash = importlib.import_module("imagehash")
    bits = np.stack([imagehash.phash(Image.fromarray(one), hash_size=SIDE).hash.ravel() for one in pictures])
    signs = np.where(bits, 1, -1).astype(np.float32)
    return _pairs(lambda rows: (signs.shape[1] - signs[rows] @ signs.T) / 2 <= distance, len(signs))


def _pairs(close: Callable[[slice], NDArray[np.bool_]], n: int, block: int = 1000) -> PAIRS:
    found: PAIRS = set()
    for start in range(0, n, block):
        first, second = np.nonzero(close(slice(start, start + block)))
        keep = first + start < second
        found |= set(zip((first[keep] + start).tolist(), second[keep].tolist(), strict=True))
    return found


def rivals() -> Mapping[str, Callable[[list[Picture]], PAIRS]]:
    found: dict[str, Callable[[list[Picture]], PAIRS]] = {"hepar": by_hepar, "all pairs": by_all_pairs}
    if importlib.util.find_spec("imagehash") is not None:
        for distance in (10, 30, 60):
            found[f"imagehash, {distance} of 256"] = partial(by_imagehash, distance=distance)
    return found


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=40, help="for each change")
    parser.add_argument("--seed", type=int, default=1, help="limits were chosen with 0")
    parser.add_argument("--only", action="append", help="a rival; one alone to see its memory")
    asked = parser.parse_args()
    pictures, truth = scene(asked.pictures, copies=asked.copies, seed=asked.seed)
    every: PAIRS = set().union(*truth.values())
    group = {copy: source for source, copy in every}
    rows: dict[str, Any] = {}
    for name, find in rivals().items():
        if asked.only is None or name in asked.only:
            before, start = peak_mb(), time.process_time()
            found = find(pictures)
            seconds, memory = time.process_time() - start, peak_mb() - before
            false = {(a, b) for a, b in found if group.get(a, a) != group.get(b, b)}
            rows[name] = (seconds, memory, found, len(false))
    n = len(pictures) * (len(pictures) - 1) // 2
    print(
        f"SIMULATED: {len(pictures):,} pictures, {len(every)} copies, {n:,} pairs; CPU seconds, one thread\n"
    )
    print("| | " + " | ".join(rows) + " |\n|:--|" + "--:|" * len(rows))
    print("| seconds | " + " | ".join(f"{s:.1f}" for s, *_ in rows.values()) + " |")
    print("| memory above the pictures, MB | " + " | ".join(f"{m:.0f}" for _, m, *_ in rows.values()) + " |")
    print("| false pairs | " + " | ".join(f"{false:,}" for *_, false in rows.values()) + " |")
    for change, pairs in truth.items():
        told = " | ".join(f"{len(pairs & found)}" for _, _, found, _ in rows.values())
        print(f"| {change}, found of {len(pairs)} | {told} |")


if __name__ == "__main__":
    main()
