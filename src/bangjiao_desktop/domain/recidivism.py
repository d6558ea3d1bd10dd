"""Whether a new conviction makes a recidivist in law (累犯): suggested from earlier releases, decided by a person.

刑法 65 and 66 (resources/rules/recidivism.toml). Having been convicted before (前科) is not enough: both sentences must be
有期徒刑 or more, the new crime within five years of the end of the earlier sentence, neither by negligence nor before the
age of 18; crimes against national security, of terror and of the underworld know no five years. What the data do not tell
is said, never guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from bangjiao_desktop.domain.codes import RELEASED
from bangjiao_desktop.domain.dates import add_years, age_on
from bangjiao_desktop.domain.definitions.reader import Shape, read, text_of
from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.resources import resource_path

Answer = Literal["yes", "no", "unknown"]
Gravity = Literal["imprisonment", "suspended", "less", "unknown"]
_FILE = "规则文件 rules/recidivism.toml"
_REEDUCATED, _REIMPRISONED = "03", "03"  # codes of person_category, of change_reason
_IMPRISONED, _LESS = re.compile("有期|无期|死刑|死缓"), re.compile("拘役|管制|罚金|免予|免于|驱逐出境")
_YEARS = re.compile("([0-9]{1,2}|[一二三四五六七八九十]{1,3})年")
_SURELY_IMPRISONED = 3  # 管制 ends at three years, 拘役 at one
_KINDS: Mapping[str, Gravity] = {
    "01": "imprisonment", "02": "imprisonment", "03": "imprisonment", "04": "less", "05": "less", "06": "less", "07": "less",
}  # fmt: skip
"""Code of sentence_kind → how grave it is."""
_DIGITS = "一二三四五六七八九"
_SEVERAL = re.compile("[、，,；;和及]")


class _Rules(Shape, frozen=True):
    source: str
    years: int
    adult: int
    negligent: tuple[str, ...]
    special: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Suggestion:
    """What the data say.

    Attributes:
        answer: "yes", "no", or "unknown" where something is not known.
        law: the article that makes it so, "" for none.
        reasons: what tells it.
        open: what is not known and has to be looked up.
    """

    answer: Answer
    law: str = ""
    reasons: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """It in words."""
        heading = {
            "yes": f"依现有资料符合{self.law}，属累犯",
            "no": "依现有资料不属累犯",
            "unknown": "是否累犯还看不出",
        }
        reasons = "；".join(self.reasons)
        missing = f"还要核对：{'；'.join(self.open)}" if self.open else ""
        return (
            "。".join(part for part in (f"{heading[self.answer]}{'：' if reasons else ''}{reasons}", missing) if part)
            + "。"
        )


@dataclass(frozen=True)
class NewCrime:
    """What is known of the new conviction.

    Attributes:
        offence, sentence: as typed.
        born: birth day of the person, None if unknown.
        on: the day of the crime where a record tells it.
        until: a day the crime was certainly committed by (arrest, release), None if none is known.
    """

    offence: str
    sentence: str
    born: date | None = None
    on: date | None = None
    until: date | None = None


def gravity(sentence: str) -> Gravity:
    """Return how grave a sentence is, read from its text: imprisonment (有期徒刑以上), suspended, less, or unknown."""
    if _IMPRISONED.search(sentence):
        return "suspended" if "缓刑" in sentence or ("缓期" in sentence and "死" not in sentence) else "imprisonment"
    if _LESS.search(sentence):
        return "less"
    years = _YEARS.search(sentence)
    return "imprisonment" if years is not None and _number(years[1]) > _SURELY_IMPRISONED else "unknown"


def suggest(earlier: Sequence[Episode], new: NewCrime) -> Suggestion:
    """Return what the earlier releases of a person say of a new conviction.

    Args:
        earlier: the releases before, the first first.
        new: the new conviction.
    """
    found = [_beside(one, new) for one in earlier]
    for answer in ("yes", "unknown", "no"):
        for one in reversed(found):
            if one.answer == answer:
                return one
    return Suggestion("no", reasons=("以前没有判刑记录",))


def new_crime(
    earlier: Sequence[Episode], crimes: Sequence[date], offence: str, sentence: str, release: date | None
) -> NewCrime:
    """Return what the ledger knows of the crime a person was convicted of after their last release.

    Args:
        earlier: the releases before, the first first.
        crimes: the days of crimes recorded after releases.
        offence: of the new conviction.
        sentence: of the new conviction.
        release: from it; None for who is still in prison.
    """
    last = earlier[-1] if earlier else None
    released = None if last is None else last.release.release_date
    after = [day for day in crimes if released is None or day > released]
    known = [release] if release is not None else []
    if last is not None and last.changed_on is not None and last.reason == _REIMPRISONED:
        known.append(last.changed_on)
    return NewCrime(
        offence, sentence, None if last is None else last.release.birth_date,
        after[0] if len(after) == 1 else None, min(known, default=None),
    )  # fmt: skip


def _beside(earlier: Episode, new: NewCrime) -> Suggestion:
    """What one earlier release says."""
    release, rules = earlier.release, _rules()
    which = f"第{earlier.number}期（{release.offence or '罪名未填'}，{release.sentence or '刑期未填'}）"
    classes = _special(release.offence), _special(new.offence)
    closed = tuple(_against(earlier, new))
    if all(classes) and release.category != _REEDUCATED and _gravity_of(release) != "suspended":
        ended = f"{which}是{classes[0]}，{release.release_date} 释放；本次是{classes[1]}，不受五年限制"
        return Suggestion("yes", "刑法第六十六条", (ended,))
    if closed:
        return Suggestion("no", reasons=tuple(f"{which}{reason}" for reason in closed))
    missing = tuple(_missing(earlier, new))
    if missing:
        return Suggestion("unknown", reasons=(f"{which}，{release.release_date or '释放日期未填'} 释放",), open=missing)
    crime = f"{new.on} 再犯" if new.on is not None else f"不迟于 {new.until} 再犯"
    told = f"{which}，{release.release_date} 刑罚执行完毕，{crime}，在{rules.years}年以内，本次判处有期徒刑以上"
    return Suggestion("yes", "刑法第六十五条", (told,))


def _against(earlier: Episode, new: NewCrime) -> Iterator[str]:
    """What rules 刑法 65 out for certain."""
    release, rules = earlier.release, _rules()
    before = _gravity_of(release)
    if release.category == _REEDUCATED:
        yield "是劳动教养，不是刑罚"
    if before == "less":
        yield "不是有期徒刑以上"
    if before == "suspended":
        yield "是缓刑，考验期满不是刑罚执行完毕"
    if _negligent(release.offence) == "yes":
        yield "是过失犯罪"
    if release.age_at_offence is not None:
        if release.age_at_offence < rules.adult:
            yield f"犯罪时 {release.age_at_offence} 岁，不满{rules.adult}周岁"
    elif release.birth_date is not None and release.release_date is not None:
        age = age_on(release.birth_date, release.release_date)
        if age < rules.adult:
            yield f"释放时 {age} 岁，犯罪时不满{rules.adult}周岁"
    if gravity(new.sentence) == "less":
        yield "之后，本次判处的不是有期徒刑以上"
    if _negligent(new.offence) == "yes":
        yield "之后，本次是过失犯罪"
    limit = None if release.release_date is None else add_years(release.release_date, rules.years)
    if new.on is not None and limit is not None and new.on > limit:
        yield f"释放后五年到 {limit} 为止，本次犯罪在 {new.on}"


def _missing(earlier: Episode, new: NewCrime) -> Iterator[str]:
    """What has to be known before 刑法 65 can be said to be met."""
    release, rules = earlier.release, _rules()
    if _gravity_of(release) == "unknown":
        yield f"第{earlier.number}期判处的是不是有期徒刑以上"
    if gravity(new.sentence) == "unknown":
        yield "本次判处的是不是有期徒刑以上"
    if release.category != RELEASED:
        yield f"第{earlier.number}期的刑罚何时执行完毕（解除社区矫正的可能是缓刑、管制）"
    elif "假释" in release.early_release_reason:
        yield f"第{earlier.number}期假释考验期何时届满（五年自届满之日起算）"
    for offence, which in ((release.offence, f"第{earlier.number}期"), (new.offence, "本次")):
        if not offence:
            yield f"{which}的罪名"
        elif _negligent(offence) == "unknown":
            yield f"{which}的数罪里有没有故意犯罪"
    if release.release_date is None:
        yield f"第{earlier.number}期的释放日期"
    else:
        limit = add_years(release.release_date, rules.years)
        if new.on is None and (new.until is None or new.until > limit):
            yield f"本次犯罪是不是在 {limit} 以前"
        if release.age_at_offence is not None:
            return
        if release.birth_date is None:
            yield "出生日期"
        elif not _surely_adult(release.birth_date, release.release_date, release.sentence):
            yield f"第{earlier.number}期犯罪时是否已满{rules.adult}周岁"


def _gravity_of(release: Person) -> Gravity:
    """How grave the sentence of a release is: as its kind says where its text does not."""
    read_ = gravity(release.sentence)
    return _KINDS.get(release.sentence_kind or "", "unknown") if read_ == "unknown" else read_


def _surely_adult(born: date, released: date, sentence: str) -> bool:
    """Whether the age leaves no doubt: well over 18 when the sentence began, as far as its text tells how long it was."""
    years = _YEARS.search(sentence)
    served = _number(years[1]) + 1 if years is not None else 0
    begun = add_years(released, -served)
    known = served > 0 or age_on(born, released) >= _rules().adult + 25
    return known and age_on(born, begun) >= _rules().adult + 2


def _negligent(offence: str) -> Answer:
    if not any(word in offence for word in _rules().negligent):
        return "no"
    return "unknown" if _SEVERAL.search(offence) else "yes"


def _special(offence: str) -> str:
    """The class of 刑法 66 an offence belongs to, "" for none."""
    kinds: Mapping[str, Sequence[str]] = _rules().special
    return next((name for name, words in kinds.items() if any(word in offence for word in words)), "")


def _number(text: str) -> int:
    """A small number in digits of either kind."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.find(tens) + 1
    return (_DIGITS.find(tens) + 1 if tens else 1) * 10 + (_DIGITS.find(ones) + 1 if ones else 0)


@cache
def _rules() -> _Rules:
    return read(text_of(resource_path("rules", "recidivism.toml"), _FILE), _FILE, _Rules).value


__all__ = ["Answer", "Gravity", "NewCrime", "Suggestion", "gravity", "new_crime", "suggest"]
