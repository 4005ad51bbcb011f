"""The independent scan over a whole folder: each file against its own source and against everybody's names."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydicom import dcmread

from ...core.errors import DataError
from ..dicom_header import understood
from ..identifier import Identifier
from ..identifier_search import Searched
from .identifiers import identifiers_of
from .options import Options
from .scan import Found, scan_file

SHOWN = 5
"""How many finds an error quotes."""
_LARGE = 1 << 20


def kinds_kept(options: Options) -> frozenset[str]:
    """Kinds of identifiers that are passed on on purpose."""
    kept = (
        ("date", options.dates == "full"),
        ("uid", options.retain_uids),
        ("serial number", options.retain_device),
        ("station", options.retain_device),
        ("institution", options.retain_institution),
    )
    return frozenset(kind for kind, on in kept if on)


def names_in(root: Path) -> list[str]:
    """The files below the folder `root`."""
    return [p.relative_to(root).as_posix() for p in sorted(root.rglob("*")) if p.is_file()]


def find_left(
    root: Path,
    common: Iterable[Identifier],
    *,
    todo: Sequence[tuple[str, Path | None]],
    without: frozenset[str],
    each: Callable[..., list[set[Found]]],
) -> list[Found]:
    """Where in the files of `todo` below `root` one of `common` is left, or what the source beside its name held."""
    search = partial(_find, root=root, common=Searched.of(common), without=without)
    return sorted(set().union(*each(search, todo, what="files searched")))


def refuse_found(found: Sequence[Found], table: Path) -> None:
    """Refuse to pass anything on where something was `found` and nothing else stays, or no file can be set aside.

    `table` says which source files were set aside.

    Raises:
        DataError: with the files and the attributes, never with what was found.
    """
    if found:
        listed = "\n".join(f"  {one.file}: {one.attribute} holds a {one.what}" for one in found[:SHOWN])
        more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise DataError(
            f"identifiers of the source would have been passed on, so nothing is written:\n{listed}{more}\n"
            f"{table} says which source files were set aside: leave them out, or take fewer options"
        )


def _find(
    todo: tuple[str, Path | None], *, root: Path, common: Searched, without: frozenset[str]
) -> set[Found]:
    name, source = todo
    searches = [common]
    if source is not None:
        with understood(source):
            dataset: Any = dcmread(source, force=True, defer_size=_LARGE, stop_before_pixels=True)
            searches.append(Searched.of(identifiers_of(dataset, without=without)))
    return scan_file(root / name, searches, name=name)
