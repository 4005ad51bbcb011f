"""Liver-imaging AI studies, from protocol to bedside."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .api import (
        bundle,
        catalogue,
        check,
        extract,
        info,
        lock,
        recording,
        run,
        selftest,
        share,
        simulate,
        stability,
    )
    from .data.case import Acquisition, Case
    from .data.cohort import Cohort
    from .io.tables import read_cohort
    from .study.protocol import Study, read_protocol

_PUBLIC = {
    "Acquisition": "data.case",
    "Case": "data.case",
    "Cohort": "data.cohort",
    "Study": "study.protocol",
    "bundle": "api",
    "catalogue": "api",
    "check": "api",
    "extract": "api",
    "info": "api",
    "lock": "api",
    "read_cohort": "io.tables",
    "read_protocol": "study.protocol",
    "recording": "api",
    "run": "api",
    "selftest": "api",
    "share": "api",
    "simulate": "api",
    "stability": "api",
}
__all__ = [
    "Acquisition",
    "Case",
    "Cohort",
    "Study",
    "__version__",
    "bundle",
    "catalogue",
    "check",
    "extract",
    "info",
    "lock",
    "read_cohort",
    "read_protocol",
    "recording",
    "run",
    "selftest",
    "share",
    "simulate",
    "stability",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import hepar` costs milliseconds."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hepar' has no {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
