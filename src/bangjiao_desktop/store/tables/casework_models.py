"""The tables of casework: handover, assistance, assessments, needs, placement, activities, publicity, attachments.

As in store.tables.models: every row has key, times, revision and a mark of deletion; what is about a person points to them.
"""

import uuid
from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bangjiao_desktop.store.tables.models import Base, Key, OfficeRow, PersonRow


class ReleaseNotice(PersonRow, Base):
    """What a prison told before the release, and its verification (预释放信息、通知书、核查、回执)."""

    __tablename__ = "release_notice"
    received_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str | None] = mapped_column(String(2))
    sender: Mapped[str] = mapped_column(String(100), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    planned_release_on: Mapped[date | None] = mapped_column(Date)
    verification: Mapped[str | None] = mapped_column(String(2))
    verified_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text, default="")
    receipt_on: Mapped[date | None] = mapped_column(Date)
    returned_to: Mapped[str] = mapped_column(String(100), default="")
    __table_args__ = (Index(None, "person_id", "received_on"), Index(None, "office_id", "received_on"))


class Escort(PersonRow, Base):
    """A mandatory escort (必接必送) and who took part."""

    __tablename__ = "escort"
    escorted_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(100), default="")
    staff: Mapped[str] = mapped_column(String(100), default="")
    relatives: Mapped[str] = mapped_column(String(100), default="")
    headcount: Mapped[int | None] = mapped_column(Integer)
    clock: Mapped[str] = mapped_column(String(20), default="")
    signed: Mapped[bool] = mapped_column(Boolean, default=False)
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "escorted_on"), Index(None, "office_id", "escorted_on"))


class HandoverStep(PersonRow, Base):
    """A step of the handover: village told, file made, agreement signed, absence reported (衔接事项)."""

    __tablename__ = "handover_step"
    done_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    worker: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index(None, "person_id", "kind", "done_on", "deleted_at"),
        Index(None, "office_id", "done_on"),
    )


class LostContact(PersonRow, Base):
    """A person missed (漏管) or lost from sight (脱管), until found."""

    __tablename__ = "lost_contact"
    found_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    last_seen: Mapped[str] = mapped_column(Text, default="")
    reported_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(String(2))
    __table_args__ = (Index(None, "person_id", "found_on"), Index(None, "office_id", "found_on"))


class Refusal(PersonRow, Base):
    """A person who declared that they do not want assistance (拒绝帮教), until they take it back."""

    __tablename__ = "refusal"
    refused_on: Mapped[date] = mapped_column(Date)
    written: Mapped[bool] = mapped_column(Boolean, default=False)
    village_told_on: Mapped[date | None] = mapped_column(Date)
    family_told_on: Mapped[date | None] = mapped_column(Date)
    asked_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_on: Mapped[date | None] = mapped_column(Date)
    worker: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "refused_on"), Index(None, "office_id", "refused_on"))


class DutyDecision(OfficeRow, Base):
    """What was decided about a duty instead of doing it (提醒处理): put off, or said not to apply."""

    __tablename__ = "duty_decision"
    person_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("person.id"))
    decided_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date] = mapped_column(Date)
    decision: Mapped[str] = mapped_column(String(2))
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    worker: Mapped[str] = mapped_column(String(50), default="")
    rule: Mapped[str] = mapped_column(String(60))
    counted_from: Mapped[str] = mapped_column(String(10))
    record_key: Mapped[str] = mapped_column(String(36), default="")
    __table_args__ = (Index(None, "person_id", "decided_on"), Index(None, "office_id", "decided_on"))


class SearchStep(PersonRow, Base):
    """A step in looking for somebody lost from sight (查找记录)."""

    __tablename__ = "search_step"
    searched_on: Mapped[date] = mapped_column(Date)
    way: Mapped[str] = mapped_column(String(100), default="")
    worker: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "searched_on"), Index(None, "office_id", "searched_on"))


class Transfer(PersonRow, Base):
    """A transfer between offices or districts, or a move within the district (转接、迁居)."""

    __tablename__ = "transfer"
    transferred_on: Mapped[date] = mapped_column(Date)
    direction: Mapped[str] = mapped_column(String(2))
    from_unit: Mapped[str] = mapped_column(String(100), default="")
    to_unit: Mapped[str] = mapped_column(String(100), default="")
    from_address: Mapped[str] = mapped_column(String(200), default="")
    to_address: Mapped[str] = mapped_column(String(200), default="")
    letter_number: Mapped[str] = mapped_column(String(60), default="")
    receipt_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str | None] = mapped_column(String(2))
    accepted_on: Mapped[date | None] = mapped_column(Date)
    accepted_by: Mapped[str] = mapped_column(String(50), default="", server_default="")
    return_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    __table_args__ = (Index(None, "person_id", "transferred_on"), Index(None, "office_id", "transferred_on"))


class Commission(PersonRow, Base):
    """Assistance commissioned to or by another district (委托帮教)."""

    __tablename__ = "commission"
    commissioned_on: Mapped[date] = mapped_column(Date)
    direction: Mapped[str] = mapped_column(String(2))
    counterpart: Mapped[str] = mapped_column(String(100), default="")
    lead: Mapped[str | None] = mapped_column(String(2))
    contact: Mapped[str] = mapped_column(String(60), default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    letter_number: Mapped[str] = mapped_column(String(60), default="")
    ended_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "commissioned_on"), Index(None, "office_id", "commissioned_on"))


class CommissionReport(PersonRow, Base):
    """Information returned for a commission, once a quarter (委托反馈)."""

    __tablename__ = "commission_report"
    reported_on: Mapped[date] = mapped_column(Date)
    period: Mapped[str] = mapped_column(String(10), default="")
    worker: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "reported_on"), Index(None, "office_id", "reported_on"))


