"""Raw captures of Clarius scanners: `.raw` with its `.yml` and `.tgc`, compressed (`.lzo`) or packed (`.tar`) or not.

A `.raw` file has five little-endian 32-bit numbers (id, frames, lines, samples, bytes of a sample), then of every frame
a 64-bit time in nanoseconds and its lines; the manufacturer describes it at github.com/clariusdev/research.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DataError
from ...imaging.ultrasound.counts import FULL_SCALE
from .acquisition import Acquired, arc_mm
from .clarius_files import Capture, capture_of, descriptions, stem_of
from .clarius_text import Curve, Described, curves_of, described
from .lzop import MAGIC
from .settings import STORAGE, refuse_unused
from .source import Look
from .stream import Source, Stream, stream_of

HEADER = np.dtype([(name, "<u4") for name in ("id", "frames", "lines", "samples", "size")])
SIDECARS = (".settings.yaml", ".settings.yml")
"""Of what the scanner does not tell; `NAME.yml` is the scanner's own."""
OTHERS = {
    "iq": "IQ data, demodulated already (two 16-bit numbers a sample). The frequency they were mixed down with varies"
    " with depth and is not recorded, so nothing can undo it",
    "env": "an envelope, the B-mode picture before scan conversion (one byte a sample)",
}
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Counts:
    frames: int
    lines: int
    samples: int
    size: int

    @property
    def record(self) -> np.dtype[Any]:
        """A frame as it lies in the file."""
        return np.dtype([("ns", "<u8"), ("rf", "<i2", (self.lines, self.samples))])


def lacks(look: Look) -> str:
    """What keeps the file from being a Clarius capture; empty where it is one."""
    if look.path.suffix.lower() == ".tar" or look.head.startswith(MAGIC):
        return ""
    if look.path.suffix.lower() != ".raw":
        return "its name does not end in .raw, .raw.lzo or .tar"
    folder = look.path.parent
    texts = (folder / name for name in descriptions(stem_of(look.path.name)))
    if any("samples per line" in file.read_text("utf-8", "replace") for file in texts if file.is_file()):
        return ""
    return "there is no description of the scanner (NAME.yml with `samples per line`) beside it"


def open_stream(look: Look) -> Stream:
    """The radio frequency of the capture; IQ data and envelopes are refused."""
    path = look.path
    settings = look.settings(*SIDECARS)
    refuse_unused(
        settings,
        (*STORAGE, "line_angle_deg", "line_across_mm"),
        path=path,
        why="the scanner's own files tell it",
    )
    capture = capture_of(path)
    about = described(capture.description, path)
    counts = _counts(capture, about, path=path)
    shape = (counts.frames, counts.lines, counts.samples)
    times = _times_ns(capture, counts)
    curves = curves_of(capture.gains, about.curve, times=times, path=path)
    told = {**about.told, "time_gain": curves[0] if curves else "unknown"}
    told |= _places(Acquired(path, settings, shape, told, sidecar=SIDECARS[0]), about)
    told["frame_times_ms"] = (times - times[0]).astype(np.int64) / 1e6
    facts = Acquired(path, settings, shape, told, sidecar=SIDECARS[0]).facts()
    levelled = settings.time_gain is None and any(curve is not curves[0] for curve in curves)
    depth_mm = facts["start_mm"] + np.arange(counts.samples) * facts["c_mm_us"] / (2 * facts["fs_mhz"])
    return stream_of(
        _source(capture, counts, curves=curves if levelled else (), depth_mm=depth_mm), facts, path
    )


def _counts(capture: Capture, about: Described, *, path: Path) -> _Counts:
    """The header's counts, once they fit the description and the size of the file."""
    head = capture.read(0, HEADER.itemsize)
    if len(head) < HEADER.itemsize:
        raise DataError(f"{path}: ends within its header; copy it again from its source")
    numbers = np.frombuffer(head, HEADER)[0]
    counts = _Counts(*(int(numbers[name]) for name in ("frames", "lines", "samples", "size")))
    _refuse_other_kinds(capture, about, counts=counts, path=path)
    if 0 in (counts.frames, counts.lines, counts.samples):
        raise DataError(
            f"{path}: declares {counts.frames} frames of {counts.lines} lines of {counts.samples} samples, hence no"
            " echo; export the recording again"
        )
    needed = HEADER.itemsize + counts.frames * (8 + counts.lines * counts.samples * counts.size)
    if capture.length != needed:
        raise DataError(
            f"{path}: {counts.frames} frames of {counts.lines} lines of {counts.samples} samples need {needed:,} bytes,"
            f" and there are {capture.length:,}; the file is truncated or another's: copy it again from its source"
        )
    for name, told in about.counts.items():
        if told is not None and told != getattr(counts, name):
            raise DataError(
                f"{path}: has {getattr(counts, name)} {name}, its description says {told}; they belong to two"
                " recordings: put the description that was exported with it beside it"
            )
    return counts


