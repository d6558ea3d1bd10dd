"""The errors of the program: the world's faults, each with a sentence for the user, and our own bugs.

Every `KnownError` carries a Chinese sentence that may be shown as it is; it never holds personal data.
Anything that is not a `KnownError` is a bug: it is logged and reported as such.
"""

from collections.abc import Mapping


class KnownError(Exception):
    """A fault of the world (wrong password, broken file, full disk) that the user can understand.

    Args:
        message: one or two sentences in Chinese: what is wrong, where, and what to do.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(KnownError):
    """Something the user typed or chose cannot be used."""


class NotPermittedError(KnownError):
    """The user's role does not allow this."""


class InvalidRecordError(KnownError):
    """Fields of a record that cannot be saved.

    Args:
        faults: field → what is wrong with it, a sentence.
    """

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = faults


class DoubtfulRecordError(KnownError):
    """A record that may be saved once whoever saves it knows what is doubtful about it.

    Args:
        remarks: field → what is doubtful or lacking, a sentence.
    """

    def __init__(self, remarks: dict[str, str]) -> None:
        super().__init__("；".join(remarks.values()))
        self.remarks = remarks


class RefusedLinesError(KnownError):
    """Of several records that are saved together, all or none, some cannot be or are doubtful: none was saved.

    Args:
        faults: number of a record (from 0) → field → what is wrong with it.
        remarks: number of a record → field → what is doubtful about it.
    """

    def __init__(self, faults: Mapping[int, Mapping[str, str]], remarks: Mapping[int, Mapping[str, str]]) -> None:
        told = faults or remarks
        super().__init__("；".join(dict.fromkeys(text for one in told.values() for text in one.values())))
        self.faults = faults
        self.remarks = remarks


class NotAVaultError(KnownError):
    """The folder holds no vault, or a vault lacks one of its files."""


class VaultExistsError(KnownError):
    """A vault is about to be made where one (or other files) already is."""


class WrongPasswordError(KnownError):
    """User or password do not open the vault.

    Args:
        message: sentence for the user.
        wait_seconds: seconds before the next attempt is taken.
    """

    def __init__(self, message: str, wait_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class AccountGoneError(KnownError):
    """The user's account was taken away; a session that is open ends."""


class LockedError(KnownError):
    """The program was locked meanwhile: no fault of the ledger, and nothing to be told; it is asked again afterwards."""


class VaultTooNewError(KnownError):
    """The vault was written by a newer version of the program."""


class VaultDamagedError(KnownError):
    """The encrypted database fails its integrity check."""


class VaultBusyError(KnownError):
    """Another process holds the vault."""


class StorageError(KnownError):
    """The disk is full, the folder is read-only or the file cannot be written."""


class BackupDamagedError(KnownError):
    """Something in a backup is not what was written, or is gone."""


class AttachmentsLostError(KnownError):
    """A backup lacks bytes of attachments; it is restored without them only if that is wished.

    Args:
        message: sentence for the user.
        lost: one line for each attachment that is lost: whose, and its title.
    """

    def __init__(self, message: str, lost: tuple[str, ...]) -> None:
        super().__init__(message)
        self.lost = lost


class NotOfferedError(KnownError):
    """What this kind of ledger does not offer: one on a server has no file to back up."""


class StaleError(KnownError):
    """Someone else saved first what is no record: a setting, a definition, an account, a cell of a form.

    Of a record or a person it is a `StaleRecordError` (domain.kinds.stale).

    Args:
        message: sentence for the user.
        current: what stands in the ledger now, by name; empty where it is gone.
    """

    def __init__(self, message: str, current: Mapping[str, object]) -> None:
        super().__init__(message)
        self.current = current


class WorkbookError(KnownError):
    """A workbook or text file cannot be read or is not what it should be."""


class DefinitionError(KnownError):
    """A data file of ours or the bureau's (form, rule, code table) is wrong; names file and line."""


class CheckFailedError(KnownError):
    """A form's 审核关系 do not hold, so it is not printed unless confirmed.

    Args:
        message: sentence for the user.
        failures: one sentence for each failed check.
    """

    def __init__(self, message: str, failures: tuple[str, ...]) -> None:
        super().__init__(message)
        self.failures = failures


class CancelledError(KnownError):
    """The user cancelled a long piece of work; nothing was changed."""
