"""The system's complaints in the users' words."""

import errno
import os

import pytest

from bangjiao_desktop.domain.system_errors import reason


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "磁盘空间不足"),
        (errno.EACCES, "没有权限"),
        (errno.EROFS, "磁盘是只读的"),
        (errno.ENOENT, "找不到文件或文件夹"),
        (errno.EIO, "读写出错，磁盘或 U 盘没有接好或已损坏"),
    ],
)
def test_in_chinese(number, words):
    assert reason(OSError(number, os.strerror(number))) == words


def test_windows_tells_more_than_errno():
    error = OSError(errno.EACCES, "The process cannot access the file because it is being used by another process")
    error.winerror = 32
    assert reason(error) == "文件正被别的程序打开"


def test_what_nobody_knows_is_told_as_the_system_says_it():
    assert reason(OSError(9999, "Something odd")) == "Something odd"
    assert reason(OSError()) == "OSError"
