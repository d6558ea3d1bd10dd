"""Command line room: the `bangjiao` command, every service without a window."""
