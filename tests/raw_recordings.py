"""Small raw recordings as scanners and laboratories write them, for the tests of their readers; all SIMULATED."""

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml
from lzallright import LZOCompressor
from numpy.typing import NDArray

FRAMES, LINES, SAMPLES = 3, 4, 50
LINEAR: dict[str, Any] = {
    "fs_mhz": 20.0, "fc_mhz": 5.0, "c_mm_us": 1.54, "start_mm": 2.0, "geometry": "linear",
    "line_across_mm": {"first": -3.0, "last": 3.0}, "time_gain": "none applied",
}  # fmt: skip
"""Everything about a recording of parallel lines but how its numbers are stored."""
CLARIUS: dict[str, Any] = {"c_mm_us": 1.54, "geometry": "linear", "elements": 192, "element_pitch_mm": 0.3}
"""What descriptions of older Clarius scanners leave out."""


def echoes(frames: int = FRAMES, lines: int = LINES, samples: int = SAMPLES) -> NDArray[np.int16]:
    return np.random.default_rng(0).integers(-999, 999, (frames, lines, samples)).astype(np.int16)


def described(path: Path, ending: str = ".yaml", **keys: Any) -> Path:
    file = path.with_name(path.stem + ending)
    file.write_text(yaml.safe_dump(keys))
    return file


def clarius_raw(
    rf: NDArray[Any], *, size: int = 2, times: Sequence[int] = (10**9, 1_050_000_000, 1_100_000_000)
) -> bytes:
    frames, lines, samples = rf.shape
    head = struct.pack("<5I", 2, frames, lines, samples, size)
    return head + b"".join(struct.pack("<Q", times[k]) + rf[k].tobytes() for k in range(frames))


def clarius_yml(
    rf: NDArray[Any],
    *,
    kind: str = "RF",
    tgc: str = "{ 0.00mm, 20.00dB }{ 10.00mm, 30.00dB }",
    extra: str = "",
) -> str:
    frames, lines, samples = rf.shape
    listed = "\n".join(f"  - {{rx element: {90 + k}, tx element: 95.5, angle: 0 °}}" for k in range(lines))
    return (
        f"# raw data parameters\n\nframes: {frames}\nframe rate: 20 Hz\ntransmit frequency: 2.5 MHz\n"
        f"imaging depth: 100 mm\nfocal depth: 60 mm\ntgc: {tgc}\n"
        f"size: {{samples per line: {samples}, number of lines: {lines}, sample size: 2 bytes}}\ntype: {kind}\n"
        f"compression: none\nsampling rate: 15 MHz\ndelay samples: 30\n{extra}lines:\n{listed}\n"
    )


def clarius(
    folder: Path, rf: NDArray[Any], *, name: str = "a_rf", raw: bytes | None = None, **yml: Any
) -> Path:
    """The capture `NAME.raw` and its description, in `folder`."""
    path = folder / f"{name}.raw"
    path.write_bytes(clarius_raw(rf) if raw is None else raw)
    path.with_suffix(".yml").write_text(clarius_yml(rf, **yml), encoding="utf-8")
    return path


def lzop(content: bytes, *, block: int = 400, lie: int = 0) -> bytes:
    """`content` in blocks of `block` bytes as lzop packs them; each declares `lie` bytes more than it has."""
    head = struct.pack(">HHHBBIIIIB", 0x1030, 0x2080, 0x0940, 1, 5, 0x1, 0o100644, 0, 0, 0)
    made = b"\x89LZO\x00\r\n\x1a\n" + head + struct.pack(">I", zlib.adler32(head))
    for start in range(0, len(content), block):
        part = content[start : start + block]
        packed = LZOCompressor().compress(part)
        packed = packed if len(packed) < len(part) + lie else part
        made += struct.pack(">III", len(part) + lie, len(packed), zlib.adler32(part)) + packed
    return made + struct.pack(">I", 0)


def tar(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def uff(
    path: Path, rf: NDArray[Any], scan: Mapping[str, Any], *, kind: str = "uff.linear_scan", **numbers: float
) -> Path:
    """Beamformed `rf` (frames, lines, samples) on a scan, as USTB writes it: pixels last, depth fastest."""
    with h5py.File(path, "w") as file:
        group = file.create_group("b_data")
        group.attrs["class"] = np.bytes_("uff.beamformed_data")
        group["data"] = rf.reshape(len(rf), 1, 1, -1)
        place = group.create_group("scan")
        place.attrs["class"] = np.bytes_(kind)
        for name, values in scan.items():
            place[name] = np.asarray(values, dtype=np.float32).reshape(1, -1)
        for name, value in numbers.items():
            group[name.replace("__", "/")] = np.array([[value]])
    return path
