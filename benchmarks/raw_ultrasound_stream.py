"""Raw clips read block by block: time and peak memory, `python -m benchmarks.raw_ultrasound_stream [FRAMES]`.

A clip of 96 lines x 2,600 samples is written in each format (24 frames of SIMULATED numbers over and over), then read in
a process of its own, in blocks of 16 frames. Beside it NumPy and h5py, which read the same files as a whole.
"""

import json
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import yaml
from lzallright import LZOCompressor
from numpy.typing import NDArray

from hepar.imaging.ultrasound.frames import RfFrames
from hepar.io.rf_file import write_rf
from hepar.io.ultrasound import open_recording

LINES, SAMPLES, DISTINCT, BLOCK = 96, 2600, 24, 16
ACQUIRED = {
    "fs_mhz": 20.0, "fc_mhz": 3.5, "c_mm_us": 1.54, "start_mm": 0.0, "time_gain": "none applied", "geometry": "linear",
    "line_across_mm": {"first": -19.0, "last": 19.0},
}  # fmt: skip
Frames = NDArray[np.int16]


def clip() -> Frames:
    """Noise of the band of echoes, 60 dB weaker at the end, so that it packs as they do."""
    noise = np.random.default_rng(0).standard_normal((DISTINCT, LINES, SAMPLES))
    spectrum = np.fft.rfft(noise)
    mhz = np.fft.rfftfreq(SAMPLES, 1 / 20)
    rf = np.fft.irfft(spectrum * np.exp(-0.5 * ((mhz - 3.5) / 1.0) ** 2), SAMPLES)
    fading = 3000 * 10 ** (-60 / 20 * np.arange(SAMPLES) / SAMPLES)
    made: Frames = np.rint(fading * rf / rf.std()).astype(np.int16)
    return made


def repeated(frames: int) -> Iterator[Frames]:
    rf = clip()
    for start in range(0, frames, DISTINCT):
        yield rf[: frames - start]


def npy(path: Path, frames: int) -> Path:
    file = path / "clip.npy"
    held = np.lib.format.open_memmap(file, "w+", np.int16, (frames, LINES, SAMPLES))
    for k, rf in enumerate(repeated(frames)):
        held[k * DISTINCT : k * DISTINCT + len(rf)] = rf
    _describe(file, axes=["frame", "line", "sample"])
    return file


def own(path: Path, frames: int) -> Path:
    """As `write_rf` lays it out; it writes 24 frames, and the rest are added to its file."""
    file = path / "clip.h5"
    few = RfFrames(
        rf=clip(), fs_mhz=20.0, fc_mhz=3.5, c_mm_us=1.54, geometry="linear", line_angle_deg=np.zeros(LINES),
        line_origin_mm=np.stack([np.linspace(-19, 19, LINES), np.zeros(LINES)], axis=1), start_mm=0.0, tgc_db=None,
    )  # fmt: skip
    write_rf(replace(few, rf=few.rf[:1]), file)
    with h5py.File(file, "r+") as held:
        packing = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
        del held["rf"]
        rf = held.create_dataset(
            "rf", (frames, LINES, SAMPLES), np.int16, chunks=(1, LINES, SAMPLES), **packing
        )
        for k in range(frames):
            rf[k] = few.rf[k % DISTINCT]
    return file


def matlab(path: Path, frames: int) -> Path:
    file = path / "clip.mat"
    with h5py.File(file, "w", userblock_size=512) as held:
        rf = held.create_dataset("RF", (frames, LINES, SAMPLES), np.int16, chunks=(1, LINES, SAMPLES))
        for k, part in enumerate(repeated(frames)):
            rf[k * DISTINCT : k * DISTINCT + len(part)] = part
    with file.open("r+b") as content:
        content.write(b"MATLAB 7.3 MAT-file")
    _describe(file, rf="RF", axes=["sample", "line", "frame"])
    return file


def uff(path: Path, frames: int) -> Path:
    file = path / "clip.uff"
    with h5py.File(file, "w") as held:
        group = held.create_group("b_data")
        group.attrs["class"] = "uff.beamformed_data"
        rf = group.create_dataset(
            "data", (frames, 1, 1, LINES * SAMPLES), np.float32, chunks=(1, 1, 1, LINES * SAMPLES)
        )
        for k, part in enumerate(repeated(frames)):
            rf[k * DISTINCT : k * DISTINCT + len(part)] = part.reshape(len(part), 1, 1, -1)
        scan = group.create_group("scan")
        scan.attrs["class"] = "uff.linear_scan"
        scan["x_axis"] = np.linspace(-19e-3, 19e-3, LINES)[None]
        scan["z_axis"] = np.arange(SAMPLES)[None] * 1540 / 2 / 20e6
    told = {key: ACQUIRED[key] for key in ("fc_mhz", "c_mm_us", "time_gain")}
    file.with_suffix(".yaml").write_text(yaml.safe_dump(told))
    return file


