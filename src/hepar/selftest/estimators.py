"""Estimators of spectral parameters against what was put into SIMULATED phantoms of known acoustics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..imaging.ultrasound.frames import Box, RfFrames
from ..imaging.ultrasound.parameters import parameters
from ..io.simulated_rf import frames_of
from ..phantom import seeds
from ..phantom.ultrasound import PROBES, Medium, Probe, RfRecording, Settings, homogeneous, reference_phantom
from .bar import Bar

VERSION = 3
"""Raise it when the same seed is to give other figures."""
PHANTOMS, NARROW = 24, 6
"""Phantoms by the wide-band preset, and by the narrow-band one for each of its two regions."""
PER_CELL = (0.3, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Scatterers to a resolution cell."""
DRAWS = 100
MANY_MM2 = 60.0
"""Scatterers per mm2 of fully developed speckle."""
TALL, FOCAL, SMALL = (25.0, 75.0), (45.0, 75.0), (40.0, 56.0)
"""Depths in mm: of most phantoms, of the focus (where the size of a cell is known), of a small region of raw data."""
TALL_LINES, SMALL_LINES = (48, 143), (84, 107)
"""Lines of the narrow-band preset."""
ATTENUATION, BACKSCATTER, DIAMETER = "attenuation_db_cm_mhz", "backscatter_db", "diameter_um"
NAKAGAMI = "nakagami_m"
SLOPE = "dB/cm/MHz"
BIAS, SLOPE_ERROR, SIZE_ERROR_UM, LEVEL_ERROR_DB = 0.01, 0.02, 15.0, 0.6
"""Largest bias of attenuation, and largest errors of attenuation, diameter and backscatter."""
STATISTICS = 0.1
"""How far the Nakagami parameter may be from N / (1 + N)."""
COVER = 0.8
"""Least share of 95 % intervals that hold the truth: of 72 intervals, three from each phantom, all but 14."""


@dataclass(frozen=True, slots=True)
class Found:
    """A parameter of one phantom: what was put in, what was found, and its 95 % interval."""

    truth: float
    value: float
    low: float
    high: float


Trial = Mapping[str, Found]
"""What was found of one phantom, by name of a parameter; one that was refused is not there."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Phantoms by the wide band, by the narrow one in a tall and a small region; Nakagami m by scatterers to a cell."""

    wide: tuple[Trial, ...]
    narrow: tuple[Trial, ...]
    small: tuple[Trial, ...]
    nakagami: Mapping[str, float]


def measured(seed: int, *, phantoms: int = PHANTOMS) -> Measured:
    """Everything that the bars are made of, on phantoms drawn with `seed`."""
    wide, narrow = PROBES["convex"], PROBES["convex_narrow"]
    return Measured(
        wide=_trials(seed, probe=wide, count=phantoms, box=Box(TALL, (0, wide.lines - 1))),
        narrow=_trials(seed, probe=narrow, count=NARROW, box=Box(TALL, TALL_LINES)),
        small=_trials(seed, probe=narrow, count=NARROW, box=Box(SMALL, SMALL_LINES)),
        nakagami={f"{number:g}": _nakagami(seed, number, probe=wide) for number in PER_CELL},
    )


def bars(every: Sequence[Measured]) -> list[Bar]:
    """The bars on the phantoms of all seeds together."""
    wide, narrow, small = (
        [trial for one in every for trial in getattr(one, name)] for name in ("wide", "narrow", "small")
    )
    return [
        *_accuracy(wide),
        *(
            Bar.near(
                f"Nakagami m, {name} scatterers to a cell",
                float(np.mean([one.nakagami[name] for one in every])),
                wanted=float(name) / (1 + float(name)),
                within=STATISTICS,
                unit="",
            )
            for name in every[0].nakagami
        ),
        *_narrow(narrow, small, wide=wide),
    ]


def bias(made: Sequence[Trial], name: str) -> float:
    """Mean of found less true; not a number where none was found."""
    errors = _errors(made, name)
    return float(np.mean(errors)) if errors else float("nan")


def error(made: Sequence[Trial], name: str) -> float:
    """Root mean square of found less true; not a number where any was refused."""
    errors = _errors(made, name)
    return float(np.sqrt(np.mean(np.square(errors)))) if errors and len(errors) == len(made) else float("nan")


def cover(made: Iterable[Trial]) -> float:
    """Share of the intervals of all parameters that hold the truth; not a number where there is none."""
    held = [one.low <= one.truth <= one.high for trial in made for one in trial.values()]
    return float(np.mean(held)) if held else float("nan")


