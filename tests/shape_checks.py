"""The shapes and types that the public statistics declare, checked in every test.

Checked is what a call took and gave once it has returned. Before that nothing is: unusable arguments must reach the
function, which refuses them with a StatisticError; those that it takes nonetheless fail the check.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_origin

from beartype import BeartypeConf, beartype

LENIENT = BeartypeConf(is_pep484_tower=True)
"""A whole number is welcome where a float is declared, as type checkers have it."""

Function = Callable[..., Any]


def on_return(function: Function) -> Function:
    """The check of jaxtyping's stand-in for a function, made when it is first called.

    Not checked are the stand-in for before the call, which returns `Any`; a generator, which has refused nothing yet
    when it is returned; and private or inner functions.
    """
    name, returned = function.__qualname__, inspect.signature(function).return_annotation
    private = name.startswith("_") or "<locals>" in name
    if private or returned is Any or get_origin(returned) is Iterator:
        return function
    made = functools.cache(lambda: beartype(conf=LENIENT)(function))
    return lambda *args, **named: made()(*args, **named)
