"""How the images of an arm were acquired: what their headers say, over all cases."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from .._version import __version__
from ..core.errors import HeparError
from ..core.fingerprint import fingerprint
from ..data.case import Acquisition
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts
from ..io.acquisitions import ImageFile, RecordingFile
from ..io.simulated import Recorded
from .recorded import recording_parameters
from .result import Prepared

Acquired = Mapping[str, Mapping[str, str]]
"""Acquisition -> parameter -> its range over the cases, or its values with their number of cases.

Parameters of images are those of `hepar.io.dicom_parameters`, those of recordings of `hepar.study.recorded`.
"""

SHOWN = 5
"""Values of a text that are told, the commonest first."""


def acquired(
    prepared: Prepared, *, store: Artefacts = NOTHING, jobs: int = 1, progress: Progress = silent
) -> Acquired:
    """What the DICOM headers of images and the recordings that the index tests read say; other files tell nothing."""
    tests = prepared.arm.index_tests.values()
    names = dict.fromkeys(name for test in tests for e in test.features for name in e.acquisitions)
    told = {}
    for name in names:
        images = [
            case.acquisitions[name]
            for case in prepared.cohort
            if name in case.acquisitions
            and isinstance(case.acquisitions[name].reader, ImageFile | RecordingFile | Recorded)
        ]
        if not images:
            continue
        what = f"{prepared.name}: reading headers of {name}"
        found = ordered_map(partial(_parameters, store), images, jobs=jobs, what=what, progress=progress)
        summary = summarised(found)
        if summary:
            told[name] = summary
    return told


def summarised(cases: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Each parameter over the cases: a range of numbers, or the commonest values with their number of cases.

    >>> summarised([{"kvp": "100", "model": "A"}, {"kvp": "100 to 120", "model": "B"}, {"model": "A"}])
    {'kvp': '100 to 120', 'model': 'A (2), B (1)'}
    """
    values: dict[str, list[str]] = {}
    for case in cases:
        for name, value in case.items():
            values.setdefault(name, []).append(value)
    return {name: _summary(found) for name, found in values.items()}


def _summary(found: list[str]) -> str:
    if len(set(found)) == 1:
        return found[0]
    try:
        ends = sorted((end for value in found for end in value.split(" to ")), key=float)
    except ValueError:
        counts = Counter(found)
        common = ", ".join(f"{value} ({n})" for value, n in counts.most_common(SHOWN))
        return common + (f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else "")
    return ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"


def _parameters(store: Artefacts, image: Acquisition) -> Mapping[str, str]:
    key = fingerprint(__version__, "acquisition parameters", image.fingerprint)
    return store.get_or_make(key, partial(_read, image))


def _read(image: Acquisition) -> Mapping[str, str]:
    """Parameters of one image; none where it is no DICOM, whose headers alone tell them."""
    from ..io.dicom_parameters import acquisition_parameters

    try:
        if not isinstance(image.reader, ImageFile):
            return recording_parameters(image.load())
        series = dict(image.reader.chosen).get("series")
        return acquisition_parameters(image.files[0], series=series)
    except HeparError:
        return {}
