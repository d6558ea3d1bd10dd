"""What is put away while the program is locked: only the keys that were dropped bring it back."""

import os
from dataclasses import replace

from bangjiao_desktop.store.vault import keepsake
from bangjiao_desktop.store.vault.keyring import KeyRing

RING = KeyRing(os.urandom(32), None, os.urandom(32), os.urandom(32), "所长")
TYPED = "入户走访，本人在家。".encode()


def test_the_same_ring_brings_it_back():
    assert keepsake.give_back(keepsake.keep(TYPED, RING), RING) == TYPED


def test_after_a_new_data_key_the_account_brings_it_back_and_the_recovery_key_after_none():
    kept = keepsake.keep(TYPED, RING)
    assert keepsake.give_back(kept, replace(RING, data=os.urandom(32))) == TYPED
    assert keepsake.give_back(kept, replace(RING, exchange=os.urandom(32), by="recovery")) == TYPED


def test_another_ring_does_not_and_nothing_shows():
    kept = keepsake.keep(TYPED, RING)
    assert keepsake.give_back(kept, replace(RING, data=os.urandom(32), exchange=os.urandom(32))) is None
    assert TYPED not in kept.content
    assert RING.data not in b"".join(kept.wrapped)
    assert repr(kept) == "Keepsake()"
