"""一人一档: what stands in the ledger about one person, filled into the papers of the dossier and into letters."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from bangjiao_desktop.domain.attachments import attachment_episode
from bangjiao_desktop.domain.codes import division_name
from bangjiao_desktop.domain.dates import age_on
from bangjiao_desktop.domain.errors import InvalidInputError
from bangjiao_desktop.domain.kinds.assessment import Assessment
from bangjiao_desktop.domain.kinds.commission import Commission
from bangjiao_desktop.domain.kinds.episode import Episode, episode_of
from bangjiao_desktop.domain.kinds.person import ListedPerson
from bangjiao_desktop.domain.kinds.placement import Placement
from bangjiao_desktop.domain.kinds.record import Record
from bangjiao_desktop.domain.layout import Column, cell_text, kind_of, ledger_kinds
from bangjiao_desktop.domain.letters import Address, Envelope
from bangjiao_desktop.domain.papers import Filling, Paper, paper_date
from bangjiao_desktop.domain.rates import yuan
from bangjiao_desktop.domain.roles import Permission
from bangjiao_desktop.domain.search import search_text
from bangjiao_desktop.domain.sight import mask_numbers
from bangjiao_desktop.domain.text import mask_identity_number, mask_telephone
from bangjiao_desktop.domain.withheld import OF_PERSON, WITHHELD, open_records
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.permissions import needs
from bangjiao_desktop.services.base.progress import Progress, silent
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.base.sight import note_withheld, require_withheld, sight_of
from bangjiao_desktop.store.reads import attachments, episodes, ledger, reads, records
from bangjiao_desktop.store.writes.writer import Writer

if TYPE_CHECKING:
    from bangjiao_desktop.documents.dossier import Binding, BoundPaper
    from bangjiao_desktop.documents.setting.canvas import Watermark

_ANSWER = re.compile(r"(.+?)=(.+)\((-?\d+)\)")
# Kinds of which a paper shows the latest record.
_WRITTEN = ("text", "note", "name")
EACH = 0
"""A file of each release."""
_SINGLE = ("release_notice", "escort", "pairing", "commission", "register_change", "placement")


@dataclass(frozen=True)
class DossierOptions:
    """What is printed of a dossier.

    Attributes:
        papers: keys of the papers; None for all.
        catalogue: 卷内目录 in front.
        scans: bind in scanned attachments.
        masked: hide the middle of identity numbers and telephones.
        first, last: only records of these days get papers of their own (走访谈话记录 and the like).
        episode: which release (帮教期次) the file is of, 1, 2, …; None for the latest, EACH for a file of each.
        withheld: what the law seals of itself, too (domain.withheld), for those with authority; audited.
    """

    papers: tuple[str, ...] | None = None
    catalogue: bool = True
    scans: bool = True
    masked: bool = False
    first: date | None = None
    last: date | None = None
    episode: int | None = None
    withheld: bool = False

    def wants(self, day: date | None) -> bool:
        """Tell whether a record of this day gets a paper of its own; one without a day only where all do."""
        if day is None:
            return self.first is None and self.last is None
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@needs(Permission.PRINT)
def person_by_number(session: Session, identity_number: str) -> uuid.UUID:
    """Return the key of the person with an identity number.

    A sealed file that must not be seen is answered exactly as a number that is not there; asking in vain is audited.

    Raises:
        InvalidInputError: there is nobody.
    """
    wanted = search_text(identity_number).upper()
    with session.ledger.read() as connection:
        found = reads.person_by_number(connection, sight_of(session), wanted)
    if found is None:
        with session.ledger.write() as connection:
            Writer(connection, session.user).act("look_up", "people", {"rows": 0})
        raise InvalidInputError(f"台账中没有公民身份号码为 {mask_identity_number(wanted)} 的人。")
    assert found.id is not None  # the ledger has it
    return found.id


@needs(Permission.PRINT)
def dossier(
    session: Session, person_id: uuid.UUID, options: DossierOptions = DossierOptions(), *,
    watermark: "Watermark | None" = None, on: date | None = None,
) -> "Binding":  # fmt: skip
    """Return a person's dossier as one PDF (see `dossiers`)."""
    return dossiers(session, [person_id], options, watermark=watermark, on=on)


