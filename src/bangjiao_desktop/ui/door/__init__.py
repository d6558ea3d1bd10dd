"""Before the window: unlocking, the first start, restoring, recovery key."""
