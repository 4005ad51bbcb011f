"""How the raw ultrasound of a case was recorded, as a report tells it."""

from collections.abc import Mapping, Sequence

from ..imaging.ultrasound.frames import RfFrames

GAIN_KNOWN = {True: "undone", False: "not told"}


def recording_parameters(recordings: Sequence[RfFrames]) -> Mapping[str, str]:
    """Parameters of the recordings of one case by name; numbers that differ are given as a range."""
    texts = {
        "modality": {"US" for _ in recordings},
        "device": {one.device for one in recordings},
        "preset": {one.preset for one in recordings},
        "geometry": {one.geometry for one in recordings},
        "time_gain": {GAIN_KNOWN[one.tgc_db is not None] for one in recordings},
    }
    numbers = {
        "sampling_rate_mhz": [one.fs_mhz for one in recordings],
        "centre_frequency_mhz": [one.fc_mhz for one in recordings],
        "depth_mm": [round(one.end_mm, 1) for one in recordings],
        "lines": [one.rf.shape[1] for one in recordings],
        "frames": [one.rf.shape[0] for one in recordings],
        "views": [len(recordings)],
    }
    told = {name: " and ".join(sorted(values - {""})) for name, values in texts.items()}
    found = {name: text for name, text in told.items() if text}
    return {**found, **{name: _range(values) for name, values in numbers.items()}}


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):g}", f"{max(values):g}"
    return low if low == high else f"{low} to {high}"
