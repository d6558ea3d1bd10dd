"""What a file is, told by its first bytes and not by its ending."""

import zipfile
from pathlib import Path
from typing import Literal

from bangjiao_desktop.domain.errors import WorkbookError
from bangjiao_desktop.exchange.compound_file import streams_in
from bangjiao_desktop.exchange.limits import check_archive

Kind = Literal["xlsx", "xls", "ods", "text"]

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
# .et is WPS's own name for an .xls
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".ods", *TEXT_SUFFIXES)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 8192
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为 .xlsx 再导入"
_OTHERS = (
    (b"%PDF", "PDF 文件", "请向制表的人要 Excel 文件"),
    (b"\x89PNG", "图片", "请向制表的人要 Excel 文件"),
    (b"\xff\xd8\xff", "图片", "请向制表的人要 Excel 文件"),
    (b"GIF8", "图片", "请向制表的人要 Excel 文件"),
    (b"Rar!", "压缩包", "请先解压，再导入里面的文件"),
    (b"7z\xbc\xaf", "压缩包", "请先解压，再导入里面的文件"),
    (b"\x1f\x8b", "压缩包", "请先解压，再导入里面的文件"),
    (b"{\\rtf", "RTF 文档", "请把表格复制到 Excel 里，存为 .xlsx 再导入"),
    (b"SQLite format", "数据库文件", "请导入 Excel 文件"),
)
# A bare stream of records, from before Excel 97 wrote containers.
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")


def kind_of(path: Path) -> Kind:
    """Tell what a file that is not empty is.

    Raises:
        WorkbookError: nothing that can be read, with what it is and what to do.
        OSError: it cannot be read.
        Exception: of many kinds, where a container is damaged.
    """
    name = path.name
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(OLE[:4]):
        return _ole_kind(path)
    if head.startswith(_OLD_EXCEL):
        raise WorkbookError(f"文件“{name}”是很旧的 Excel 格式，读不了。{_SAVE_AS}。")
    for mark, what, todo in _OTHERS:
        if head.startswith(mark):
            raise WorkbookError(f"文件“{name}”其实是{what}，不是可以读取的工作簿。{todo}。")
    markup = _markup(head)
    if markup is not None:
        raise WorkbookError(f"文件“{name}”其实是{markup}，不是可以读取的工作簿。{_SAVE_AS}。")
    if path.suffix.lower() in TEXT_SUFFIXES:
        return "text"
    if b"\x00" not in head:
        raise WorkbookError(
            f"文件“{name}”其实是文本，不是可以读取的工作簿。{_SAVE_AS}；若是用逗号或制表符隔开的表格，把文件名的结尾改为 .csv 也可导入。"
        )
    raise damaged(name)


def damaged(name: str) -> WorkbookError:
    """Return the fault of a workbook that no reader takes."""
    return WorkbookError(f"文件“{name}”不是可以读取的工作簿，或已损坏。请用 Excel 打开确认后另存为 .xlsx 再导入。")


def locked(name: str) -> WorkbookError:
    """Return the fault of a workbook with a password."""
    return WorkbookError(f"工作簿“{name}”设有打开密码，请先在 Excel 中去掉密码再导入。")


def _zip_kind(path: Path) -> Kind:
    name = path.name
    with zipfile.ZipFile(path) as archive:
        check_archive(name, archive)
        names = {entry.lower().lstrip("/") for entry in archive.namelist()}
        if "xl/workbook.bin" in names:
            raise WorkbookError(f"文件“{name}”是二进制工作簿（.xlsb），读不了。{_SAVE_AS}。")
        if any(entry.startswith("word/") for entry in names):
            raise WorkbookError(f"文件“{name}”其实是 Word 文档。请把表格复制到 Excel 里，存为 .xlsx 再导入。")
        if any(entry.startswith("ppt/") for entry in names):
            raise WorkbookError(f"文件“{name}”其实是演示文稿。请导入 Excel 文件。")
        if "content.xml" in names:
            return _open_document(name, archive)
        if any(entry.endswith(".xml") for entry in names):
            return "xlsx"
        raise WorkbookError(f"文件“{name}”其实是压缩包。请先解压，再导入里面的文件。")


def _open_document(name: str, archive: zipfile.ZipFile) -> Kind:
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise locked(name)
    kind = archive.read("mimetype")[:200] if "mimetype" in archive.namelist() else b"spreadsheet"
    if b"spreadsheet" not in kind:
        raise WorkbookError(f"文件“{name}”其实是文档，不是工作簿。请把表格复制到 Excel 里，存为 .xlsx 再导入。")
    return "ods"


def _ole_kind(path: Path) -> Kind:
    streams = streams_in(path.read_bytes())
    if streams & {"EncryptedPackage", "EncryptionInfo"}:  # an encrypted .xlsx is such a container too
        raise locked(path.name)
    if streams & {"Workbook", "Book"}:
        return "xls"
    if "WordDocument" in streams:
        raise WorkbookError(f"文件“{path.name}”其实是 Word 文档。请把表格复制到 Excel 里，存为 .xlsx 再导入。")
    if "PowerPoint Document" in streams:
        raise WorkbookError(f"文件“{path.name}”其实是演示文稿。请导入 Excel 文件。")
    raise damaged(path.name)


def _markup(head: bytes) -> str | None:
    """Name the markup a text begins with, if it does."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"", "latin-1")):
        if head.startswith(mark):
            text = head[len(mark) :].decode(encoding, errors="ignore").removeprefix("\xef\xbb\xbf").lstrip().lower()
            break
    if text.startswith("mime-version:"):
        return "网页（MHTML）"
    if not text.startswith("<"):
        return None
    if "urn:schemas-microsoft-com:office:spreadsheet" in text or "excel.sheet" in text:
        return "XML 表格（Excel 2003 的 XML）"
    if any(mark in text for mark in ("<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<style", "<div")):
        return "网页（HTML）"
    return "XML 文件" if text.startswith("<?xml") else None
