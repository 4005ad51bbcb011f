"""Which mask belongs to which image: a listing, or two folders matched by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import DataError, choices
from ..io.tables import read_table

VOLUMES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")
ENDINGS = (*VOLUMES, ".dcm")
LOOKED_AT = 20
"""Files of a folder that are opened to see whether they are DICOM."""
SEPARATORS = "_-. "
MASK_WORDS = ("mask", "seg", "segmentation", "label", "roi", "rtstruct")
"""What a mask's name may say after that of its image without naming a region."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One image and its masks, by the region that their file names say (empty where they say none)."""

    name: str
    image: Path
    masks: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that gives no features, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs, and what could be paired with nothing."""

    pairs: tuple[Pair, ...]
    failures: tuple[Failure, ...] = ()


def find_pairs(images: Path, masks: Path | None) -> Found:
    """The pairs of a listing (CSV, TSV, Excel: columns Image and Mask), of two files, or of two folders.

    In folders an image `P1.nii.gz` or a DICOM folder `P1` has the masks `P1.nii.gz`, `P1_liver.nii.gz`, `P1-mask.nrrd`
    or all of a folder `P1`. An image without a mask, a mask without an image and a file of a listing that is not there
    are failures to be told; where nothing at all can be paired, that is refused.
    """
    if not images.exists():
        raise DataError(f"{images}: there is no such file or folder; check the path")
    if masks is None:
        return _listed(images)
    if not masks.exists():
        raise DataError(f"{masks}: there is no such file or folder; check the path")
    if masks.is_file() or images.is_file():
        return Found((Pair(stem(images), images, (("", masks),)),))
    if is_series(images):
        return Found((Pair(stem(images), images, _in_folder(masks)),))
    return _matched(images, masks)


def stem(path: Path) -> str:
    """The name without the endings of image files.

    >>> stem(Path("P1_liver.nii.gz"))
    'P1_liver'
    """
    lower = path.name.lower()
    ending = next((e for e in ENDINGS if lower.endswith(e)), "")
    return path.name[: len(path.name) - len(ending)]


def is_series(folder: Path) -> bool:
    """Whether `folder` holds DICOM files itself rather than images to be matched by name.

    Files of other formats beside them say that each file is an image of its own.
    """
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    if any(path.name.lower().endswith(VOLUMES) for path in files):
        return False
    return any(_is_dicom(path) for path in files[:LOOKED_AT])


def _is_dicom(path: Path) -> bool:
    if path.suffix.lower() == ".dcm":
        return True
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _listed(listing: Path) -> Found:
    _refuse_no_listing(listing)
    table = read_table(listing, delimiter=_delimiter(listing))
    columns = {str(name).strip().lower(): str(name) for name in table.columns}
    _refuse_columns(listing, columns)
    if table.empty:
        raise DataError(f"{listing}: has no row below its header; write one for each image and mask")
    named = next((columns[name] for name in ("case", "id", "name", "patient") if name in columns), None)
    names = table[named] if named else table[columns["image"]].map(lambda text: stem(Path(text.strip())))
    rows = zip(table.index, names, table[columns["image"]], table[columns["mask"]], strict=True)
    found = [_row(listing, *cells, named=named) for cells in rows]
    pairs = [one for one in found if isinstance(one, Pair)]
    failures = tuple(one for one in found if isinstance(one, Failure))
    if not pairs:
        raise DataError(failures[0].reason)
    return Found(tuple(_merged(pairs, listing)), failures)


def _refuse_columns(listing: Path, columns: Mapping[str, str]) -> None:
    for needed in ("image", "mask"):
        if needed not in columns:
            raise DataError(f"{listing}: has no column {needed!r}; {choices(needed, columns.values())}")
    if "label" in columns:
        raise DataError(
            f"{listing}: labels are not read from its column {columns['label']!r}; delete it, and name the labels by"
            " --label NAME=NUMBER"
        )


def _row(listing: Path, *cells: str, named: str | None) -> Pair | Failure:
    """The pair that a row (its number, name, image, mask) tells of, or why it tells of none."""
    row, name, image, mask = (str(cell).strip() for cell in cells)
    where = f"{listing}, row {row}"
    if not name:
        raise DataError(f"{where}: names no case in the column {named or 'Image'!r}; give each its name")
    for text in (image, mask):
        if not text or not (listing.parent / text).exists():
            reason = f"{where}: names {text!r}, which is not there; paths are relative to the listing"
            return Failure(name, reason)
    return Pair(name, listing.parent / image, (("", listing.parent / mask),))


def _refuse_no_listing(listing: Path) -> None:
    if listing.is_dir():
        raise DataError(
            f"{listing}: is a folder; name the folder of the masks too, or give a listing of both"
        )
    if listing.name.lower().endswith(ENDINGS):
        raise DataError(f"{listing}: is an image; name the file or the folder of its masks too")


def _delimiter(listing: Path) -> str | None:
    """A semicolon where the header of a CSV has it and no comma, as spreadsheets write it in half of Europe."""
    if listing.suffix.lower() != ".csv":
        return None
    with listing.open("rb") as file:
        header = file.readline(4096)
    return ";" if b";" in header and b"," not in header else None


def _merged(pairs: Sequence[Pair], listing: Path) -> list[Pair]:
    """Rows of one case and image as one pair with several masks, named by their files."""
    found: dict[str, Pair] = {}
    for pair in pairs:
        first = found.setdefault(pair.name, pair)
        if first is pair:
            continue
        if first.image != pair.image:
            raise DataError(
                f"{listing}: {pair.name!r} stands for two images; give each a name of its own in a column Case"
            )
        if pair.masks[0][1] in [path for _, path in first.masks]:
            raise DataError(
                f"{listing}: {pair.name!r} stands twice with the same image and mask; keep one of the rows"
            )
        masks = [*first.masks, *pair.masks]
        named = tuple((name or stem(path), path) for name, path in masks)
        found[pair.name] = Pair(pair.name, pair.image, named)
    return list(found.values())


def _matched(images: Path, masks: Path) -> Found:
    by_name = {stem(path): path for path in _entries(images)}
    if not by_name:
        raise DataError(
            f"{images}: holds no image; files end in {', '.join(ENDINGS)}, or are folders of DICOM files"
        )
    owned: dict[str, list[tuple[str, Path]]] = {name: [] for name in by_name}
    failures = []
    for path in _entries(masks):
        owner = _owner(stem(path), by_name)
        if owner is None:
            reason = (
                f"{path}: no image is called as the beginning of its name; {choices(stem(path), by_name)}"
            )
            failures.append(Failure(stem(path), reason))
        else:
            owned[owner] += _in_folder(path) if path.is_dir() else [(_region(stem(path), owner), path)]
    bare = [name for name, found in owned.items() if not found]
    if len(bare) == len(by_name):
        raise DataError(
            f"{images}: none of its {len(by_name)} images has a mask in {masks}; masks begin with the name of their"
            f" image, e.g. {bare[0]}_liver.nii.gz"
        )
    failures += [Failure(name, f"{by_name[name]}: has no mask in {masks}") for name in bare]
    pairs = (
        Pair(name, by_name[name], tuple(sorted(owned[name]))) for name in sorted(set(by_name) - set(bare))
    )
    return Found(tuple(pairs), tuple(failures))


def _entries(folder: Path) -> list[Path]:
    """Image files and folders of `folder`; hidden files and others are passed over."""
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and (path.is_dir() or path.name.lower().endswith(ENDINGS))
    ]


def _in_folder(folder: Path) -> tuple[tuple[str, Path], ...]:
    files = [path for path in _entries(folder) if path.is_file()]
    if not files:
        raise DataError(f"{folder}: holds no mask; files end in {', '.join(ENDINGS)}")
    if len(files) == 1 and not files[0].name.lower().endswith(VOLUMES):
        return (("", files[0]),)  # the segments of a SEG, the contours of an RTSTRUCT have names of their own
    return tuple((stem(path), path) for path in files)


def _owner(name: str, images: Mapping[str, Path]) -> str | None:
    """The image with the longest name that `name` is, or begins with before a separator."""
    fitting = [i for i in images if name == i or (name.startswith(i) and name[len(i)] in SEPARATORS)]
    return max(fitting, key=len, default=None)


def _region(name: str, owner: str) -> str:
    rest = name[len(owner) :].strip(SEPARATORS)
    return "" if rest.lower() in MASK_WORDS else rest
