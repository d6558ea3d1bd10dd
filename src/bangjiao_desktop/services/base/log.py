"""The program's own log: bugs only, rotated, without any personal data."""

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
    import logging  # only for bugs: a start needs none of it
    import traceback
    from logging.handlers import RotatingFileHandler

    path = log_folder() / "bangjiao.log"
    kind, error, trace = sys.exc_info()
    frames = [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    handler = RotatingFileHandler(path, maxBytes=512 * 1024, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("bangjiao")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        name = kind.__name__ if kind is not None else type(error).__name__
        logger.error("%s\n%s", name, "\n".join(frames))
    finally:
        logger.removeHandler(handler)
        handler.close()
    return path
