"""The program's own log: bugs, and faults that stop nothing; rotated, without any personal data."""

import contextlib
import sys
from pathlib import Path

import platformdirs


def log_folder() -> Path:
    """Return the folder of the log, made if it is missing."""
    return Path(platformdirs.user_log_dir("bangjiao", appauthor=False, ensure_exists=True))


def log_bug() -> Path:
    """Write where the current exception happened; return the log file.

    Only the kind of the exception, files and lines are written: messages and values may hold personal data.
    """
    import traceback  # only for bugs: a start needs none of it

    kind, error, trace = sys.exc_info()
    frames = [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    name = kind.__name__ if kind is not None else type(error).__name__
    return _write("ERROR", name + "\n" + "\n".join(frames))


def log_fault(sentence: str) -> None:
    """Write a fault that stops nothing, in a sentence without personal data: a file of settings that is damaged."""
    with contextlib.suppress(OSError):
        _write("WARNING", sentence)


def _write(level: str, text: str) -> Path:
    import logging
    from logging.handlers import RotatingFileHandler

    path = log_folder() / "bangjiao.log"
    handler = RotatingFileHandler(path, maxBytes=512 * 1024, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("bangjiao")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.log(getattr(logging, level), "%s", text)
    finally:
        logger.removeHandler(handler)
        handler.close()
    return path
