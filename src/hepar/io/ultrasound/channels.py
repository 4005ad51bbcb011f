"""Data of channels, which are beamformed before anything is made of them."""

from importlib.util import find_spec

from ...core.errors import DataError
from .source import Look
from .stream import Stream


def beamformed(look: Look) -> Stream:
    """Lines made of the channel data at hand."""
    if find_spec("hepar.io.ultrasound.channel_data") is None:
        raise DataError(
            f"{look.path}: holds data of channels, which are not lines of radio frequency yet; beamform them, and save"
            " the lines before demodulation"
        )
    raise DataError(f"{look.path}: holds data of channels")