@needs(Permission.PRINT)
def dossiers(
    session: Session, people: Sequence[uuid.UUID], options: DossierOptions = DossierOptions(), *,
    watermark: "Watermark | None" = None, on: date | None = None, progress: Progress = silent,
) -> "Binding":  # fmt: skip
    """Return the dossiers of several people as one PDF, each with its own catalogue and page numbers.

    Args:
        session: who prints.
        people: whose.
        options: which papers.
        watermark: laid over every page.
        on: the day of the papers; default today.
        progress: told of the work.

    Raises:
        InvalidInputError: somebody is gone, or no such paper.
        NotPermittedError: a file is sealed.
    """
    from bangjiao_desktop.documents.dossier import draw_dossiers  # ReportLab is loaded only to print

    if options.withheld:
        require_withheld(session)
    if options.papers == ():
        raise InvalidInputError("一种文书也没有选。")
    in_order = in_force(session).papers
    unknown = set(options.papers or ()) - {paper.key for paper in in_order}
    if unknown:
        raise InvalidInputError(f"没有名为“{'、'.join(sorted(unknown))}”的文书。")
    chosen = [paper for paper in in_order if options.papers is None or paper.key in options.papers]
    made: list[tuple[list[BoundPaper], Filling]] = []
    for place, person in enumerate(people):
        progress(0.5 * place / len(people), f"第 {place + 1} 人，共 {len(people)} 人")
        made.extend(
            ([one for paper in chosen for one in _bound(session, known, paper, options)], known.filling)
            for known in _each(
                session, person, options.masked, on or session.today(), options.episode, withheld=options.withheld
            )
        )
    progress(0.5, "排版")
    return draw_dossiers(made, catalogue=options.catalogue, watermark=watermark)


@needs(Permission.PRINT)
def letter(
    session: Session, people: Sequence[uuid.UUID], key: str, *, red_head: bool = False, masked: bool = False,
    watermark: "Watermark | None" = None, on: date | None = None, episode: int | None = None,
) -> "Binding":  # fmt: skip
    """Return letters of one kind, one for each person; of which release, as `DossierOptions.episode`.

    Raises:
        InvalidInputError: no such letter or release, nobody, or somebody is gone.
        NotPermittedError: a file is sealed.
    """
    from bangjiao_desktop.documents.dossier import BoundPaper, draw_letters

    letters = in_force(session).letters
    paper = next((one for one in letters if one.key == key), None)
    if paper is None:
        raise InvalidInputError(f"没有名为“{key}”的函件。可用：{'、'.join(one.key for one in letters)}。")
    if not people:
        raise InvalidInputError("请先选择人员。")
    day = on or session.today()
    known = [one for person in people for one in _each(session, person, masked, day, episode)]
    return draw_letters([BoundPaper(paper, one.filling) for one in known], red_head=red_head, watermark=watermark)


@needs(Permission.PRINT)
def envelopes(
    session: Session, people: Sequence[uuid.UUID], size: str = "DL", *, squares: bool = True
) -> tuple[bytes, int]:
    """Return envelopes to the units that people are commissioned to; return the PDF and how many there are.

    Raises:
        InvalidInputError: no such size, or none of the people has a commission.
    """
    from bangjiao_desktop.documents.envelopes import draw_envelopes

    found: list[Envelope] = []
    for person in people:
        known = _Known(session, person, masked=True, on=session.today())
        commission = known.latest("commission")
        if not isinstance(commission, Commission) or not commission.counterpart:
            continue
        text = known.filling.text
        sender = Address(text("office.name"), text("office.address"), text("office.post_code"))
        found.append(Envelope(Address(commission.counterpart, person=commission.contact), sender))
    unique = list(dict.fromkeys(found))
    return draw_envelopes(unique, size, squares=squares), len(unique)


def _each(
    session: Session, person_id: uuid.UUID, masked: bool, on: date, episode: int | None, *, withheld: bool = False
) -> Iterator["_Known"]:  # fmt: skip
    """The person with the release that is wanted, or with each of them."""
    if withheld:
        note_withheld(session, person_id)
    first = _Known(session, person_id, masked, on, 1 if episode == EACH else episode, withheld=withheld)
    yield first
    if episode == EACH:
        for number in range(2, first.releases + 1):
            yield _Known(session, person_id, masked, on, number, withheld=withheld)


