"""The package's own HDF5, which tells everything itself."""

from ...core.errors import ProtocolError
from .source import Look
from .stream import Stream

HDF5 = b"\x89HDF\r\n\x1a\n"


def lacks(look: Look) -> str:
    """What keeps the file from being this package's own; empty where it is."""
    if not look.head.startswith(HDF5):
        return "its first bytes are not those of HDF5"
    from ..rf_file import is_own

    return "" if is_own(look.path) else "it does not call itself hepar-rf"


def open_stream(look: Look) -> Stream:
    """The frames in it."""
    from ..rf_file import count_frames, read_rf

    if look.given is not None:
        raise ProtocolError(
            f"{look.path}: settings are given, but the file tells all of it itself; leave them out"
        )
    path = look.path
    return Stream(count_frames(path), lambda start, stop: read_rf(path, start=start, stop=stop))
