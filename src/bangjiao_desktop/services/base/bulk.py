"""Work on hundreds of thousands of rows at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause the search for cyclic garbage while many plain rows are made.

    Rows form no cycles and are freed without it; searching a million of them again and again takes a third
    of an import's time. The next search looks at all that is still held then: let the rows go within the block, as those of
    a function that is called there do.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
