"""`python -m bangjiao_desktop` is the `bangjiao` command."""

from bangjiao_desktop.cli.main import entry

entry()