class OfficeReport(OfficeRow, Base):
    """A report or list sent upwards (上报记录)."""

    __tablename__ = "office_report"
    filed_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    period: Mapped[str] = mapped_column(String(10), default="")
    worker: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (Index(None, "office_id", "filed_on"),)


class Pairing(PersonRow, Base):
    """A pairing with its agreement (帮教结对、责任书)."""

    __tablename__ = "pairing"
    signed_on: Mapped[date] = mapped_column(Date)
    helper: Mapped[str] = mapped_column(String(60), default="")
    helper_kind: Mapped[str | None] = mapped_column(String(2))
    telephone: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    ended_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "signed_on"), Index(None, "office_id", "signed_on"))


class Plan(PersonRow, Base):
    """A plan of assistance (帮教方案); `forms` are codes of support_form joined by commas."""

    __tablename__ = "plan"
    made_on: Mapped[date] = mapped_column(Date)
    goals: Mapped[str] = mapped_column(Text, default="")
    forms: Mapped[str] = mapped_column(String(20), default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    worker: Mapped[str] = mapped_column(String(50), default="")
    review_on: Mapped[date | None] = mapped_column(Date)
    review: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "person_id", "made_on"), Index(None, "office_id", "made_on"))


class Assessment(PersonRow, Base):
    """A filled assessment form (评估); `answers` is "item=points" joined by semicolons."""

    __tablename__ = "assessment"
    assessed_on: Mapped[date] = mapped_column(Date)
    form: Mapped[str] = mapped_column(String(60), default="")
    occasion: Mapped[str] = mapped_column(String(2))
    answers: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[int | None] = mapped_column(Integer)
    band: Mapped[str] = mapped_column(String(40), default="")
    assessor: Mapped[str] = mapped_column(String(50), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index(None, "person_id", "assessed_on", "deleted_at"),
        Index(None, "office_id", "assessed_on"),
    )


class KeyDecision(PersonRow, Base):
    """A decision whether somebody is a key person (重点认定)."""

    __tablename__ = "key_decision"
    decided_on: Mapped[date] = mapped_column(Date)
    criteria: Mapped[str] = mapped_column(String(300), default="")
    suggested: Mapped[str | None] = mapped_column(String(2))
    decision: Mapped[str] = mapped_column(String(2))
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(50), default="")
    __table_args__ = (Index(None, "person_id", "decided_on"), Index(None, "office_id", "decided_on"))


class Need(PersonRow, Base):
    """One of the four needs of a person and how far it is met (帮扶需求); one of a kind for each person."""

    __tablename__ = "need"
    kind: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(2))
    since_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index(None, "person_id", "since_on"),
        Index(None, "office_id", "since_on"),
        Index("uq_need_person_kind_live", "person_id", "kind", unique=True, sqlite_where=text("deleted_at IS NULL")),
    )


class NeedAction(PersonRow, Base):
    """Something done for a need (帮扶措施)."""

    __tablename__ = "need_action"
    acted_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    content: Mapped[str] = mapped_column(Text, default="")
    worker: Mapped[str] = mapped_column(String(50), default="")
    result: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (Index(None, "person_id", "acted_on"), Index(None, "office_id", "acted_on"))


class EmploymentService(PersonRow, Base):
    """Registration as unemployed, training, a job recommended (就业服务)."""

    __tablename__ = "employment_service"
    served_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    agency: Mapped[str] = mapped_column(String(100), default="")
    content: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (Index(None, "person_id", "served_on"), Index(None, "office_id", "served_on"))


class Host(OfficeRow, Base):
    """A transitional base or an employer who takes people (安置单位)."""

    __tablename__ = "host"
    name: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[str] = mapped_column(String(2))
    capacity: Mapped[int | None] = mapped_column(Integer)
    address: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    since_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index(None, "office_id"), Index(None, "name"))


class Participation(PersonRow, Base):
    """A person who took part in an activity (参加活动)."""

    __tablename__ = "participation"
    intent: Mapped[bool] = mapped_column(Boolean, default=False)
    employer: Mapped[str] = mapped_column(String(100), default="")
    content: Mapped[str] = mapped_column(String(200), default="")
    activity_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("activity.id"))
    __table_args__ = (Index(None, "person_id"), Index(None, "office_id"), Index(None, "activity_id"))


class MediationParty(PersonRow, Base):
    """A person whom a dispute is about (调解涉及人员)."""

    __tablename__ = "mediation_party"
    side: Mapped[str | None] = mapped_column(String(2))
    content: Mapped[str] = mapped_column(String(200), default="")
    mediation_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("mediation.id"))
    __table_args__ = (Index(None, "person_id"), Index(None, "office_id"), Index(None, "mediation_id"))


class StockMovement(OfficeRow, Base):
    """Cards, brochures or books that came into stock (宣传品入库)."""

    __tablename__ = "stock_movement"
    moved_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(100), default="")
    copies: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(100), default="")
    __table_args__ = (Index(None, "office_id", "moved_on"),)


class Attachment(PersonRow, Base):
    """A photo, scan or PDF kept with a person or one of their records; the content lies in `AttachmentContent`.

    `episode_id` is the release it was put with; where it is empty, its record or the day it was added tells it.
    """

    __tablename__ = "attachment"
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(Key)
    title: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(Integer)
    episode_id: Mapped[uuid.UUID | None] = mapped_column(Key, ForeignKey("episode.id"))
    __table_args__ = (Index(None, "person_id", "subject"), Index(None, "subject_id"))


class AttachmentContent(Base):
    """The bytes of an attachment, apart so that lists do not read them."""

    __tablename__ = "attachment_content"
    attachment_id: Mapped[uuid.UUID] = mapped_column(Key, ForeignKey("attachment.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