def _errors(made: Iterable[Trial], name: str) -> list[float]:
    return [trial[name].value - trial[name].truth for trial in made if name in trial]


def _accuracy(made: Sequence[Trial]) -> list[Bar]:
    what = "root-mean-square error"
    return [
        Bar.near("attenuation, bias", bias(made, ATTENUATION), wanted=0.0, within=BIAS, unit=SLOPE),
        Bar.at_most(f"attenuation, {what}", error(made, ATTENUATION), limit=SLOPE_ERROR, unit=SLOPE),
        Bar.told("effective diameter, bias", bias(made, DIAMETER), "um"),
        Bar.at_most(f"effective diameter, {what}", error(made, DIAMETER), limit=SIZE_ERROR_UM, unit="um"),
        Bar.told("backscatter, bias", bias(made, BACKSCATTER), "dB"),
        Bar.at_most(f"backscatter, {what}", error(made, BACKSCATTER), limit=LEVEL_ERROR_DB, unit="dB"),
        Bar.at_least("truth inside the 95 % intervals", cover(made), limit=COVER, unit="of them"),
    ]


def _narrow(tall: Sequence[Trial], small: Sequence[Trial], *, wide: Sequence[Trial]) -> list[Bar]:
    """A wider interval than by the wide band, or none; no value at all in a region of 24 lines by 16 mm."""
    return [
        Bar.at_least(
            "narrow band: interval of attenuation over that by the wide band",
            _width(tall) / _width(wide),
            limit=1.0,
            unit="times as wide",
        ),
        Bar.told("narrow band: truth inside the 95 % intervals", cover(tall), "of them"),
        Bar.at_most(
            "narrow band, 24 lines by 16 mm: attenuation told, though it cannot be measured",
            len(_errors(small, ATTENUATION)) / len(small),
            limit=0.0,
            unit="of the phantoms",
        ),
    ]


def _width(made: Iterable[Trial]) -> float:
    """Mean width of the intervals of attenuation; infinite where all were refused."""
    widths = [trial[ATTENUATION].high - trial[ATTENUATION].low for trial in made if ATTENUATION in trial]
    return float(np.mean(widths)) if widths else float("inf")


def _trials(seed: int, *, probe: Probe, count: int, box: Box) -> tuple[Trial, ...]:
    """Phantoms of random acoustics at random gain and time gain, measured in `box`."""
    reference = _frames(reference_phantom(probe, frames=8, seed=seed))
    return tuple(_trial(seed, number, probe=probe, reference=reference, box=box) for number in range(count))


def _trial(seed: int, number: int, *, probe: Probe, reference: RfFrames, box: Box) -> Trial:
    rng = seeds.stream(seed, number, "selftest", probe.name)
    medium = Medium(rng.uniform(0.4, 1.1), rng.uniform(-6, 6), rng.uniform(80, 220), MANY_MM2)
    knobs = Settings(
        probe.gain_db + 2.5 * rng.standard_normal(),
        probe.tgc_db_cm * float(np.exp(0.12 * rng.standard_normal())),
        tuple((1.2 * rng.standard_normal(8)).tolist()),
    )
    frames = _frames(homogeneous(probe, medium, rng=rng, settings=knobs))
    told = parameters(frames, reference, box=box, seed=number, draws=DRAWS).values
    truth = {
        ATTENUATION: medium.attenuation_db_cm_mhz,
        BACKSCATTER: medium.backscatter_db,
        DIAMETER: medium.diameter_um,
    }
    return {
        name: Found(value, told[name].value, told[name].low, told[name].high)
        for name, value in truth.items()
        if name in told
    }


def _nakagami(seed: int, number: float, *, probe: Probe) -> float:
    """Of two places with `number` scatterers to a cell; not a number where it was refused."""
    rng = seeds.stream(seed, round(10 * number), "selftest", "statistics")
    medium = Medium(0.5, 0.0, 40.0, number / probe.cell_mm2)
    frames = _frames(homogeneous(probe, medium, rng=rng, frames=2))
    told = parameters(frames, None, box=Box(FOCAL, (0, probe.lines - 1)), seed=0, draws=20).values
    return told[NAKAGAMI].value if NAKAGAMI in told else float("nan")


def _frames(recording: RfRecording) -> RfFrames:
    return frames_of(recording, scanner="A", site="SIMULATED")
