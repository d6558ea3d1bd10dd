"""What the law seals of itself: records of offences against public order, and of drug use (治安管理处罚法 2025, 第136条).

They are given to no unit or person and never published, but for state organs on a case and who may ask by law. So lists,
exports, rosters, dossiers and explained rows leave them out, whoever asks; who has the authority for sealed files opens
them on purpose, and that leaves an audit entry. Figures count as before. What somebody typed in a free text is not
looked at.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from bangjiao_desktop.domain.codes import OFFENCE
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.key_decision import KeyDecision
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.reoffence import Reoffence

P = TypeVar("P", bound=Person)
OF_PERSON = "drug_history"
"""The field of a person that is withheld."""
WITHHELD = "依法封存"
MAY_NOT = "依法封存的违法、吸毒记录只有获授权查看封存档案的人才能查看。"
_DRUG_USE = "吸毒"


def is_withheld(record: Record) -> bool:
    """Tell whether a record is left out whole: an offence that is no crime."""
    return isinstance(record, Reoffence) and record.reoffence_class == OFFENCE


def without_drug_use(criteria: str) -> str:
    """Return the criteria of a key person, joined by 、, without the one that tells of drug use."""
    return "、".join(one for one in criteria.split("、") if _DRUG_USE not in one)


def tells_drug_use(text: str) -> bool:
    """Tell whether the answers of an assessment tell of drug use."""
    return _DRUG_USE in text


def open_records(records: Iterable[Record]) -> list[Record]:
    """Return records as they are told where nothing sealed is to be told."""
    return [_open(one) for one in records if not is_withheld(one)]


def open_person(person: P) -> P:
    """Return a person as they are told where nothing sealed is to be told; not for saving."""
    return replace(person, drug_history=False) if person.drug_history else person


def _open(record: Record) -> Record:
    if isinstance(record, KeyDecision):
        return replace(record, criteria=without_drug_use(record.criteria))
    if isinstance(record, Assessment) and tells_drug_use(record.answers):
        return replace(record, answers="；".join(one for one in record.answers.split("；") if _DRUG_USE not in one))
    return record
