"""A folder of images de-identified into a new one, of which all is proven clean; what is not is set aside."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from ...core.atomic import atomic_file
from ...core.errors import DataError, RunError
from ..whole_folder import whole_folder
from .contact_sheet import write_contact_sheets
from .done import Done, take_out
from .instances import Instance, Settings, look_at
from .linkage import add_links
from .proof import find_left, kinds_kept, names_in, refuse_found
from .report import Summary, counted, left_out_text, write_report
from .scan import Found
from .slide_files import Slide, SlideWritten, look_at_slide, write_slide
from .twins import Written, write_instance
from .walking import LeftOut, files_below

A = TypeVar("A")
B = TypeVar("B")
_SAME = "another file holds an instance of the same UID"


class Each(Protocol):
    """Applies a function to items in order, in this process or in several, and says how far it has come."""

    def __call__(self, function: Callable[[A], B], items: Iterable[A], *, what: str) -> list[B]:
        """The results in the order of the items."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Where what is written goes; only `out` is to be passed on."""

    out: Path
    linkage: Path
    left_out: Path

    @classmethod
    def beside(cls, out: Path, *, linkage: Path | None = None) -> "Places":
        """`OUT.linkage` and `OUT.left-out.csv` beside `out`."""
        return cls(
            out, linkage or out.with_name(f"{out.name}.linkage"), out.with_name(f"{out.name}.left-out.csv")
        )


def deidentify_folder(
    source: Path, places: Places, *, settings: Settings, secret: bytes, each: Each
) -> Summary:
    """De-identify the DICOM files and slides at `source` into the new folder `places.out`, and prove it.

    Files go to `<subject>/<study>/<series>/<number>.dcm`, all by pseudonym; originals are only read. A file in which
    the scan finds an identifier, and its subject where that names a person, is taken out, and what stays is searched
    again. What is not passed on stands with its reason in `places.left_out`, who is who in `places.linkage` (encrypted
    under `secret`). After an error `places.out` is not there.

    Raises:
        DataError: nothing to read or to pass on, or an identifier where no file can be set aside for it.
        ProtocolError, RunError: a place is taken or full; see `add_links`.
    """
    refuse_places(source, places)
    looked = each(
        partial(_look, source=source, settings=settings), files_below(source), what="files looked at"
    )
    left = [one for one in looked if isinstance(one, LeftOut)]
    with whole_folder(places.out) as root:
        done, more = _written(looked, root, settings=settings, each=each)
        search = _Search(root, done, settings, each)
        found = search.find(names_in(root))
        kept, taken = done.apart(found)
        take_out(root, taken)
        left += more + [one.left for one in taken]
        if not kept:
            _tell(places, left)
            refuse_found(found, places.left_out)
            raise DataError(f"{source}: no file of it can be passed on; {places.left_out} says why of each")
        proven = set() if found else set(names_in(root))
        summary = _finish(root, kept, left, found=found, files=len(looked), settings=settings)
        again = search.find([name for name in names_in(root) if name not in proven])
        if again:
            _tell(places, left)
            refuse_found(again, places.left_out)
        add_links(places.linkage, kept.links(), secret=secret)
        _tell(places, left)
    return summary


@dataclass(frozen=True, slots=True)
class _Search:
    """The independent scan for what the sources of all that was written held, of files taken out again included."""

    root: Path
    done: Done
    settings: Settings
    each: Each

    def find(self, names: Sequence[str]) -> list[Found]:
        """Where in the files `names` an identifier is left."""
        without = kinds_kept(self.settings.rules.options)
        common = self.done.identifiers(without=without)
        sources = self.done.sources()
        todo = [(name, sources.get(name)) for name in names]
        return find_left(self.root, common, todo=todo, without=without, each=self.each)


def _tell(places: Places, left: Sequence[LeftOut]) -> None:
    """Write what is not passed on, and why."""
    text = left_out_text(left)
    with atomic_file(places.left_out, private=True) as file:
        file.write(text.encode("utf-8"))


def _look(path: Path | LeftOut, *, source: Path, settings: Settings) -> Instance | Slide | LeftOut:
    if isinstance(path, LeftOut):
        return path
    return look_at_slide(path, source=source, settings=settings) or look_at(
        path, source=source, settings=settings
    )


