"""Functions compiled to machine code on their first call, kept on disk from then on."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """`function` compiled by numba without the interpreter's lock; what it computes is unchanged.

    Not parallel inside: cases are spread over processes, and a parallel kernel takes several times as long to compile.
    """
    return cast(Function, njit(cache=True, nogil=True)(function))
