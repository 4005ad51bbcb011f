"""A look at one recording of raw ultrasound, in one call."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.packages import refuse_absent
from .protocols import path_or_none

if TYPE_CHECKING:
    from ..study.recording import Measured


def recording(
    path: str | Path,
    *,
    settings: str | Path | None = None,
    phantom: str | Path | None = None,
    phantom_attenuation: float | None = None,
    phantom_diameter_um: float | None = None,
    path_attenuation: float | None = None,
    region: str | None = None,
    depth_mm: tuple[float, float] | None = None,
    lines: tuple[int, int] | None = None,
    page: str | Path | None = None,
    facts: str | Path | None = None,
) -> "Measured":
    """What one recording of raw ultrasound is, whether it can be measured, and what it tells of a region.

    `region` names one that is marked, or `depth_mm` and `lines` give it. `phantom` is a recording of a reference
    phantom by the same preset, of known attenuation (dB/cm/MHz) and scatterer diameter. `page` (.png) and `facts`
    (.json) are written where named; see `hepar recording --help`.
    """
    refuse_absent(("h5py",), what="reading raw ultrasound")
    from ..report.recording_page import refuse_other_ending, write_measured
    from ..study.recording import Place
    from ..study.recording_files import measure_files

    refuse_other_ending(path_or_none(page), ".png", what="page")
    refuse_other_ending(path_or_none(facts), ".json", what="document")
    measured = measure_files(
        Path(path),
        settings=path_or_none(settings),
        phantom=path_or_none(phantom),
        attenuation=phantom_attenuation,
        diameter_um=phantom_diameter_um,
        path_attenuation=path_attenuation,
        place=Place(region, depth_mm, lines),
    )
    write_measured(measured, page=path_or_none(page), facts=path_or_none(facts))
    return measured