def _refuse_other_kinds(capture: Capture, about: Described, *, counts: _Counts, path: Path) -> None:
    """IQ data under the name of radio frequency occur, so that type, size and name are all looked at."""
    ending = stem_of(capture.name).rpartition("_")[2].lower()
    kind = about.kind
    if kind == "iq" or counts.size == 4 or ending == "iq":
        other = "iq"
    elif kind == "env" or counts.size == 1 or ending == "env":
        other = "env"
    elif kind == "rf" and counts.size == 2:
        return
    else:
        raise DataError(
            f"{path}: holds numbers of {counts.size} bytes of a type that its description does not call RF; radio"
            " frequency has 2 bytes a sample and `type: RF`"
        )
    raise DataError(f"{path}: holds {OTHERS[other]}. Capture in RF mode, and give the file ending in _rf")


def _places(known: Acquired, about: Described) -> dict[str, Any]:
    """Depth of the first sample; angle and origin of every line from the element that it is received at.

    Element e of a convex probe lies (e - (n - 1) / 2) pitch along the arc; the line is steered by its angle from the
    radius there, taken as positive towards the last element.
    """
    needed = ["fs_mhz", "fc_mhz", "c_mm_us", "geometry", "elements", "element_pitch_mm"]
    if about.delay_samples is None:
        needed.append("start_mm")
    curved = known.knows("geometry") and known.value("geometry") == "convex"
    if curved:
        needed.append("radius_mm")
    known.ask(*(key for key in needed if not known.knows(key)))
    along_mm = (about.elements - (known.value("elements") - 1) / 2) * known.value("element_pitch_mm")
    radius_mm = known.number("radius_mm") if curved else 0.0
    arc = along_mm / radius_mm if curved else np.zeros_like(along_mm)
    origin_mm = arc_mm(arc, radius_mm=radius_mm)
    if not curved:
        origin_mm[:, 0] = along_mm
    told: dict[str, Any] = {
        "geometry": known.value("geometry"),
        "radius_mm": radius_mm,
        "line_angle_deg": np.degrees(arc) + about.steered_deg,
        "line_origin_mm": origin_mm,
    }
    if about.delay_samples is not None:
        told["start_mm"] = about.delay_samples * known.number("c_mm_us") / (2 * known.number("fs_mhz"))
    return told


def _times_ns(capture: Capture, counts: _Counts) -> NDArray[np.uint64]:
    step = counts.record.itemsize
    times = (capture.read(HEADER.itemsize + frame * step, 8) for frame in range(counts.frames))
    return np.frombuffer(b"".join(times), "<u8")


def _source(
    capture: Capture, counts: _Counts, *, curves: tuple[Curve, ...], depth_mm: NDArray[np.float64]
) -> Source:
    """The echoes; with `curves` of time gain that differ between frames, all are brought to the first, as float32.

    Clipped samples then stand at the largest number that the clip can have, wherever they are: what they were is lost,
    and so they are still seen to be clipped.
    """
    record = counts.record
    most = FULL_SCALE * np.float32(10 ** (_most_lift_db(curves, depth_mm) / 20))

    def echoes(start: int, stop: int) -> Array:
        step = record.itemsize
        content = capture.read(HEADER.itemsize + start * step, (stop - start) * step)
        rf: Array = np.frombuffer(content, record)["rf"]
        if not curves:
            return rf
        lift_db = np.stack([curves[0](depth_mm) - curve(depth_mm) for curve in curves[start:stop]])
        levelled: Array = rf * (10 ** (lift_db / 20)).astype(np.float32)[:, None, :]
        levelled[rf >= FULL_SCALE] = most
        levelled[rf <= -FULL_SCALE] = -most
        return levelled

    kind = np.dtype(np.float32 if curves else np.int16)
    return Source((counts.frames, counts.lines, counts.samples), kind, echoes)


def _most_lift_db(curves: tuple[Curve, ...], depth_mm: NDArray[np.float64]) -> float:
    """By which a sample is raised at most when its frame is brought to the time gain of the first."""
    return max((float((curves[0](depth_mm) - curve(depth_mm)).max()) for curve in set(curves)), default=0.0)
