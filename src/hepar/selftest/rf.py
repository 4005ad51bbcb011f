"""The self-test of raw ultrasound: estimators against known truth, and four arms whose winner is known."""

from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from .._version import __version__
from ..core.errors import ProtocolError
from ..core.fingerprint import fingerprint
from ..core.packages import refuse_absent
from ..engine.parallel import Progress, ordered_map, silent
from ..engine.store import NOTHING, Artefacts, Store
from ..phantom import seeds as patients_of
from ..simulation.threads import one_thread
from . import contest as arms
from . import estimators
from .cohort import Size
from .contest import TRAINING, Contest, contest
from .estimators import Measured, measured
from .outcome import SelfTest
from .rule import EXPECTED, judged
from .told import refuse_unwritable, write_told

NULL_ARM = "nothing"
"""Arm whose fit is repeated on permuted labels, in the first seed."""
FEWEST = 20
"""Permutations of labels; a single one says nothing."""


def selftest_rf(
    *,
    seeds: int = 1,
    first_seed: int = 1,
    patients: Size | None = None,
    permutations: int = FEWEST,
    out: Path | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> SelfTest:
    """Run everything on SIMULATED phantoms and patients of `seeds` seeds from `first_seed` on.

    `patients` says how many train and test in each arm and seed. In the first seed the fit of the arm in which there is
    nothing is repeated on `permutations` deals of the labels, or on none with 0. With `out`, selftest.txt and
    selftest.json are written there, and what was computed is kept there too, so that a run that was stopped goes on.

    Raises `ProtocolError` for no seed, a negative one, and 1 to 19 permutations, `RunError` where `out` takes no file.
    """
    _refuse(seeds, first_seed, permutations=permutations)
    refuse_absent(("torch", "h5py"), what="the self-test of raw ultrasound")
    if out is not None:
        refuse_unwritable(out)
    size = patients or Size()
    store = NOTHING if out is None else Store(out / "store")
    every = range(first_seed, first_seed + seeds)
    asked = [
        (seed, arm, permutations * (seed == first_seed and arm == NULL_ARM))
        for seed in every
        for arm in EXPECTED
    ]
    work = partial(_contest, size, store)
    longest_first = sorted(asked, key=lambda one: -one[2])
    found = ordered_map(work, longest_first, jobs=jobs, what="arms", progress=progress)
    phantoms = ordered_map(partial(_phantoms, store), every, jobs=jobs, what="phantoms", progress=progress)
    made = SelfTest(
        first_seed=first_seed,
        seeds=seeds,
        size=size,
        bars=tuple(estimators.bars(phantoms)),
        verdicts=tuple(sorted((judged(one.scores) for one in found), key=lambda v: (v.seed, v.arm))),
        null=next((one.null for one in found if one.null is not None), None),
    )
    if out is not None:
        write_told(made, out)
    return made


def _contest(size: Size, store: Artefacts, asked: tuple[int, str, int]) -> Contest:
    """One arm of one seed, kept in the store."""
    seed, arm, permutations = asked
    key = fingerprint(
        "selftest contest",
        __version__,
        patients_of.VERSION,
        arms.VERSION,
        TRAINING.model_dump(mode="json"),
        [size.train, size.test, size.views],
        [seed, arm, permutations],
    )
    kind: TypeAdapter[Contest] = TypeAdapter(Contest)

    def make() -> dict[str, object]:
        with one_thread():
            made = contest(arm, seed=seed, size=size, permutations=permutations)
        return dict(kind.dump_python(made, mode="json"))

    return kind.validate_python(store.get_or_make(key, make))


def _phantoms(store: Artefacts, seed: int) -> Measured:
    """The phantoms of one seed, kept in the store."""
    key = fingerprint("selftest phantoms", __version__, patients_of.VERSION, estimators.VERSION, seed)
    kind: TypeAdapter[Measured] = TypeAdapter(Measured)

    def make() -> dict[str, object]:
        with one_thread():
            return dict(kind.dump_python(measured(seed), mode="json"))

    return kind.validate_python(store.get_or_make(key, make))


def _refuse(seeds: int, first_seed: int, *, permutations: int) -> None:
    if seeds < 1 or first_seed < 0:
        raise ProtocolError(
            f"{seeds} seeds from {first_seed} on cannot be run; give 1 seed or more, from 0 on"
        )
    if permutations and permutations < FEWEST:
        raise ProtocolError(
            f"{permutations} permutations of the labels say nothing: a single one strays far from 0.5; give 0, or"
            f" {FEWEST} or more"
        )
