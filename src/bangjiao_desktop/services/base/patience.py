"""How long who saves waits for another write: short where the window says so and tries again itself."""

from bangjiao_desktop.store.vault.patience import impatient

__all__ = ["impatient"]
