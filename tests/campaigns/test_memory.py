"""The short form of the campaign of memory: few people, every page, one lock."""

import os
import sys

import pytest

from tests.campaigns import marked, memory


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root reads /proc/PID/mem")
def test_a_locked_program_has_no_key_and_no_number_in_memory():
    found = memory.measure(8)
    working, locked = found["working"], found["locked"]
    assert all(working[kind] for kind in ("names", "numbers", "telephones", "keys", "typed"))  # it is seen where it is
    assert (locked["keys"], locked["numbers"], locked["telephones"]) == (0, 0, 0)
    # A block that Python uses again for something shorter keeps its last bytes: a short name may stand there, a number not.
    assert locked["names"] * 20 <= working["names"]
    assert found["unlocked"]["typed"] == marked.TYPED
    assert found["unlocked"]["rows"] == found["unlocked"]["selected"] == 8
