"""Recordings and values in, answers out, each with what must be known of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import DataError, HeparError, ProtocolError
from ..data.bundle import Cut
from .answer import Answer
from .bundle import Bundle, Ready, open_bundle
from .examination import Examination, Value, Views, read_views, refuse_unknown
from .fit_for_use import setup_warnings
from .quality_gate import phantom_warnings, quality_warnings

NO_RECORDING = "-"
"""Name of an examination without one, for tests that read values alone."""


def predict(
    bundle: Bundle | Path | str,
    recordings: Path | str | Sequence[Path | str] = (),
    *,
    tests: Sequence[str] = (),
    beside: Mapping[str, Path | str] | None = None,
    values: Mapping[str, Value] | None = None,
    settings: Path | None = None,
) -> list[Answer]:
    """What each test of `bundle` (or those named) says of each of `recordings`, in that order.

    One recording is a file, or a folder with the views of one examination. `beside` are further acquisitions by name,
    e.g. "phantom", and `values` clinical fields; both hold for every recording. `settings` tell what the files do not.
    An examination that a test cannot judge gets a refusal in place of a score; the others go on.

    Raises:
        DataError: the bundle cannot be used, or what lies beside cannot be read.
        ProtocolError: a name is none of the bundle's, nothing is given to be judged, or a package is missing.
    """
    opened = bundle if isinstance(bundle, Bundle) else open_bundle(bundle, tests=tests)
    asked = [ready for ready in opened.tests if not tests or ready.name in tests]
    given = _Given(values or {}, {name: Path(path) for name, path in (beside or {}).items()}, settings)
    refuse_unknown(given.values, [name for ready in asked for name in ready.reads], what="value")
    refuse_unknown(given.beside, [name for one in asked for name in one.acquisitions[1:]], what="acquisition")
    paths = [recordings] if isinstance(recordings, Path | str) else list(recordings)
    needing = [ready.name for ready in asked if ready.acquisitions]
    if needing and not paths:
        raise ProtocolError(
            f"test {needing[0]!r} reads a recording, and none is given; name a file or a folder"
        )
    common = {name: read_views(path, settings=settings) for name, path in given.beside.items()}
    return [
        answer
        for path in paths or [NO_RECORDING]
        for answer in _of_one(str(path), opened, asked, given=given, common=common)
    ]


@dataclass(frozen=True, slots=True)
class _Given:
    values: Mapping[str, Value]
    beside: Mapping[str, Path]
    settings: Path | None


def _of_one(
    name: str, bundle: Bundle, asked: Sequence[Ready], *, given: _Given, common: Mapping[str, Views]
) -> Iterator[Answer]:
    """The answers of every test to one examination, which is read once."""
    try:
        views = read_views(Path(name), settings=given.settings) if _reads(asked) else ()
        trouble = ""
    except HeparError as error:
        views, trouble = (), _line(error)
    for ready in asked:
        own = {ready.acquisitions[0]: views} if ready.acquisitions else {}
        further = {one: common[one] for one in ready.acquisitions[1:] if one in common}
        examination = Examination(name, {**own, **further}, given.values)
        yield _answer(ready, bundle, examination, trouble=trouble if ready.acquisitions else "")


def _reads(asked: Sequence[Ready]) -> bool:
    return any(ready.acquisitions for ready in asked)


def _answer(ready: Ready, bundle: Bundle, examination: Examination, *, trouble: str) -> Answer:
    blank = Answer(
        recording=examination.name,
        test=ready.name,
        label=ready.part.label,
        outcome=bundle.manifest.outcome.label,
        unit=bundle.manifest.outcome.unit,
        simulated=bundle.manifest.simulated,
        notice=bundle.manifest.notice,
        bundle=bundle.name,
    )
    if trouble:
        return blank.refusing(trouble)
    try:
        return _judged(ready, examination, blank)
    except HeparError as error:
        return blank.refusing(_line(error))


def _judged(ready: Ready, examination: Examination, blank: Answer) -> Answer:
    """The answer to an examination that was read; raises what is wrong with it."""
    _refuse_lacking(ready, examination)
    warnings = [*setup_warnings(examination.views, ready.part.setups)]
    if ready.acquisitions:
        own = examination.views[ready.acquisitions[0]]
        warnings += quality_warnings(own, ready.extractors)
        warnings += phantom_warnings(own, examination.views, ready.extractors)
    _refuse_words(ready, examination)
    case = examination.case(ready.reads)
    row = {name: value for one in ready.extractors for name, value in one.extract(case).items()}
    imputed = ready.predictor.imputed(row)
    if imputed and len(imputed) == len(row):
        raise DataError(
            f"none of what the test reads is known ({', '.join(imputed)}); there is nothing to judge"
        )
    score, probability = ready.predictor.answer(row)
    warnings += [f"{name} is missing or unknown: what is typical stands for it" for name in imputed]
    warnings += _outside(row, ready.part.training.ranges)
    calls = tuple(_call(cut, score, probability) for cut in ready.part.thresholds)
    return blank.saying(score, probability, calls=calls, warnings=tuple(dict.fromkeys(warnings)))


def _refuse_lacking(ready: Ready, examination: Examination) -> None:
    lacking = [name for name in ready.acquisitions if not examination.views.get(name)]
    if lacking:
        raise ProtocolError(
            f"test {ready.name!r} reads the acquisition {lacking[0]!r} too; name its recording (beside), made with the"
            " same preset"
        )


def _refuse_words(ready: Ready, examination: Examination) -> None:
    """A word where the test reads a number would be taken for a value that is not known."""
    for name in ready.reads:
        value = examination.values.get(name)
        if isinstance(value, str) and name in ready.part.training.ranges:
            raise ProtocolError(
                f"{name} is {value!r}; the test reads a number there: give one, or leave it out"
            )


def _outside(row: Mapping[str, Value], ranges: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    for name, (low, high) in ranges.items():
        value = row.get(name)
        if isinstance(value, float | int) and not low <= value <= high and value == value:
            yield f"{name} is {value:.4g}; in training it was {low:.4g} to {high:.4g}: the answer is extrapolated"


def _call(cut: Cut, score: float, probability: float | None) -> str:
    value = probability if cut.scale == "probability" else score
    if value is None:
        return f"{cut.meaning} ({cut.scale} {cut.value:g}): not known"
    return f"{cut.meaning} ({cut.scale} at or above {cut.value:g}): {'yes' if value >= cut.value else 'no'}"


def _line(error: HeparError) -> str:
    """The message on one line, as a table holds it."""
    return " ".join(str(error).split())
