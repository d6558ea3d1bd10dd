"""Reads a file of any kind into sheets, in the process that calls."""

import contextlib
import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

import python_calamine

from bangjiao_desktop.exchange.file_kinds import damaged, kind_of, locked
from bangjiao_desktop.exchange.raw import FlowingSheet
from bangjiao_desktop.exchange.spreadsheets import read_spreadsheet
from bangjiao_desktop.exchange.text_tables import read_text

# what the libraries, and our own reading of records and XML, say of a container that is not as it should be
_DAMAGE = (
    python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, ET.ParseError, expat.ExpatError, struct.error,
    LookupError, ValueError, NotImplementedError, EOFError, RuntimeError, OverflowError,
)  # fmt: skip


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Iterator[FlowingSheet]]:
    """Give the sheets of a file, to be taken one by one within this context.

    Raises:
        WorkbookError: no workbook, protected by a password, damaged, or larger than can be read.
        OSError: the file cannot be read.
        MemoryError: what it holds needs more than the process may have.
    """
    try:
        kind = kind_of(path)
        yield iter([read_text(path)]) if kind == "text" else read_spreadsheet(path, kind)
    except python_calamine.PasswordError:
        raise locked(path.name) from None
    except _DAMAGE as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise locked(path.name) from error
        raise damaged(path.name) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the beginning or behind the end of the file
            raise damaged(path.name) from error
        raise
