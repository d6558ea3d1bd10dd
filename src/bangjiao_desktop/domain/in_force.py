"""The definitions in force: those of the program, with the province's and then the bureau's own laid over them.

A text that this version of the program cannot read does not stop the others: the one below it stays in force, and
`Definitions.fault_of` says what is wrong.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from bangjiao_desktop.domain import assessments, cards, criteria_reader, definition_kinds, papers, sources, terms
from bangjiao_desktop.domain.assessments import AssessmentForm
from bangjiao_desktop.domain.cards import CardSheet
from bangjiao_desktop.domain.definition_kinds import KINDS, PrintDefaults, where_of
from bangjiao_desktop.domain.definitions.layers import BUILT_IN, BUREAU, PROVINCE, LayerText
from bangjiao_desktop.domain.definitions.pieces import Piece
from bangjiao_desktop.domain.definitions.reader import read
from bangjiao_desktop.domain.duties import DutyRule
from bangjiao_desktop.domain.duty_reader import laid_over, rule_pieces, shipped_pieces
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.form_reader import built_in_forms, read_form
from bangjiao_desktop.domain.forms import FormDefinition
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.domain.papers import Paper
from bangjiao_desktop.domain.sources import Source
from bangjiao_desktop.domain.terms import TermRule

T = TypeVar("T")
_UPWARDS = {PROVINCE: 1, BUREAU: 2}


@dataclass(frozen=True)
class Entry:
    """A definition and where it stands.

    Attributes:
        kind, key: of what.
        layer: the uppermost that tells it: BUILT_IN, PROVINCE or BUREAU.
        text: as that layer tells it.
        below: the text of the layer below, None if there is none.
        title: what people call it.
        pack: the province pack it came with.
        fault: why the uppermost text is not in force, a sentence; else empty.
        kept: the row of the uppermost text, None for a built-in one.
    """

    kind: str
    key: str
    layer: str
    text: str
    below: str | None
    title: str
    pack: str = ""
    fault: str = ""
    kept: LayerText | None = None


class Definitions:
    """What is in force; each kind is read when it is first asked for.

    Args:
        kept: what the ledger keeps.
        province: first two digits of the bureau's division code.
    """

    def __init__(self, kept: Iterable[LayerText] = (), province: str = "") -> None:
        self.kept = tuple(sorted(kept, key=lambda one: _UPWARDS[one.layer]))
        self.province = province

    def layers(self, kind: str) -> dict[str, list[LayerText]]:
        """Return the kept texts of a kind by key, the lower layers first."""
        found: dict[str, list[LayerText]] = {}
        for one in self.kept:
            if one.kind == kind:
                found.setdefault(one.key, []).append(one)
        return found

    def entries(self, kind: str) -> list[Entry]:
        """Return the definitions of a kind: the shipped ones in their order, then those added."""
        shipped, kept = KINDS[kind].shipped(self.province), self.layers(kind)
        return [self._entry(kind, key, shipped.get(key), kept.get(key, [])) for key in dict.fromkeys([*shipped, *kept])]

    def entry(self, kind: str, key: str) -> Entry | None:
        """Return a definition, None if there is none."""
        shipped, kept = KINDS[kind].shipped(self.province).get(key), self.layers(kind).get(key, [])
        return None if shipped is None and not kept else self._entry(kind, key, shipped, kept)

    def _entry(self, kind: str, key: str, shipped: str | None, kept: Sequence[LayerText]) -> Entry:
        title, fault = key, ""
        texts = [*([] if shipped is None else [shipped]), *(one.text for one in kept)]
        for text in texts:
            try:
                title, fault = self.check(kind, key, text), ""
            except KnownError as error:
                fault = error.message
        below = texts[-2] if len(texts) > 1 else None
        if not kept:
            return Entry(kind, key, BUILT_IN, texts[-1], below, title, fault=fault)
        top = kept[-1]
        return Entry(kind, key, top.layer, top.text, below, title, top.pack, fault, top)

    def below_bureau(self, kind: str, key: str) -> str | None:
        """Return the text that holds where the bureau has none of its own, None if there is none."""
        kept = [one.text for one in self.layers(kind).get(key, []) if one.layer != BUREAU]
        return kept[-1] if kept else KINDS[kind].shipped(self.province).get(key)

    def check(self, kind: str, key: str, text: str) -> str:
        """Return what a text of a kind is called.

        Raises:
            DefinitionError, InvalidInputError: it is wrong; names file and line.
        """
        if kind == definition_kinds.DUTY:
            return self._check_duty(key, text)
        return _checked(kind, key, text)

    def _check_duty(self, key: str, text: str) -> str:
        own = rule_pieces(text, where_of(definition_kinds.DUTY, key))
        if [piece.key for piece in own] != [key]:
            raise own[-1].fault(f"应只写一条规则，kind 和 risk 保持“{key}”。")
        below = [one for one in shipped_pieces(self.province) if one.key == key]
        for one in self.layers(definition_kinds.DUTY).get(key, []):
            if one.layer == PROVINCE and one.text != text:
                below += [piece for piece in rule_pieces(one.text, where_of(one.kind, key)) if piece.key == key]
        return laid_over([*below, *own]).title

    def _read(self, kind: str, built_in: Mapping[str, T], reader: Callable[[str, str, str], T]) -> dict[str, T]:
        """Key → definition, of each the uppermost that reads."""
        found = dict(built_in)
        for key, texts in self.layers(kind).items():
            for one in reversed(texts):
                try:
                    found[key] = reader(one.text, key, where_of(kind, key))
                except KnownError:
                    continue
                break
        return found

    @cached_property
    def forms(self) -> dict[str, FormDefinition]:
        """The forms by number; one that does not read as its uppermost layer tells it is left out."""
        found = {form.number: form for form in built_in_forms()}
        for number, texts in self.layers(definition_kinds.FORM).items():
            try:
                found[number] = _form(texts[-1].text, number)
            except KnownError:
                found.pop(number, None)
        return found

    @cached_property
    def duty_rules(self) -> tuple[DutyRule, ...]:
        """The rules of duties."""
        return tuple(laid_over(stack) for stack in self._duty_stacks(PROVINCE, BUREAU).values())

    def duty_below_bureau(self, key: str) -> DutyRule | None:
        """Return a rule as it holds where the bureau says nothing of its own, None if there is none."""
        stack = self._duty_stacks(PROVINCE).get(key)
        return None if stack is None else laid_over(stack)

    def _duty_stacks(self, *layers: str) -> dict[str, list[Piece]]:
        """The texts of each rule that read, the shipped ones lowest, with those of the layers named."""
        stacks: dict[str, list[Piece]] = {}
        for piece in shipped_pieces(self.province):
            stacks.setdefault(piece.key, []).append(piece)
        for key, texts in self.layers(definition_kinds.DUTY).items():
            for one in (text for text in texts if text.layer in layers):
                try:
                    own = [piece for piece in rule_pieces(one.text, where_of(one.kind, key)) if piece.key == key]
                    stack = [*stacks.get(key, []), *own]
                    laid_over(stack)
                except KnownError:
                    continue
                stacks[key] = stack
        return stacks

    @cached_property
    def terms(self) -> dict[str, TermRule]:
        """The assistance terms by category."""
        return self._read(
            definition_kinds.TERMS, {"terms": terms.term_rules()}, lambda text, _, where: terms.read_terms(text, where)
        )["terms"]

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of key persons."""
        return self._read(
            definition_kinds.CRITERIA, {"key_person": criteria_reader.criteria()},
            lambda text, _, where: criteria_reader.read_criteria(text, where),
        )["key_person"]  # fmt: skip

    @cached_property
    def assessments(self) -> tuple[AssessmentForm, ...]:
        """The assessment forms in their order."""
        shipped = {form.key: form for form in assessments.assessment_forms()}
        return assessments.in_order(self._read(definition_kinds.ASSESSMENT, shipped, assessments.read_form).values())

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        """The papers of a dossier in their order."""
        shipped = {paper.key: paper for paper in papers.dossier_papers()}
        return papers.in_order(self._read(definition_kinds.PAPER, shipped, papers.read_paper).values())

    @cached_property
    def letters(self) -> tuple[Paper, ...]:
        """The official letters in their order."""
        shipped = {paper.key: paper for paper in papers.letters()}
        return papers.in_order(self._read(definition_kinds.LETTER, shipped, papers.read_paper).values())

    @cached_property
    def card_sheets(self) -> dict[str, CardSheet]:
        """The sheets of cards by name."""
        return self._read(
            definition_kinds.SHEET, cards.card_sheets(), lambda text, _, where: cards.read_sheets(text, where)[0]
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The kinds of lists that come in."""
        shipped = dict(zip(KINDS[definition_kinds.SOURCE].shipped(""), sources.shipped_sources(), strict=True))
        return tuple(self._read(definition_kinds.SOURCE, shipped, sources.read_source).values())

    @cached_property
    def brochure(self) -> dict[str, str]:
        """The sections of the brochure: name → Markdown, in their order."""
        found = dict(KINDS[definition_kinds.BROCHURE].shipped(""))
        for name, texts in self.layers(definition_kinds.BROCHURE).items():
            if name in found:
                found[name] = texts[-1].text
        return found

    @cached_property
    def print_defaults(self) -> PrintDefaults:
        """What the office wants on its papers."""
        return self._read(
            definition_kinds.PRINT,
            {"defaults": PrintDefaults()},
            lambda text, _, where: read(text, where, PrintDefaults).value,
        )["defaults"]


@lru_cache(maxsize=512)
def _checked(kind: str, key: str, text: str) -> str:
    return KINDS[kind].check(text, key, where_of(kind, key))


@lru_cache(maxsize=64)
def _form(text: str, number: str) -> FormDefinition:
    return read_form(text, f"{number}.toml")
