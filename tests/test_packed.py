"""Arrays as text: they come back as they were, and what is none is refused."""

import numpy as np
import pytest

from hepar.core.errors import DataError
from hepar.data.packed import is_packed, pack, unpack


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.uint8])
def test_an_array_comes_back_to_the_last_bit(kind: type) -> None:
    array: np.ndarray = (100 * np.random.default_rng(0).random((2, 3, 5))).astype(kind)
    back = unpack(pack(array))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    assert pack(array) == pack(array.copy(order="F"))


def test_what_is_no_packed_array_is_refused() -> None:
    assert not is_packed("F2")
    assert not is_packed(3.0)
    with pytest.raises(DataError, match="is no packed array"):
        unpack("F2")
    with pytest.raises(DataError, match="float64"):
        pack(np.zeros(3))
