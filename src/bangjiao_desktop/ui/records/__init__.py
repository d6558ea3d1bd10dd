"""Records of work: their dialogs, lists and pages."""