class _Known:
    """Everything the ledger knows of one person and one of their releases, as the papers want it.

    Args:
        session: the user's.
        person_id: whose.
        masked: hide the middle of numbers.
        on: the day of the papers.
        episode: number of the release; None for the latest.
        withheld: what the law seals of itself, too (domain.withheld).

    Raises:
        InvalidInputError: the person is gone, or has no such release.
    """

    def __init__(
        self, session: Session, person_id: uuid.UUID, masked: bool, on: date, episode: int | None = None,
        *, withheld: bool = False,
    ) -> None:  # fmt: skip
        # who may not see whole numbers on the screen does not get them on paper
        self.id, self._on = person_id, on
        self._masked = masked or not session.may(Permission.SHOW_NUMBERS)
        with session.ledger.read() as connection:
            sight = sight_of(session)
            person = ledger.person_row(connection, sight, person_id, on)
            if person is None:
                raise InvalidInputError("这个人已不在台账中。")
            kinds = [sheet.key for sheet in ledger_kinds() if sheet.personal]
            self.records = reads.records_of(connection, sight, person_id, kinds)
            self._withheld = withheld
            if not withheld:
                self.records = {kind: open_records(found) for kind, found in self.records.items()}
            self.attachments = attachments.listed(connection, sight, person_id)
            self.person = self._narrowed(episodes.episodes_of(connection, sight, person), person, episode)
            for model, found in self.records.items():
                if kind_of(model).day:
                    found.sort(key=lambda one: (one.day or date.min, one.id))
            office = next(row for row in records.offices(connection) if row["id"] == self.person.office_id)
            bureau = records.bureau(connection)
            photo = attachments.photo(connection, sight, person_id)
        self.filling = Filling(self._fields(session, office, bureau), self._lists(), photo)

    def _narrowed(self, found: list[Episode], person: ListedPerson, wanted: int | None) -> ListedPerson:
        """The person as the wanted release has them; records and attachments of the others are left out."""
        self.releases = len(found)
        number = wanted or self.releases
        if number > max(1, self.releases):
            raise InvalidInputError(f"{person.name}没有第{number}期帮教（共 {self.releases} 期），请重新选择期次。")
        if self.releases < 2:
            return person
        own = found[number - 1]
        every = {one.id: episode_of(one, found) for some in self.records.values() for one in some if one.id is not None}
        self.records = {
            model: [one for one in some if one.id is not None and every[one.id] in (None, own)]
            for model, some in self.records.items()
        }
        self.attachments = [one for one in self.attachments if attachment_episode(one, found, every) in (None, own)]
        return episodes.in_release(person, own)

    def latest(self, kind: str) -> Record | None:
        """Return the last record of a kind, None if there is none."""
        found = self.records[kind]
        return found[-1] if found else None

    def texts(self, record: Record) -> dict[str, str]:
        """Return a record's fields as they stand on paper."""
        values = record.values()
        return {
            column.field: self._text(column, values.get(column.field)) for column in kind_of(record.KIND.name).columns
        }

    def _fields(self, session: Session, office: Mapping[str, Any], bureau: Mapping[str, Any]) -> dict[str, str]:
        person = self.person
        found = {f"person.{name}": text for name, text in self.texts(person).items()}
        if not self._withheld:
            found[f"person.{OF_PERSON}"] = WITHHELD
        found |= {
            "today": paper_date(self._on), "user": session.user, "bureau.name": bureau["name"],
            **{f"office.{name}": str(office[name]) for name in ("name", "telephone", "address", "post_code")},
            "person.age": _age(person.birth_date, self._on), "person.term_end": paper_date(person.term_end),
            "person.office": office["name"],
            "person.episode": f"第{person.episode_number}期" if self.releases > 1 else "",
            "person.household": self.shown(_address(person.household_place, person.household_address)),
            "person.residence": self.shown(_address(person.residence_place, person.residence_address)),
        }  # fmt: skip
        day = self._on if person.changed_on is None else min(self._on, person.changed_on)
        placed = [
            one for one in self.records["placement"]
            if isinstance(one, Placement) and (one.ended_on is None or one.ended_on > day)
        ]  # fmt: skip
        found["person.placement"] = self.texts(placed[-1])["kind"] if placed else ""
        for model in _SINGLE:
            record = self.latest(model)
            if record is not None:
                found |= {f"{model}.{name}": text for name, text in self.texts(record).items()}
        return found

    def _lists(self) -> dict[str, list[dict[str, str]]]:
        return {model: [self.texts(one) for one in found] for model, found in self.records.items()}

    def _text(self, column: Column, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, date):
            return paper_date(value)
        if column.type == "money":
            return f"{yuan(value):,}"
        if self._masked and column.type == "identity":
            return mask_identity_number(str(value))
        if self._masked and column.type == "telephone":
            return mask_telephone(str(value))
        text = cell_text(column, value)
        return mask_numbers(text) if self._masked and column.type in _WRITTEN else text

    def shown(self, text: str) -> str:
        """Return a text as it stands on paper: its long numbers masked where that is asked for."""
        return mask_numbers(text) if self._masked else text


