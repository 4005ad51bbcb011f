"""What a hospital runs: a bundle is opened, checked and asked for answers, without what trained it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import Answer, write_answers
    from .bundle import Bundle, open_bundle
    from .prediction import predict

_PUBLIC = {
    "Answer": "answer",
    "Bundle": "bundle",
    "open_bundle": "bundle",
    "predict": "prediction",
    "write_answers": "answer",
}
__all__ = ["Answer", "Bundle", "open_bundle", "predict", "write_answers"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line's help costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hepar.deploy' has no {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
