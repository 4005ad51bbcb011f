"""What leaves the study: a bundle that a hospital runs, and a package that may be passed on, each in one call."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.parallel import Progress, silent
from ..engine.store import Store
from ..study.protocol import Study
from .protocols import path_or_none, read

if TYPE_CHECKING:
    from ..study.bundle import Bundled
    from ..study.share import Package


def bundle(
    protocol: str | Path | Study,
    *,
    out: str | Path,
    arm: str | None = None,
    tests: Sequence[str] = (),
    run: str | Path | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> "Bundled":
    """Write the index `tests` (all of them when omitted) of one arm as files that a hospital runs, to `out`.

    Each is fitted on all development cases. What was computed in the folder `run` (`hepar-NAME` here) is used again.
    """
    from ..study.bundle import make_bundle

    study, folder = read(protocol)
    store = Store((path_or_none(run) or Path(f"hepar-{study.name}")) / "store")
    return make_bundle(
        study, folder, out=Path(out), arm=arm, tests=tests, store=store, jobs=jobs, progress=progress
    )


def share(
    protocol: str | Path | Study,
    *,
    key: str | Path,
    out: str | Path,
    run: str | Path | None = None,
    linkage: str | Path | None = None,
    day_zero: str | None = None,
    fields: Sequence[str] = (),
    texts: bool = False,
    images: bool = True,
    quasi: Sequence[str] = (),
    least_k: int = 1,
    progress: Progress = silent,
) -> "Package":
    """Write a de-identified package of a study to the new folder `out`: data, protocol, plan, report of `run`.

    `key` is the file with the sponsor's key; who is who is written to `linkage` beside the package, never inside. See
    `hepar share --help`.
    """
    from ..study.pseudonyms import read_key
    from ..study.share import Asked
    from ..study.share import share as share_study

    study, folder = read(protocol)
    asked = Asked(
        path_or_none(run), day_zero, tuple(fields), texts, tuple(quasi), images=images, least_k=least_k
    )
    secret = read_key(Path(key))
    return share_study(
        study, folder, Path(out), key=secret, asked=asked, linkage=path_or_none(linkage), progress=progress
    )