def _bound(session: Session, known: _Known, paper: Paper, options: DossierOptions) -> list["BoundPaper"]:
    """The papers of one kind: one for each record where it repeats, a blank one where there is none."""
    from bangjiao_desktop.documents.dossier import BoundPaper

    if not paper.repeat:
        first = next((known.latest(model) for model in paper.attachments if known.records.get(model)), None)
        day = paper_date(_day(paper.attachments[0], first)) if first else ""
        return [BoundPaper(paper, known.filling, day, _scans(session, known, paper, None, options))]
    records = [one for one in known.records[paper.repeat] if options.wants(one.day)]
    found: list[BoundPaper] = []
    for place, record in enumerate(records):
        filling = known.filling.record(known.texts(record))
        if isinstance(record, Assessment):
            filling = _with_answers(filling, known.shown(record.answers))
        scans = _scans(session, known, paper, record.id, options, rest=place == len(records) - 1)
        found.append(BoundPaper(paper, filling, paper_date(record.day), scans))
    return found or [BoundPaper(paper, known.filling, "", _scans(session, known, paper, None, options))]


def _day(kind: str, record: Record) -> date | None:
    found = None if kind_of(kind).of_people else record.values().get(kind_of(kind).day)
    return found if isinstance(found, date) else None


def _with_answers(filling: Filling, kept: str) -> Filling:
    """The questions of a filled assessment with what was answered, as they are kept: “前科情况=初犯(0)；…”."""
    found = [_ANSWER.fullmatch(part) for part in kept.split("；")]
    answers = [{"text": one[1], "choice": one[2], "points": one[3]} for one in found if one]
    return Filling(filling.fields, {**filling.lists, "answers": answers}, filling.photo)


def _scans(
    session: Session, known: _Known, paper: Paper, record: uuid.UUID | None, options: DossierOptions, *,
    rest: bool = True,
) -> tuple[Any, ...]:  # fmt: skip
    """Attachments that belong behind a paper: those of its record, and with its last paper those of other kinds."""
    from bangjiao_desktop.documents.dossier import Scan

    if not options.scans:
        return ()
    chosen = []
    for row in reversed(known.attachments):
        if row.subject not in paper.attachments:
            continue
        own = row.subject == paper.repeat
        if (own and (record is None or row.subject_id == record)) or (not own and rest):
            chosen.append(row)
    # read one after the other when they are bound: together they may be larger than memory
    return tuple(Scan(known.shown(row.title), row.media_type, partial(_content, session, row.id)) for row in chosen)


def _content(session: Session, identifier: uuid.UUID) -> bytes:
    with session.ledger.read() as connection:
        found = attachments.content(connection, sight_of(session), identifier)
    if found is None:
        raise InvalidInputError("这个附件的内容缺失。")
    return found


def _age(born: date | None, on: date) -> str:
    return "" if born is None else str(age_on(born, on))


def _address(place: str, detail: str) -> str:
    """A division and what is below it as one address; a code becomes its name."""
    name = (division_name(place) if place.isdigit() else place) or place
    return detail if detail.startswith(name) else f"{name}{detail}"