def clarius(path: Path, frames: int) -> Path:
    file = path / "clip_rf.raw"
    with file.open("wb") as content:
        content.writelines(_clarius(frames))
    _clarius_texts(file, frames)
    return file


def clarius_lzo(path: Path, frames: int) -> Path:
    """In blocks of 256 KiB, as lzop packs, without checksums of the content."""
    file = path / "packed_rf.raw.lzo"
    head = struct.pack(">HHHBBIIIIB", 0x1030, 0x2080, 0x0940, 1, 5, 0, 0o100644, 0, 0, 0)
    with file.open("wb") as content:
        content.write(b"\x89LZO\x00\r\n\x1a\n" + head + struct.pack(">I", zlib.adler32(head)))
        waiting = b""
        for part in _clarius(frames):
            waiting += part
            while len(waiting) >= 1 << 18:
                content.write(_block(waiting[: 1 << 18]))
                waiting = waiting[1 << 18 :]
        content.write(_block(waiting) + bytes(4))
    _clarius_texts(file.with_suffix(""), frames)
    return file


WRITERS: dict[str, Callable[[Path, int], Path]] = {
    "NumPy": npy,
    "own HDF5, packed": own,
    "MATLAB 7.3": matlab,
    "UFF": uff,
    "Clarius": clarius,
    "Clarius, packed": clarius_lzo,
}
WHOLE = {
    "NumPy": "import numpy; a = numpy.load({!r})",
    "MATLAB 7.3": "import h5py; a = h5py.File({!r})['RF'][()]",
}


def measured(path: Path) -> dict[str, float]:
    """Seconds and peak memory (MB) of reading all blocks, and of what is there before: in this process."""
    before = _peak_mb()
    start = time.perf_counter()
    total = sum(len(block.rf) for block in open_recording(path).blocks(BLOCK))
    seconds = time.perf_counter() - start
    return {"frames": total, "seconds": seconds, "before_mb": before, "peak_mb": _peak_mb()}


def main(frames: int) -> None:
    whole_mb = frames * LINES * SAMPLES * 2 / 1e6
    print(f"{frames:,} frames of {LINES} x {SAMPLES:,}: {whole_mb:,.0f} MB of 16-bit numbers\n")
    print("| format | file, MB | s | frames/s | peak memory, MB (before) | the same as a whole, MB |")
    print("|:--|--:|--:|--:|--:|--:|")
    for name, write in WRITERS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), frames)
            found = json.loads(_alone(["-m", "benchmarks.raw_ultrasound_stream", "--read", str(path)]))
            size = path.stat().st_size / 1e6
            other = _peak_of_whole(name, path)
        rate = found["frames"] / found["seconds"]
        peak = f"{found['peak_mb']:.0f} ({found['before_mb']:.0f})"
        print(
            f"| {name} | {size:,.0f} | {found['seconds']:.1f} | {rate:.0f} | {peak} | {other} |", flush=True
        )


def _peak_of_whole(name: str, path: Path) -> str:
    if name not in WHOLE:
        return ""
    told = "from benchmarks.raw_ultrasound_stream import _peak_mb; print(round(_peak_mb()))"
    return _alone(["-c", f"{WHOLE[name].format(str(path))}; {told}"]).strip()


def _alone(arguments: list[str]) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


def _peak_mb() -> float:
    """Of this process; what `getrusage` tells is that of the process that started it too."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1e3


def _describe(file: Path, **storage: object) -> None:
    file.with_suffix(".yaml").write_text(yaml.safe_dump({**storage, **ACQUIRED}))


def _clarius(frames: int) -> Iterator[bytes]:
    yield struct.pack("<5I", 2, frames, LINES, SAMPLES, 2)
    for start, part in enumerate(repeated(frames)):
        for k, rf in enumerate(part):
            yield struct.pack("<Q", 50_000_000 * (start * DISTINCT + k)) + rf.tobytes()


def _clarius_texts(file: Path, frames: int) -> None:
    listed = "".join(f"  - {{rx element: {k}, tx element: {k}, angle: 0 °}}\n" for k in range(LINES))
    text = (
        f"frames: {frames}\ntransmit frequency: 3.5 MHz\ntgc: {{ 0.00mm, 10.00dB }}{{ 100.00mm, 40.00dB }}\n"
        f"size: {{samples per line: {SAMPLES}, number of lines: {LINES}, sample size: 2 bytes}}\ntype: RF\n"
        f"sampling rate: 20 MHz\ndelay samples: 30\nlines:\n{listed}"
    )
    file.with_suffix(".yml").write_text(text, encoding="utf-8")
    told = {"c_mm_us": 1.54, "geometry": "linear", "elements": LINES, "element_pitch_mm": 0.4}
    file.with_name(file.stem + ".settings.yaml").write_text(yaml.safe_dump(told))


def _block(content: bytes) -> bytes:
    packed = LZOCompressor().compress(content)
    packed = packed if len(packed) < len(content) else content
    return struct.pack(">II", len(content), len(packed)) + packed


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(measured(Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
