"""检查台账: a proof of the whole ledger (store.vault.trail), told in words: which record, what, when, by whom."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.services.base.arguments import require_fitting
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import sight_of
from bangjiao_desktop.services.upkeep.audit_log import field_label, subject_label
from bangjiao_desktop.store.port import Capability
from bangjiao_desktop.store.reads import reads
from bangjiao_desktop.store.vault.trail import checkpoint, codes, onward, proof
from bangjiao_desktop.store.vault.trail.anchored import Remark, Told
from bangjiao_desktop.store.vault.trail.findings import OF_ANCHORS, Finding, What
from bangjiao_desktop.store.writes import audit

MOST_SHOWN = 200
_MONTH = 30
_UNKNOWN = "（无法得知）"
_TABLES = {
    "setting": "设置", "number_series": "编号", "attachment_content": "附件的内容", "account_key": "用户的密钥",
    "bureau": "司法局", "sealed_person": "封存档案的统计信息", "standing": "履历",
}  # fmt: skip
_SETTINGS = {
    "sealed_numbers": "封存档案号码的查找", "sealed_swept": "封存档案加密到哪里", "password_rule": "口令规定",
    "import-sources": "导入的列对应", "import-offices": "导入的司法所写法", "backup-trials": "备份的试恢复",
    "backup-outside": "上次备份到 U 盘", "print-logo": "印在纸上的标志",
}  # fmt: skip
_PLACES = {
    "beside": "台账文件夹里的存根 anchor.json",
    "computer": "这台电脑记下的存根",
    "proof": "您在这台电脑上次核验的记录",
}
_WORDS: Mapping[What, str] = {
    What.LINK: "操作记录第 {entry} 条被改动过",
    What.MISSING: "操作记录从第 {entry} 条起缺少，到第 {about} 条",
    What.UNSIGNED: "操作记录从第 {entry} 条起没有签名：不是程序写的，或签名被删掉了",
    What.SIGNATURE: "操作记录第 {about} 至 {entry} 条的签名不符：内容在签名之后被改过",
    What.OVERLAP: "操作记录第 {entry} 条被重复签名",
    What.NOTE: "第 {entry} 条操作记录的签名附注被改动过",
    What.OTHERS: "操作记录第 {entry} 条写的是“{account}”，签名的却是“{about}”：冒用了别人的名义",
    What.KEY: "操作记录第 {entry} 条以“{account}”的名义签名，用的不是这个用户的钥匙",
    What.INTRODUCED: "“{account}”登记了“{about}”的签名钥匙，但没有这个权限",
    What.NO_ACCOUNT: "操作记录第 {entry} 条的用户“{account}”当时不在用户名单里",
    What.NOT_ALLOWED: "“{account}”当时的角色不能{about}，却做了第 {entry} 条操作",
    What.NO_ACT: "操作记录第 {entry} 条（“{account}”）写的操作“{about}”，程序里没有",
    What.UPGRADE: "签名的开头或升级记录对不上：有人重新登记过整个台账",
    What.UNMARKED: "没有登记：是绕过程序加进来的",
    What.REMOVED: "被绕过程序删掉了",
    What.PUT_BACK: "已登记删除，又被绕过程序放了回来",
    What.CHANGED: "登记以后被绕过程序改动过",
    What.UNTOLD: "改动过，操作记录里却没有说",
    What.DIFFERS: "和操作记录里说的不一样",
    What.SEALED: "封存的内容不是程序加密的，或从别处挪来",
    What.SEALED_ACT: "“{account}”没有查阅封存档案的授权，却在封存期间写了第 {entry} 条操作",
    What.FOLLOWS: "由程序推算的栏和依据对不上",
    What.SEARCH: "检索内容和本人资料对不上（找人时可能找不到）",
    What.ROLE_BEFORE: "用户“{account}”的角色或权限和升级前的操作记录对不上",
    What.TRIGGER: "数据库里的保护规则“{about}”缺失或被改动过",
    What.SHORTER: "{place}有 {entry} 条操作记录，现在没有这么多：末尾被截去，或换成了旧的台账",
    What.OTHER_HEAD: "{place}的第 {entry} 条和现在的不同：操作记录被重写过，或换成了另一份台账",
    What.ANCHOR: "{place}被改动过",
    What.OWN_KEY: "“{account}”的签名钥匙不是台账里登记的那一把",
    What.KEY_FILE: "密钥文件 keys.json 不是台账里登记的最新一份：可能换回了旧的密钥文件",
}
_REMARKS: Mapping[Told, str] = {
    Told.NO_ANCHOR: "台账文件夹里没有存根（恢复的备份、拷来的台账都没有），下次保存时会写上",
    Told.ELSEWHERE: "这台电脑上另一个文件夹里，同一台账有 {number} 条操作记录，比这里多",
    Told.BEHIND: "台账文件夹里的存根比操作记录少 {number} 条（可能是断电时没有写完），下次保存时会补上",
    Told.TURNED_BACK: "有 {number} 处操作记录的时间比前一条早一小时以上（最早的是第 {first} 条）："
    "电脑的时间被往回调过，或有人写了不真的时间",
    Told.COMPARED: "和 {number} 个备份核对过，相符",
}


@dataclass(frozen=True)
class Found:
    """One thing that is not as it must be, in words.

    Attributes:
        what: a sentence.
        where: which record and which columns; empty where it is about none.
        when: time of the operation it is about.
        who: who signed that.
        person: whose record it is; None where it is nobody's, or the row is gone.
    """

    what: str
    where: str
    when: datetime | None
    who: str
    person: uuid.UUID | None = None

    @property
    def line(self) -> str:
        """All of it in one line."""
        place = f"{self.where}：" if self.where else ""
        moment = "" if self.when is None else f"（{self.when:%Y-%m-%d %H:%M}，{self.who or _UNKNOWN}）"
        return f"{place}{self.what}{moment}"


@dataclass(frozen=True)
class Verdict:
    """What came of a verification.

    Attributes:
        entries: of the audit trail.
        before: those written before there were signatures.
        signatures: how many hold.
        rows: that were compared with them.
        found: what is wrong, at most `MOST_SHOWN`.
        more: how much more there is.
        remarks: what is told beside, and is no fault.
        whole: everything was looked at, not only what is new since the last time; only then `rows` are all there are.
        replaced: all that is wrong is that an older or another copy stands here, which a chief may accept (`acceptance`).
        replaced_and_changed: an older or another copy stands here, and more is wrong: nobody may accept that.
    """

    entries: int
    before: int
    signatures: int
    rows: int
    found: tuple[Found, ...]
    more: int
    remarks: tuple[str, ...]
    whole: bool = True
    replaced: bool = False
    replaced_and_changed: bool = False

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.found

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        if not self.good:
            return f"发现 {len(self.found) + self.more} 处和操作记录对不上，请不要再改动台账，告诉所长。"
        if not self.whole:
            return f"{self.entries} 条操作记录，上次核验以后新写的 {self.rows} 条内容都和记录一致"
        signed = f"，{self.signatures} 次签名都有效，{self.rows} 条内容都和记录一致" if self.signatures else ""
        old = f"；其中 {self.before} 条写于有签名之前，只能核对首尾相连" if self.before else ""
        return f"{self.entries} 条操作记录首尾相连{signed}{old}"


def verify(session: Session, progress: Progress = silent, *, pages: bool = False) -> Verdict:
    """Prove the whole ledger: trail and signatures, every row, what follows, and the anchors there are.

    Everybody may: nothing of a record is told but its kind, its key and which columns. A ledger on a server has links only:
    its accounts have no keys.

    Args:
        session: who asks.
        progress: told how far it is.
        pages: look at the seal of every page of the file first, where that was not done by opening it.

    Raises:
        CancelledError: it was stopped.
        VaultDamagedError: a byte of the file was changed.
        KnownError: the ledger cannot be read.
    """
    if not session.offers(Capability.VERIFICATION):
        with session.ledger.read() as connection:
            count, broken = audit.count(connection), audit.verify(connection)
        found = () if broken is None else (Found(_WORDS[What.LINK].format(entry=broken), "", None, ""),)
        return Verdict(count, 0, 0, 0, found, 0, ())
    vault = session.vault_for(Capability.VERIFICATION)
    if pages:
        progress(0.0, "核对数据库各页")
        vault.verify_pages()
    made = proof.prove(vault, progress)
    if made.reached is not None:
        _keep(session, made.reached, session.today())
    return _verdict(session, made)


def verify_new(session: Session, progress: Progress = silent) -> Verdict | None:
    """Prove what is new since the user's last good proof on this computer; everything, where that is a month ago.

    None for a ledger on a server, which has nothing to be proven by.

    Raises:
        CancelledError: it was stopped.
        KnownError: the ledger cannot be read.
    """
    if not session.offers(Capability.VERIFICATION):
        return None
    vault = session.vault_for(Capability.VERIFICATION)
    known = checkpoint.read(vault.signer, vault.folder)
    if known is None or not 0 <= (session.today() - known.whole_on).days < _MONTH:
        return verify(session, progress)
    made = onward.prove_new(vault, known.reached, progress)
    if made is None:
        return verify(session, progress)
    if made.reached is not None:
        _keep(session, made.reached, known.whole_on)
    return _verdict(session, made)


@dataclass(frozen=True)
class LastProof:
    """When the user proved the ledger on this computer, and found it good: all of it, and what was new."""

    whole_on: date
    proven_on: date


def last_proof(session: Session) -> LastProof | None:
    """Return when the user proved the ledger on this computer; None if that was never, or on a server."""
    if not session.offers(Capability.VERIFICATION):
        return None
    vault = session.vault_for(Capability.VERIFICATION)
    known = checkpoint.read(vault.signer, vault.folder)
    return None if known is None else LastProof(known.whole_on, known.proven_on)


def _keep(session: Session, reached: checkpoint.Reached, whole_on: date) -> None:
    vault = session.vault_for(Capability.VERIFICATION)
    checkpoint.keep(checkpoint.Checkpoint(reached, whole_on, session.today()), vault.signer, vault.folder)


def _verdict(session: Session, made: proof.Proof) -> Verdict:
    of_rows = sorted(made.findings, key=lambda one: one.what in OF_ANCHORS)
    shown = of_rows[:MOST_SHOWN]
    vault = session.vault_for(Capability.VERIFICATION)
    times = proof.when(vault, [one.entry for one in shown if one.entry is not None])
    people = proof.whose(vault, [(one.table, one.row) for one in shown if one.row is not None])
    named = proof.named(vault, [(one.table, one.row) for one in shown if one.row is not None])
    told = (replace(_told(one, times, named), person=people.get(one.row) if one.row else None) for one in shown)
    of_anchors = sum(one.what in OF_ANCHORS for one in made.findings)
    return Verdict(
        made.entries, made.before, made.signatures, made.rows, tuple(dict.fromkeys(told)),
        len(made.findings) - len(shown), tuple(_remarks(made.remarks)), made.whole,
        0 < of_anchors == len(made.findings), 0 < of_anchors < len(made.findings),
    )  # fmt: skip


@needs(Permission.SEE_PEOPLE)
def names(session: Session, found: Verdict) -> dict[uuid.UUID, str]:
    """Return the names of the people whose records a verdict is about, of those in the ledger whose file the user may see."""
    people = {one.person for one in found.found if one.person is not None}
    if not people:
        return {}
    with session.ledger.read() as connection:
        return reads.open_names(connection, sight_of(session), people)


def of_code(session: Session, code: str) -> int:
    """Return the number of the entry a code on paper is of.

    Raises:
        InvalidInputError: it was mistyped, or it is of no entry of this ledger.
    """
    require_fitting(of_code, (code,), {})
    with session.ledger.read() as connection:
        return codes.entry_of(connection.connection.driver_connection, str(code))


def code_now(session: Session) -> str:
    """Return the code of the newest entry, for paper; empty for a ledger on a server."""
    if not session.offers(Capability.VERIFICATION):
        return ""
    with session.ledger.read() as connection:
        return codes.newest(connection.connection.driver_connection)


def _told(one: Finding, times: Mapping[int, tuple[datetime, str]], named: Mapping[uuid.UUID, str]) -> Found:
    place = _PLACES.get(one.about, f"备份 {one.about} ")
    what = _WORDS[one.what].format(
        entry=one.entry, about=one.about or _UNKNOWN, account=one.account or _UNKNOWN, place=place
    )
    # an anchor is of an entry that is not there: the one of its number is another
    if one.what in OF_ANCHORS:
        return Found(what, "", None, "")
    at, who = times.get(one.entry or -1, (None, ""))
    return Found(what, _where(one, named), None if at is None else at.astimezone(), one.account or who)


def _where(one: Finding, named: Mapping[uuid.UUID, str]) -> str:
    if not one.table:
        return ""
    name = _TABLES.get(one.table) or subject_label(one.table)
    if one.row is not None:
        key = f"“{named[one.row]}”" if one.row in named else f"（{one.row.hex[-8:]}）"
    else:
        about = _SETTINGS.get(one.about, one.about) if one.table == "setting" else one.about
        key = f"“{about}”" if about else ""
    columns = [label for label in (field_label(one.table, column) for column in one.columns) if label]
    return f"{name}{key}" + (f"的{'、'.join(columns)}" if columns else "")


def _remarks(found: Iterable[Remark]) -> Iterable[str]:
    told: dict[str, None] = {}
    for one in found:
        told[_REMARKS[one.told].format(number=one.number, first=one.first)] = None
    return told
