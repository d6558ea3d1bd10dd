"""What an import asks, and what was answered: words, offices, rows held back, mended cells; the answers become choices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast

from bangjiao_desktop.domain.codes import code_table, word_key
from bangjiao_desktop.domain.import_choices import Answer, ImportChoices
from bangjiao_desktop.domain.offices import office_key
from bangjiao_desktop.services.exchange.import_ledger import Fault, ImportResult, UnknownWord
from bangjiao_desktop.services.exchange.import_result import UnknownOffice

Kind = Literal["word", "office", "all", "row", "cell"]
Key = tuple[Any, ...]
Options = tuple[tuple[Any, str], ...]

HELD: Mapping[str, tuple[str, str]] = {
    "transfer": ("确认移交", "列在别的所，台账里不归它"),
    "rename": ("是改名", "号码相同，姓名与台账不同"),
    "correct": ("更正释放日期", "释放日期与台账不同"),
    "again": ("更正释放日期", "释放日期与台账不同，前一期还没有登记变动"),
}
"""Kinds of rows that are held back: what confirms them, and what they have in common."""
_AGAIN: Options = (("new", "新的一期（登记变动）"), ("correct", "更正释放日期"))
_ABOUT_AGAIN = "再次释放的选“新的一期”：前一期到那时已期满的登记为期满解除，没有期满的登记为重新犯罪收监；原来录错的选“更正释放日期”。"
_STANDINGS = "责任单位、风险、户籍类型、责任人或村（社区）"
_OPEN = "请选择…"
_TAKE_BACK = "（撤回）"
_OVER = "不用再答"
_UNANSWERED = "没有回答"
_MENDS = "mends"


@dataclass(frozen=True)
class Question:
    """One question and its answer.

    Attributes:
        key: what it is about, see `answered`.
        text: what is asked.
        where: rows it concerns.
        options: (value, name); the value None stands for no answer.
        answer: the value given, None if it is open.
        reason: the whole sentence, shown below the list.
    """

    key: Key
    text: str
    where: str
    options: Options
    answer: Any = None
    reason: str = ""

    @property
    def answer_text(self) -> str:
        """The answer in words."""
        if not self.options:
            return self.answer or _OVER
        return next((name for value, name in self.options if value == self.answer), str(self.answer or _OPEN))

    @property
    def over(self) -> "Question":
        """The question as it stands in its place when nobody asks it any more."""
        return replace(self, options=(), answer="", reason="")

    @property
    def closed(self) -> "Question":
        """The question once the file is imported: what was answered, and that nothing can be answered any more."""
        return replace(self, options=(), answer=_UNANSWERED if self.answer is None else self.answer_text)


@dataclass(frozen=True)
class _Cell:
    place: str
    name: str
    column: str
    before: str


def in_place(before: Iterable[Question], now: Iterable[Question]) -> list[Question]:
    """Return the questions of now, each where it stood before, so that nothing moves under the mouse.

    What is new comes at the end. A row that is answered in another way (略过) stays its own place; a question that is
    no longer asked stays as one that cannot be answered.

    Args:
        before: as they were shown.
        now: the open ones, then those that were answered.
    """
    fresh = {one.key: one for one in now}
    shown = list(before)
    kept = {one.key for one in shown}
    found = []
    for one in shown:
        key = one.key
        if key not in fresh and key[0] == "row":
            key = next((new for new in fresh if new not in kept and new[:3] == key[:3]), key)
        found.append(fresh.pop(key, one.over))
    return [*found, *fresh.values()]


class Questions:
    """All that one file has asked so far: what was answered stays in the list and can be changed."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], UnknownWord] = {}
        self._offices: dict[str, UnknownOffice] = {}
        self._rows: dict[tuple[str, int], dict[str, Fault]] = {}
        self._cells: dict[tuple[str, int, int], _Cell] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._pending: list[Fault] = []
        self._standings = 0
        self._today = date.min
        self._now: tuple[set[tuple[str, str]], set[str]] = (set(), set())

    def take(self, result: ImportResult) -> None:
        """Learn what a trial reading asks."""
        if result.standings:
            self._standings, self._today = max(self._standings, result.standings), result.today
        words = {(one.field, word_key(one.word)): one for one in result.words}
        offices = {office_key(one.spelling): one for one in result.unknown_offices}
        self._words |= words
        self._offices |= offices
        self._now = (set(words), set(offices))
        self._pending = [one for one in result.rejected if one.question in HELD]
        for fault in result.rejected:
            self._names[fault.sheet, fault.row] = fault.name
        for fault in self._pending:
            self._rows.setdefault((fault.sheet, fault.row), {})[fault.question] = fault

    def mended(self, fault: Fault) -> None:
        """Note what stood in a cell before somebody mends it."""
        key = (fault.sheet, fault.row, fault.index)
        self._cells.setdefault(key, _Cell(f"{fault.sheet} 第 {fault.row} 行", fault.name, fault.column, fault.value))

    def skipped(self, fault: Fault) -> None:
        """Note whose row is left out."""
        self._names[fault.sheet, fault.row] = fault.name

    def open(self, offices: Iterable[str]) -> list[Question]:
        """Return what is still to be answered.

        Args:
            offices: names of the offices there are.
        """
        names = tuple(offices)
        found = [self._word(key, None) for key in self._words if key in self._now[0]]
        found += [self._office(key, None, names) for key in self._offices if key in self._now[1]]
        for kind in HELD:
            mine = [one for one in self._pending if one.question == kind]
            if len(mine) > 1:
                found.append(_group(kind, mine))
            found += [_row(one, None) for one in mine]
        return found

    def answered(self, choices: ImportChoices, offices: Iterable[str]) -> list[Question]:
        """Return what was answered, with the answers, so that they can be changed."""
        names = tuple(offices)
        found = [self._since(choices)] if self._standings else []
        found += [
            self._word(key, choices.words[key])
            for key in self._words if key in choices.words and key not in self._now[0]
        ]  # fmt: skip
        found += [
            self._office(key, choices.offices[key], names)
            for key in self._offices if key in choices.offices and key not in self._now[1]
        ]  # fmt: skip
        pending = {(one.sheet, one.row, one.question) for one in self._pending}
        for tab, row in choices.rows:
            given = choices.given(tab, row)
            asked = self._rows.get((tab, row), {})
            found += [
                _row(fault, next(iter(answers))) for kind, fault in asked.items()
                if (answers := given & _told_by(kind)) and (tab, row, kind) not in pending
            ]  # fmt: skip
            if "skip" in given:
                name = self._names.get((tab, row), "")
                options = ((None, _TAKE_BACK), ("skip", "不导入此行"))
                found.append(
                    Question(("row", tab, row, "skip"), name or "（无姓名）", _place(tab, row), options, "skip")
                )
        for cell, text in choices.cells.items():
            known = self._cells.get(cell)
            if known is not None:
                told = f"{known.name or '（无姓名）'}：{known.column}原来是“{known.before}”"
                options = ((None, _TAKE_BACK), (text, f"改为“{text}”"))
                found.append(Question(("cell", *cell), told, known.place, options, text))
        return found

    def answer(self, choices: ImportChoices, key: Key, value: Any) -> ImportChoices:
        """Return the choices with an answer.

        Args:
            choices: those so far.
            key: of the question.
            value: one of its options.
        """
        match key:
            case ("word", field, word):
                return choices.with_word(field, word, value)
            case ("office", spelling):
                return choices.with_office(spelling, value)
            case ("standings",):
                return choices.with_since(None if value == _MENDS else value, mends=value == _MENDS)
            case ("cell", tab, row, index):
                return choices.with_cell(tab, row, index, value)
            case ("row", tab, row, kind):
                return choices.with_rows({(tab, row): _given(choices, tab, row, kind, value)})
            case ("all", kind):
                mine = [(one.sheet, one.row) for one in self._pending if one.question == kind]
                return choices.with_rows({(tab, row): _given(choices, tab, row, kind, value) for tab, row in mine})
        raise ValueError(key[0])

    def _since(self, choices: ImportChoices) -> Question:
        """From when what the file says otherwise of known people holds: from a day on, or always (更正)."""
        today = self._today
        days = {
            today: "今天", today.replace(day=1): "本月",
            today.replace(month=today.month - (today.month - 1) % 3, day=1): "本季",
            today.replace(month=1, day=1): "本年",
        }  # fmt: skip
        options = ((_MENDS, "更正（原来就录错了）"), *((day, f"{day} 起（{name}）") for day, name in days.items()))
        given = _MENDS if choices.mends else choices.since or today
        text = f"{self._standings} 人的{_STANDINGS}与台账不同"
        reason = f"{text}：从哪一天起变了，这一天以前的统计不变；原来就录错了的选更正，以前的统计跟着改。"
        return Question(("standings",), text, f"{self._standings} 人", options, given, reason)

    def _word(self, key: tuple[str, str], answer: str | None) -> Question:
        word = self._words[key]
        table = code_table(word.table)
        options = (
            (None, _OPEN if answer is None else _TAKE_BACK),
            *((entry.code, entry.label) for entry in table.entries),
            ("", "留空"),
        )
        text = f"{word.header}“{word.word}”当作"
        reason = f"{word.header}里的“{word.word}”不在代码表内，{word.rows} 行都按这里的回答办；以后同样的名单不再问。"
        return Question(("word", *key), text, f"{word.rows} 行", options, answer, reason)

    def _office(self, key: str, answer: str | None, names: tuple[str, ...]) -> Question:
        office = self._offices[key]
        new = ((office.spelling, f"新建“{office.spelling}”"),) if office.whole and office.spelling not in names else ()
        options = ((None, _OPEN if answer is None else _TAKE_BACK), *((name, name) for name in names), *new)
        reason = f"没有“{office.spelling}”这个司法所；不指明，这 {office.rows} 行不导入。"
        return Question(("office", key), f"责任单位“{office.spelling}”是", f"{office.rows} 行", options, answer, reason)


