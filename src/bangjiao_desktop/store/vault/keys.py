"""The key file of a vault: a slot for every user and the recovery key, and the keys of the vault in boxes for them.

keys.json holds no secret in the clear. A slot wraps the account's own two seeds (store.vault.keyring) with AES-256-GCM
under a key derived by Argon2id (64 MiB) from the password; what the slot is for is bound in as associated data. The keys
of the vault lie in boxes that only the account's exchange key opens. In format 1 a slot wrapped the data key itself; such
slots are still read, each until its account comes in the next time.
"""

import base64
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from bangjiao_desktop.domain.errors import InvalidInputError, NotAVaultError, StorageError
from bangjiao_desktop.domain.system_errors import reason

FORMAT = 2
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
_LENGTHS = {
    "salt": (16, "盐"), "nonce": (12, "随机数"), "wrapped": (80, "包裹的密钥"), "signing": (32, "签名公钥"),
    "exchange": (32, "交换公钥"), "proof": (64, "公钥的签名"),
}  # fmt: skip
_LENGTHS_OF_BOXES = {"ephemeral": (32, "临时公钥"), "nonce": (12, "随机数"), "wrapped": (48, "包裹的密钥")}
_OLD = 48  # bytes that a slot of format 1 wraps the data key in
_LARGEST = 1 << 20
_MOST_REKEYS = 1 << 31


class Which(StrEnum):
    """The keys of a vault: of the database, and of what only those with authority may read."""

    DATA = "data"
    SEALED = "sealed"


@dataclass(frozen=True)
class Slot:
    """What a user's password, or the recovery key, opens.

    Attributes:
        kind: "password" or `RECOVERY`.
        user: whose it is; empty for the recovery key.
        salt, memory_kib, passes, lanes: for Argon2id.
        nonce, wrapped: the account's two seeds, sealed; in a slot of format 1 the data key.
        signing, exchange: the public keys of the account, empty in a slot of format 1.
        proof: that the owner of the first says the second is theirs (store.vault.keyring).
    """

    kind: str
    user: str
    salt: bytes
    nonce: bytes
    wrapped: bytes
    memory_kib: int
    passes: int
    lanes: int
    signing: bytes = b""
    exchange: bytes = b""
    proof: bytes = b""

    @property
    def is_old(self) -> bool:
        """Whether it is of format 1."""
        return not self.exchange


@dataclass(frozen=True)
class Box:
    """A key of the vault for one account (store.vault.keyring.box): an ephemeral public key, and the key sealed."""

    which: Which
    kind: str
    user: str
    ephemeral: bytes
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True)
class KeyFile:
    """The vault's identity, its slots in the order they were made, and the boxes.

    Attributes:
        vault_id: stays for ever.
        slots: one for each user with a password, and one for the recovery key.
        generation: how often the vault has got new keys, from 1 on; boxes hold for one generation.
        boxes: the keys of the vault.
    """

    vault_id: str
    slots: tuple[Slot, ...]
    generation: int = 1
    boxes: tuple[Box, ...] = ()

    @property
    def users(self) -> tuple[str, ...]:
        """Names of users with a password, first made first."""
        return tuple(slot.user for slot in self.slots if slot.kind == "password")

    def slot(self, kind: str, user: str) -> Slot | None:
        """Return the slot of a user, or of the recovery key."""
        return next((slot for slot in self.slots if slot.kind == kind and slot.user == user), None)

    def box(self, which: Which, slot: Slot) -> Box | None:
        """Return the box with a key of the vault for whose slot this is, None if there is none."""
        wanted = (which, slot.kind, slot.user)
        return next((box for box in self.boxes if (box.which, box.kind, box.user) == wanted), None)

    def with_slot(self, slot: Slot) -> "KeyFile":
        """Return the file with a slot in the place of the one before; its boxes are those of the one before."""
        known = any((one.kind, one.user) == (slot.kind, slot.user) for one in self.slots)
        # the vault's first user stays the first, whoever changes a password
        slots = tuple(slot if (one.kind, one.user) == (slot.kind, slot.user) else one for one in self.slots)
        return replace(self, slots=slots if known else (*self.slots, slot))

    def with_box(self, box: Box) -> "KeyFile":
        """Return the file with a box in the place of the one before."""
        others = self.without_box(box.which, box.kind, box.user)
        return replace(others, boxes=(*others.boxes, box))

    def without_box(self, which: Which, kind: str, user: str) -> "KeyFile":
        """Return the file without a key for an account."""
        boxes = tuple(box for box in self.boxes if (box.which, box.kind, box.user) != (which, kind, user))
        return replace(self, boxes=boxes)

    def without(self, kind: str, user: str) -> "KeyFile":
        """Return the file without an account: its slot and its boxes."""
        slots = tuple(slot for slot in self.slots if (slot.kind, slot.user) != (kind, user))
        boxes = tuple(box for box in self.boxes if (box.kind, box.user) != (kind, user))
        return replace(self, slots=slots, boxes=boxes)


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


