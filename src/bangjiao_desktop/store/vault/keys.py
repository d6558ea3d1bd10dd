"""The key file of a vault: one random data key, wrapped once for every user and once for the recovery key.

keys.json holds no secret in the clear. A slot wraps the 256-bit data key with AES-256-GCM under a key derived
by Argon2id (64 MiB) from the password; what the slot is for is bound in as associated data.
"""

import base64
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bangjiao_desktop.domain.errors import InvalidInputError, NotAVaultError, StorageError
from bangjiao_desktop.domain.system_errors import reason

FORMAT = 1
KEY_FILE = "keys.json"
RECOVERY = "recovery"
_MEMORY_KIB, _PASSES, _LANES = 65536, 3, 4
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LETTERS = 32
# What a key file may ask of this computer: a foreign one must neither stop it nor make guessing cheap.
_BOUNDS = {
    "memory_kib": (8 * 1024, 1024 * 1024, "内存（KiB）"),
    "passes": (1, 20, "遍数"),
    "lanes": (1, 16, "并行数"),
}
_LENGTHS = {"salt": (16, "盐"), "nonce": (12, "随机数"), "wrapped": (48, "包裹的密钥")}
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Slot:
    """One wrapped copy of the data key: for a user's password, or for the recovery key."""

    kind: str
    user: str
    salt: bytes
    nonce: bytes
    wrapped: bytes
    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True)
class KeyFile:
    """The vault's identity and its slots, in the order they were made."""

    vault_id: str
    slots: tuple[Slot, ...]

    @property
    def users(self) -> tuple[str, ...]:
        """Names of users with a password, first made first."""
        return tuple(slot.user for slot in self.slots if slot.kind == "password")

    def slot(self, kind: str, user: str) -> Slot | None:
        """Return the slot of a user, or of the recovery key."""
        return next((slot for slot in self.slots if slot.kind == kind and slot.user == user), None)


def new_recovery_key() -> str:
    """Return a random printable key of 160 bits: eight groups of four, no letters that look alike."""
    import secrets

    text = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return "-".join(text[start : start + 4] for start in range(0, 32, 4))


def normalize_recovery_key(text: str) -> str:
    """Return a recovery key as typed from paper in its one form (O→0, I and L→1, no hyphens)."""
    cleaned = "".join(character for character in text.upper() if character.isalnum())
    return cleaned.replace("O", "0").replace("I", "1").replace("L", "1")


def looks_like_recovery_key(text: str) -> bool:
    """Tell whether what was typed has the form of a recovery key."""
    typed = normalize_recovery_key(text)
    return len(typed) == _RECOVERY_LETTERS and set(typed) <= set(_ALPHABET)


def wrap(data_key: bytes, vault_id: str, kind: str, user: str, secret: str) -> Slot:
    """Wrap the data key (32 bytes) under a password or recovery key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded where a password is handled

    salt, nonce = os.urandom(16), os.urandom(12)
    slot = Slot(kind, user, salt, nonce, b"", _MEMORY_KIB, _PASSES, _LANES)
    wrapped = AESGCM(_derive(slot, secret)).encrypt(nonce, data_key, _bound(vault_id, slot))
    return Slot(kind, user, salt, nonce, wrapped, _MEMORY_KIB, _PASSES, _LANES)


def unwrap(slot: Slot, vault_id: str, secret: str) -> bytes | None:
    """Return the data key, or None if the secret is wrong."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_derive(slot, secret)).decrypt(slot.nonce, slot.wrapped, _bound(vault_id, slot))
    except InvalidTag:
        return None


def read_key_file(folder: Path) -> KeyFile:
    """Read keys.json.

    Raises:
        NotAVaultError: it is missing, damaged or of a newer format.
    """
    path = folder / KEY_FILE
    try:
        if path.stat().st_size > _LARGEST:
            raise NotAVaultError("密钥文件 keys.json 大得不合理，不是本程序写的，请从备份中恢复该文件。")
        return parse_key_file(path.read_bytes())
    except FileNotFoundError:
        raise NotAVaultError(
            "台账缺少密钥文件 keys.json，没有它数据无法解密。请从备份中把 keys.json 放回台账文件夹。"
        ) from None
    except OSError as error:
        raise StorageError(f"无法读取密钥文件 keys.json：{reason(error)}。") from error


