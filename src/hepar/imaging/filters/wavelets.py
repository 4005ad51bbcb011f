"""Separable wavelets, undecimated."""

from collections.abc import Iterator, Sequence

import numpy as np

from ...core.errors import ProtocolError
from .options import Boundary, Pooling
from .rotations import Kernel, Plan, Steps, pooled, responses
from .separable import Image


def wavelet(
    image: Image,
    *,
    name: str,
    subbands: Sequence[str],
    level: int = 1,
    pooling: Pooling | None = None,
    boundary: Boundary = "mirror",
) -> Iterator[tuple[str, Image]]:
    """Responses of the undecimated separable wavelet transform, one at a time, each with the name of its subband.

    A subband such as "LHL" is low-pass along x, high-pass along y and low-pass along z; two letters act in the slice.
    At `level` j the image has been low-pass filtered along every axis j - 1 times, each time with a kernel twice as far
    spread as the last (the a trous algorithm; IBSI 25BO). `name` is one of PyWavelets' discrete wavelets, of
    which the decomposition filters are taken. With `pooling`, the responses in all right-angled positions are pooled.
    """
    plans = {subband: wavelet_plan(name, subband, level=level) for subband in subbands}
    if pooling is not None:
        for subband, plan in plans.items():
            yield subband, pooled(image, plan, pooling=pooling, boundary=boundary)
        return
    names = {plan: subband for subband, plan in plans.items()}
    for plan, response in responses(image, list(names), boundary=boundary):
        yield names[plan], response


def wavelet_plan(name: str, subband: str, *, level: int) -> Plan:
    """The kernels of a subband by axis of the array."""
    if len(subband) not in (2, 3) or not set(subband) <= set("LH"):
        raise ProtocolError(f"wavelet: found subband {subband!r}; write L and H for x, y and z, such as LLH")
    return tuple(wavelet_steps(name, letter, level=level) for letter in reversed(subband))


def wavelet_steps(name: str, letter: str, *, level: int) -> Steps:
    """Kernels that follow one another along an axis: low-pass ones, then that of `letter`."""
    low, high = _filters(name)
    lows = [_spread(low, step) for step in range(level - 1)]
    return (*lows, _spread(low if letter == "L" else high, level - 1))


def _filters(name: str) -> tuple[Kernel, Kernel]:
    import pywt

    if name not in pywt.wavelist(kind="discrete"):
        raise ProtocolError(
            f"wavelet: no wavelet is called {name!r}; name one of PyWavelets' discrete wavelets, such as haar, db2,"
            " sym4, coif1"
        )
    found = pywt.Wavelet(name)
    return tuple(found.dec_lo), tuple(found.dec_hi)


def _spread(kernel: Kernel, step: int) -> Kernel:
    """The kernel with 2^step - 1 zeros after each element, and a last one where an odd length needs it.

    Its middle is then where IBSI's reference maps have it: of an even number of elements, the later of the two.
    """
    wide = 2**step
    out = np.zeros(len(kernel) * wide + (len(kernel) * wide + 1) % 2)
    out[: len(kernel) * wide : wide] = kernel
    return tuple(out.tolist())
