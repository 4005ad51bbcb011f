"""An array as text, so that it travels like any other value: through the store, a table of features, a fingerprint."""

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError

if TYPE_CHECKING:
    import pandas as pd

_HEAD = re.compile(r"array:(float16|float32|uint8):([0-9,]+):")
_TYPES = {"float16": np.float16, "float32": np.float32, "uint8": np.uint8}
_LEVEL = 1
"""Of zlib: images shrink, noise does not, and more effort gains little on either."""


def pack(array: NDArray[Any]) -> str:
    """`array` (float16, float32 or uint8, of any shape) as text; equal arrays give equal texts.

    >>> unpack(pack(np.ones((2, 3), dtype=np.float16))).shape
    (2, 3)
    """
    name = str(array.dtype)
    if name not in _TYPES or not array.size:
        raise DataError(
            f"an array of {name} and shape {array.shape} cannot be packed; give {', '.join(_TYPES)}"
        )
    shape = ",".join(map(str, array.shape))
    squeezed = zlib.compress(np.ascontiguousarray(array).tobytes(), _LEVEL)
    return f"array:{name}:{shape}:{base64.b85encode(squeezed).decode('ascii')}"


def is_packed(value: object) -> bool:
    """Whether `value` is what `pack` gives."""
    return isinstance(value, str) and _HEAD.match(value) is not None


def unpack(text: str) -> NDArray[Any]:
    """The array that `pack` made `text` of; any other text is refused."""
    head = _HEAD.match(text)
    if head is None:
        raise DataError(
            f"{text[:40]!r} is no packed array; a network reads what an extractor of arrays gives"
        )
    shape = tuple(map(int, head[2].split(",")))
    raw = zlib.decompress(base64.b85decode(text[head.end() :]))
    return np.frombuffer(raw, dtype=_TYPES[head[1]]).reshape(shape)


def refuse_arrays(features: "pd.DataFrame") -> None:
    """Refuse a table with packed arrays: a model of numbers and categories would take each for a category."""
    for name in features.columns:
        column = features[name]
        first = column.first_valid_index() if column.dtype == object else None
        if first is not None and is_packed(column[first]):
            raise ProtocolError(
                f"feature {name!r} is an array for a network, which this model cannot read; choose rf_net or bmode_net,"
                " or features that are numbers"
            )
