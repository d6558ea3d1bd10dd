"""What the operating system complains of, in the users' words: its own come in English on most systems."""

import errno

_FULL = "磁盘空间不足"
_IN_USE = "文件正被别的程序打开"
_GONE = "磁盘或 U 盘没有接好"
_WORDS = {
    errno.ENOSPC: _FULL, errno.EFBIG: "磁盘放不下这么大的文件", errno.EACCES: "没有权限", errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的", errno.ENOENT: "找不到文件或文件夹", errno.EEXIST: "已经有同名的文件",
    errno.ENOTDIR: "路径中有一段不是文件夹", errno.EISDIR: "这是一个文件夹", errno.ENOTEMPTY: "文件夹不是空的",
    errno.EIO: f"读写出错，{_GONE}或已损坏", errno.ENODEV: _GONE, errno.ENXIO: _GONE, errno.EBUSY: _IN_USE,
    errno.ETXTBSY: _IN_USE, errno.ENAMETOOLONG: "名字太长", errno.EINVAL: "名字或位置不能用",
    errno.EMFILE: "打开的文件太多", errno.ENOMEM: "内存不足", errno.ELOOP: "链接指回了自己", errno.EXDEV: "不在同一个磁盘上",
}  # fmt: skip
if hasattr(errno, "EDQUOT"):
    _WORDS[errno.EDQUOT] = "磁盘配额已用完"
# Windows' own numbers (winerror.h), which are finer than errno: an open Excel file is "no permission" there.
_WINDOWS = {
    5: "没有权限，或文件正被别的程序打开", 21: _GONE, 32: _IN_USE, 33: _IN_USE, 39: _FULL, 112: _FULL,
    19: "磁盘写保护", 53: "网络上的电脑找不到", 64: "网络断开了", 123: "名字里有不能用的字符", 206: "名字太长",
    225: "杀毒软件拦下了这个文件", 1117: f"读写出错，{_GONE}或已损坏", 1920: "没有权限，或文件在网盘上没有下载",
}  # fmt: skip


def reason(error: OSError) -> str:
    """Return why the system refused, without a full stop, e.g. "磁盘空间不足"; unknown complaints as the system says."""
    windows = getattr(error, "winerror", None)
    if windows in _WINDOWS:
        return _WINDOWS[windows]
    return _WORDS.get(error.errno or 0) or error.strerror or type(error).__name__
