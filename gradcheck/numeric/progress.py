"""How far a check is, for whoever wants to see it: nobody, unless a listener was set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Gets what is being looked at, how many parts of it are done, and how many there are.
Listener = Callable[[str, int, int], None]
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within the block the listener is told; also in processes that are forked within it."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(what: str, done: int, total: int) -> None:
    """Tells the listener, if there is one. The last word on anything has done = total."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(what, done, total)