def _given(choices: ImportChoices, tab: str, row: int, kind: str, value: Any) -> frozenset[Answer]:
    """What holds for a row after another answer: one question may follow another; a row left out needs no more."""
    if value == "skip":
        return frozenset({"skip"})
    given = choices.given(tab, row) - _told_by(kind)
    return given if value is None else given | {cast("Answer", value)}


def _told_by(kind: str) -> frozenset[Answer]:
    """The answers to a kind of question, beside leaving the row out."""
    return frozenset(("new", "correct")) if kind == "again" else frozenset((cast("Answer", kind),))


def _confirms(kind: str) -> Options:
    return _AGAIN if kind == "again" else ((kind, HELD[kind][0]),)


def _place(tab: str, row: int) -> str:
    return f"{tab} 第 {row} 行"


def _row(fault: Fault, answer: str | None) -> Question:
    kind = fault.question
    options = (
        (None, _OPEN if answer is None else _TAKE_BACK), *_confirms(kind), ("skip", "不导入此行"),
    )  # fmt: skip
    text = f"{fault.name or '（无姓名）'}：{fault.reason}"
    more = f"。名单上的释放日期是 {fault.value}。{_ABOUT_AGAIN}" if kind == "again" else ""
    where = _place(fault.sheet, fault.row)
    return Question(("row", fault.sheet, fault.row, kind), text, where, options, answer, text + more)


def _group(kind: str, faults: list[Fault]) -> Question:
    common = HELD[kind][1]
    options = ((None, "逐行回答"), *((value, f"全部{name}") for value, name in _confirms(kind)), ("skip", "全部不导入"))
    text = f"以下 {len(faults)} 行{common}"
    return Question(("all", kind), text, f"{len(faults)} 行", options, None, f"{text}：可以逐行回答，也可以一次回答。")
