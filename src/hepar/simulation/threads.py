"""Linear algebra by one thread: several add in another order, so that the last bit would hang on their number."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, libraries that are loaded use one thread; it costs nothing, since patients are made by processes."""
    with threadpool_limits(1):
        yield