def refuse_places(source: Path, places: Places) -> None:
    """Refuse places that are taken, or that lie in one another; an empty folder at `places.out` is removed.

    A list of what was left out may be there, of a run that gave nothing else: it is replaced.
    """
    out, inside = places.out.resolve(), source.resolve()
    if out == inside or inside in out.parents or out in inside.parents:
        raise RunError(f"{places.out}: lies in the source or holds it; choose a folder apart")
    if places.linkage.resolve() == places.left_out.resolve():
        raise RunError(f"{places.linkage}: is where the list of what is left out goes; choose another place")
    for path in (places.linkage, places.left_out):
        if path.resolve() == inside or inside in path.resolve().parents:
            raise RunError(f"{path}: would lie in the source, which is only read; choose a place outside")
        if out == path.resolve() or out in path.resolve().parents:
            raise RunError(f"{path}: would lie in what is passed on; choose a place outside of {places.out}")
    if places.out.is_dir() and not places.out.is_symlink() and not any(places.out.iterdir()):
        places.out.rmdir()
    if places.out.exists() or places.out.is_symlink():
        raise RunError(f"{places.out}: is there already, and nothing is replaced; choose a new folder")


def named(instances: Sequence[Instance]) -> list[tuple[str, tuple[Instance, ...]]]:
    """The name of each file, numbered within its series, and the instance; after it those that have the same UID."""
    series: defaultdict[tuple[str, str, str], dict[str, list[Instance]]] = defaultdict(dict)
    for one in instances:
        series[one.subject.name, one.study, one.series].setdefault(one.instance, []).append(one)
    found = []
    for folders, place in series.items():
        ordered = sorted(place.values(), key=lambda several: (several[0].number, several[0].instance))
        width = max(4, len(str(len(ordered))))
        found += [
            ("/".join((*folders, f"{k:0{width}}.dcm")), tuple(group)) for k, group in enumerate(ordered, 1)
        ]
    return found


def _written(
    looked: Sequence[Instance | Slide | LeftOut], root: Path, *, settings: Settings, each: Each
) -> tuple[Done, list[LeftOut]]:
    """Write every image and slide that was `looked` at; also what could not be written."""
    todo = named([one for one in looked if isinstance(one, Instance)])
    slides = [one for one in looked if isinstance(one, Slide)]
    images, left = _write(todo, root, settings=settings, each=each)
    cleaned = each(partial(write_slide, folder=root), slides, what="slides de-identified")
    left += [one for one in cleaned if isinstance(one, LeftOut)]
    pairs = zip(slides, cleaned, strict=True)
    return Done(images, [(one, w) for one, w in pairs if isinstance(w, SlideWritten)]), left


def _write(
    todo: Sequence[tuple[str, tuple[Instance, ...]]], root: Path, *, settings: Settings, each: Each
) -> tuple[list[tuple[Instance, Written]], list[LeftOut]]:
    """Write the first instance of each name, or, where it is damaged, the next one of the same UID."""
    done: list[tuple[Instance, Written]] = []
    left: list[LeftOut] = []
    while todo:
        first = [(several[0], name) for name, several in todo]
        made = each(
            partial(write_instance, folder=root, settings=settings), first, what="images de-identified"
        )
        again = []
        for (name, several), result in zip(todo, made, strict=True):
            if isinstance(result, Written):
                done.append((several[0], result))
                left += [LeftOut(one.file, "duplicate", _SAME, image=True) for one in several[1:]]
            else:
                left.append(result)
                again += [(name, several[1:])] if several[1:] else []
        todo = again
    return done, left


def _finish(
    root: Path, done: Done, left: Sequence[LeftOut], *, found: Sequence[Found], files: int, settings: Settings
) -> Summary:
    """Write contact sheets and report."""
    series = done.shown(root)
    write_contact_sheets(root, series)
    images = [written for _, written in done.images]
    summary = Summary(
        files=files,
        images=len(images),
        slides=len(done.slides),
        masked=sum(w.masked for w in images),
        approved=sum(w.approved for w in images),
        typed=sum(w.typed for w in images),
        again=sum(w.again for w in images),
        subjects=len(done.subjects()),
        studies=len({one.study for one, _ in done.images}),
        series=len(series),
        set_aside=counted(left, image=True),
        left_out=counted(left, image=False),
        found=tuple(found),
    )
    actions: Counter[str] = Counter()
    for written in images:
        actions.update(written.actions)
    write_report(
        root,
        summary,
        options=settings.rules.options,
        allowed=sorted(settings.allowed),
        actions=actions,
        rows=[
            *(one.row for one in series),
            *([s.name, "", "", "SM", "1", *["no"] * 3] for s, _ in done.slides),
        ],
    )
    return summary
