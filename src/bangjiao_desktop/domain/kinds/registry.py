"""All kinds of record by their names.

resources/workbook/ledger.toml gives each its sheet, its headings and their synonyms and order (domain.layout).
"""

from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.activity import Activity, Participation
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.commission import Commission, CommissionReport
from bangjiao_desktop.domain.kinds.duty_decision import DutyDecision
from bangjiao_desktop.domain.kinds.employment_service import EmploymentService
from bangjiao_desktop.domain.kinds.escort import Escort
from bangjiao_desktop.domain.kinds.group_member import GroupMember
from bangjiao_desktop.domain.kinds.handover_step import HandoverStep
from bangjiao_desktop.domain.kinds.host import Host
from bangjiao_desktop.domain.kinds.key_decision import KeyDecision
from bangjiao_desktop.domain.kinds.lost_contact import LostContact, SearchStep
from bangjiao_desktop.domain.kinds.mediation import Mediation, MediationParty
from bangjiao_desktop.domain.kinds.need import Need, NeedAction
from bangjiao_desktop.domain.kinds.office_report import OfficeReport
from bangjiao_desktop.domain.kinds.pairing import Pairing
from bangjiao_desktop.domain.kinds.person import Person
from bangjiao_desktop.domain.kinds.placement import Placement
from bangjiao_desktop.domain.kinds.plan import Plan
from bangjiao_desktop.domain.kinds.publicity import Handout, StockMovement
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.kinds.refusal import Refusal
from bangjiao_desktop.domain.kinds.register_change import RegisterChange
from bangjiao_desktop.domain.kinds.release_notice import ReleaseNotice
from bangjiao_desktop.domain.kinds.relief import Relief
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.kinds.standing import Standing
from bangjiao_desktop.domain.kinds.support_record import SupportRecord
from bangjiao_desktop.domain.kinds.transfer import Transfer

KINDS: dict[str, type[Record]] = {
    one.KIND.name: one
    for one in (
        Person, GroupMember, SupportRecord, Placement, Relief, Reoffence, RegisterChange, Standing, Activity, Mediation, Handout,
        ReleaseNotice, Escort, HandoverStep, LostContact, SearchStep, Refusal, Transfer, Commission, CommissionReport,
        OfficeReport, Pairing, Plan, Assessment, KeyDecision, Need, NeedAction, EmploymentService, Host, Participation,
        MediationParty, StockMovement, DutyDecision,
    )
}  # fmt: skip


def record_class(name: str) -> type[Record]:
    """Return the class of a kind of record, e.g. of "support_record".

    Raises:
        InvalidInputError: there is no such kind.
    """
    found = KINDS.get(name)
    if found is None:
        raise InvalidInputError(f"没有名为“{name}”的记录种类。")
    return found


__all__ = ["KINDS", "record_class"]