def wrap(
    content: bytes, vault_id: str, kind: str, user: str, secret: str, signing: bytes = b"", exchange: bytes = b""
) -> Slot:
    """Make a slot.

    Args:
        content: the account's two seeds, 64 bytes.
        vault_id: of the vault.
        kind: "password" or `RECOVERY`.
        user: whose.
        secret: the password or recovery key.
        signing: the public key that belongs to the first seed.
        exchange: the public key that belongs to the second.
    """
    slot = Slot(kind, user, os.urandom(16), b"", b"", _MEMORY_KIB, _PASSES, _LANES, signing, exchange)
    return fill(slot, content, vault_id, _derive(slot, secret))


def fill(slot: Slot, content: bytes, vault_id: str, stretched: bytes) -> Slot:
    """Return a slot with another content under the same secret, which was stretched already (`unwrap`)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded where a password is handled

    nonce = os.urandom(12)
    return replace(slot, nonce=nonce, wrapped=AESGCM(stretched).encrypt(nonce, content, _bound(vault_id, slot)))


def unwrap(slot: Slot, vault_id: str, secret: str) -> tuple[bytes, bytes] | None:
    """Return what a slot holds (64 bytes, of format 1 the data key) and the secret as stretched; None if it is wrong."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stretched = _derive(slot, secret)
    try:
        return AESGCM(stretched).decrypt(slot.nonce, slot.wrapped, _bound(vault_id, slot)), stretched
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
        slots = tuple(_slot(item, old=form == 1) for item in data["slots"])
        generation = 1 if form == 1 else data["generation"]
        if not _whole(generation) or not 1 <= generation <= _MOST_REKEYS:
            raise NotAVaultError("密钥文件 keys.json 的换钥次数不对，文件已损坏，请从备份中恢复该文件。")
        boxes = () if form == 1 else tuple(_box(item) for item in data["boxes"])
        return KeyFile(str(data["vault_id"]), slots, generation, boxes)
    except RecursionError as error:
        raise NotAVaultError("密钥文件 keys.json 层层嵌套，不是本程序写的，请从备份中恢复该文件。") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise NotAVaultError("密钥文件 keys.json 已损坏，请从备份中恢复该文件。") from error


def _slot(item: Mapping[str, Any], *, old: bool) -> Slot:
    for name, (least, most, label) in _BOUNDS.items():
        value = item[name]
        if not _whole(value) or not least <= value <= most:
            raise NotAVaultError(
                f"密钥文件 keys.json 里的加密参数不合理：{label}应在 {least} 到 {most} 之间。"
                "文件可能被改动过，请从备份中恢复该文件。"
            )
    lengths = _LENGTHS
    if old or not item["exchange"]:
        lengths = {**{name: _LENGTHS[name] for name in ("salt", "nonce")}, "wrapped": (_OLD, _LENGTHS["wrapped"][1])}
    found = _contents(item, lengths)
    return Slot(
        kind=str(item["kind"]), user=str(item["user"]), memory_kib=item["memory_kib"], passes=item["passes"],
        lanes=item["lanes"], **found,
    )  # fmt: skip


def _box(item: Mapping[str, Any]) -> Box:
    return Box(Which(item["which"]), str(item["kind"]), str(item["user"]), **_contents(item, _LENGTHS_OF_BOXES))


def _contents(item: Mapping[str, Any], lengths: Mapping[str, tuple[int, str]]) -> dict[str, bytes]:
    found = {name: _bytes(item[name]) for name in lengths}
    for name, (length, label) in lengths.items():
        if len(found[name]) != length:
            raise NotAVaultError(
                f"密钥文件 keys.json 里的{label}长度不对（应为 {length} 字节），文件已损坏，请从备份中恢复该文件。"
            )
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def write_key_file(folder: Path, keys: KeyFile) -> None:
    """Write keys.json all or nothing.

    Raises:
        StorageError: the folder cannot be written.
    """
    write_atomically(folder / KEY_FILE, key_file_text(keys))


def key_file_text(keys: KeyFile) -> bytes:
    """Return what stands in keys.json."""
    slots = [
        {
            "kind": slot.kind, "user": slot.user, "salt": _text(slot.salt), "nonce": _text(slot.nonce),
            "wrapped": _text(slot.wrapped), "memory_kib": slot.memory_kib, "passes": slot.passes, "lanes": slot.lanes,
            "signing": _text(slot.signing), "exchange": _text(slot.exchange),
            "proof": _text(slot.proof),
        }
        for slot in keys.slots
    ]  # fmt: skip
    boxes = [
        {
            "which": box.which.value, "kind": box.kind, "user": box.user, "ephemeral": _text(box.ephemeral),
            "nonce": _text(box.nonce), "wrapped": _text(box.wrapped),
        }
        for box in keys.boxes
    ]  # fmt: skip
    data = {
        "format": FORMAT, "vault_id": keys.vault_id, "generation": keys.generation, "slots": slots, "boxes": boxes,
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


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
        flush_names(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(f"无法写入 {path.name}：{reason(error)}。请检查磁盘空间和文件夹权限。") from error


def flush_names(folder: Path) -> None:
    """Wait until the names in a folder lie on the disk, where a folder can be asked for it (not on Windows)."""
    with contextlib.suppress(OSError):  # a system or file system that knows no such thing
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


def stretching() -> tuple[int, int, int]:
    """Return passes, memory (KiB) and lanes that a password is stretched with."""
    return _PASSES, _MEMORY_KIB, _LANES


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