def parse_key_file(content: bytes) -> KeyFile:
    """Return what a keys.json says.

    Raises:
        NotAVaultError: it is empty, damaged, of a newer format, or asks for more than any computer should give.
    """
    if not content.strip():
        raise NotAVaultError("密钥文件 keys.json 是空的，请从备份中恢复该文件。")
    try:
        data: dict[str, Any] = json.loads(content.decode("utf-8"))
        form = data["format"]
        if not _whole(form) or form < 1:
            raise NotAVaultError("密钥文件 keys.json 的格式号不对，文件已损坏，请从备份中恢复该文件。")
        if form > FORMAT:
            raise NotAVaultError("台账的密钥文件 keys.json 由更新版本的程序写成，请先升级本程序。")
        slots = tuple(_slot(item) for item in data["slots"])
        return KeyFile(str(data["vault_id"]), slots)
    except RecursionError as error:
        raise NotAVaultError("密钥文件 keys.json 层层嵌套，不是本程序写的，请从备份中恢复该文件。") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise NotAVaultError("密钥文件 keys.json 已损坏，请从备份中恢复该文件。") from error


def _slot(item: Mapping[str, Any]) -> Slot:
    for name, (least, most, label) in _BOUNDS.items():
        value = item[name]
        if not _whole(value) or not least <= value <= most:
            raise NotAVaultError(
                f"密钥文件 keys.json 里的加密参数不合理：{label}应在 {least} 到 {most} 之间。"
                "文件可能被改动过，请从备份中恢复该文件。"
            )
    salt, nonce, wrapped = (_bytes(item[name]) for name in _LENGTHS)
    for content, (length, label) in zip((salt, nonce, wrapped), _LENGTHS.values(), strict=True):
        if len(content) != length:
            raise NotAVaultError(
                f"密钥文件 keys.json 里的{label}长度不对（应为 {length} 字节），文件已损坏，请从备份中恢复该文件。"
            )
    return Slot(
        str(item["kind"]), str(item["user"]), salt, nonce, wrapped, item["memory_kib"], item["passes"], item["lanes"]
    )


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def write_key_file(folder: Path, keys: KeyFile) -> None:
    """Write keys.json all or nothing.

    Raises:
        StorageError: the folder cannot be written.
    """
    slots = [
        {
            "kind": slot.kind, "user": slot.user, "salt": _text(slot.salt), "nonce": _text(slot.nonce),
            "wrapped": _text(slot.wrapped), "memory_kib": slot.memory_kib, "passes": slot.passes, "lanes": slot.lanes,
        }
        for slot in keys.slots
    ]  # fmt: skip
    data = {"format": FORMAT, "vault_id": keys.vault_id, "slots": slots}
    write_atomically(folder / KEY_FILE, json.dumps(data, ensure_ascii=False, indent=1).encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file, for its owner's eyes only, so that after a power cut it is either the old or the new one.

    Raises:
        StorageError: disk full, read-only folder.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.unlink(missing_ok=True)  # of a write that was killed, with the rights it had
        with open_private(temporary) as file:
            file.write(content)
            flush_to_disk(file)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(f"无法写入 {path.name}：{reason(error)}。请检查磁盘空间和文件夹权限。") from error


def open_private(path: Path) -> IO[bytes]:
    """Make a file that nobody but its owner can read, and open it for writing.

    Raises:
        OSError: it cannot be made, or is there.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def make_private(path: Path) -> None:
    """Take everybody else's rights to a file or folder away, where the disk knows rights."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            path.chmod(0o700 if path.is_dir() else 0o600)


def flush_to_disk(file: IO[bytes]) -> None:
    """Wait until what was written lies on the disk itself, e.g. before a stick is pulled out."""
    file.flush()
    os.fsync(file.fileno())


def require_text(secret: str) -> None:
    """Refuse a password with half a character in it, as a broken environment or terminal gives.

    Raises:
        InvalidInputError: with a sentence.
    """
    try:
        secret.encode()
    except UnicodeEncodeError:
        raise InvalidInputError("口令里有一个不完整的字符（编码坏了），请重新输入口令。") from None


def _derive(slot: Slot, secret: str) -> bytes:
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    require_text(secret)
    try:
        return hash_secret_raw(secret.encode(), slot.salt, slot.passes, slot.memory_kib, slot.lanes, 32, Type.ID)
    except HashingError as error:
        raise StorageError("内存不足，无法核对口令。请关掉一些程序再试。") from error


def _bound(vault_id: str, slot: Slot) -> bytes:
    return f"{vault_id}|{slot.kind}|{slot.user}".encode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
