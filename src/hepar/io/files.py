"""Files at the edge: readable, or refused with the reason."""

from pathlib import Path

from ..core.errors import DataError

LARGEST_RATIO = 2000
"""How many bytes a compressed byte can stand for: deflate reaches 1032, a blank image in JPEG 2000 about 2000."""


def refuse_unreadable(path: Path) -> None:
    """Refuse what does not exist, may not be read or is empty."""
    try:
        with path.open("rb") as file:
            if file.read(1):
                return
    except (FileNotFoundError, ValueError):  # a damaged header may name a file that no system allows
        raise DataError(f"{path}: there is no such file or folder; check the path") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check the rights of the file") from None
    raise DataError(f"{path}: the file is empty; copy it again from its source")


def is_beside(name: str) -> bool:
    """Whether `name`, which a header gives, is that of a file in the header's own folder."""
    return name not in ("", ".", "..") and Path(name).name == name and "\\" not in name


def refuse_more_than_held(path: Path, declared: int, *, compressed: bool, offset: int = 0) -> None:
    """Refuse before any memory is taken a header that declares more bytes than the file can hold from `offset`."""
    held = max(path.stat().st_size - offset, 0)
    if declared > held * (LARGEST_RATIO if compressed else 1):
        raise DataError(
            f"{path}: the header declares {declared:,} bytes of voxels, the file holds {held:,}"
            f"{' compressed' if compressed else ''}; it is truncated or its header is wrong: copy it again from its"
            " source"
        )
