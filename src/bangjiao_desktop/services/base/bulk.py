"""Work on hundreds of thousands of rows at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause the search for cyclic garbage while many plain rows are made.

    Rows form no cycles and are freed without it; searching a million of them again and again takes a third
    of an import's time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # what was made goes to the oldest generation unsearched; the next allocation would search all of it
            gc.freeze()
            gc.unfreeze()
            gc.enable()
