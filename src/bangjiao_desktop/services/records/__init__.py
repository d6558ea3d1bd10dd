"""Records of work: saving, what follows, lists."""
