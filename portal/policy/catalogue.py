"""Programs as frozen values. `loader.load()` makes them from the data folders, once, at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from portal.foundation.errors import NotFound
from portal.policy.form_definition import KINDS as KINDS
from portal.policy.form_definition import Condition as Condition
from portal.policy.form_definition import Field as Field
from portal.policy.form_definition import Form as Form
from portal.policy.form_definition import Option as Option
from portal.policy.form_definition import Step as Step

EVERYBODY = "everybody"


@dataclass(frozen=True)
class Source:
    """Where a rule stands. `confidence`: S V P M D, as in the facts; `note` when unverified."""

    document: str
    article: str = ""
    number: str = ""
    date: str = ""
    confidence: str = "D"
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """One sentence of the rules, and where it stands. `region`: only there; empty: everywhere.

    `who`: the relations of the form's members it speaks of, or everybody.
    """

    text: str
    source: Source
    region: str = ""
    who: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentRule:
    """材料要求. `need`: helpful (asked for, never blocking) · shared (the office checks itself)."""

    item: str
    title: str
    hint: str
    need: str
    when: Condition | None
    source: Source


@dataclass(frozen=True)
class Deadline:
    """办理时限. `days` null when no figure was published."""

    step: str
    title: str
    days: int | None
    unit: str
    counted_from: str
    source: Source
    region: str = ""
    kind: str = "limit"
    """limit (最迟) · duration (公示: at least so long, nothing moves on before)."""


@dataclass(frozen=True)
class Elsewhere:
    """另一处受理: `place` replaces the program's own place when `when` holds and both lie `within`."""

    place: str
    when: Condition
    within: str
    why: str
    source: Source


@dataclass(frozen=True)
class Household:
    """共同生活的家庭成员: counted · not counted · who may apply alone (单人户)."""

    counted: tuple[Rule, ...] = ()
    not_counted: tuple[Rule, ...] = ()
    single: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Income:
    """收入: counted · exempt (不计入) · deducted (扣减)."""

    counted: tuple[Rule, ...] = ()
    exempt: tuple[Rule, ...] = ()
    deducted: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Move:
    """办理环节: who does what next. `deadlines`: the steps of Program.deadlines that time it."""

    step: str
    title: str
    actor: str
    source: Source
    deadlines: tuple[str, ...] = ()
    region: str = ""


@dataclass(frozen=True)
class Track:
    """One kind of a program that has several, told whole."""

    key: str
    title: str
    short: str
    who: tuple[Rule, ...]
    procedure: tuple[Move, ...]
    benefit: tuple[Rule, ...]


@dataclass(frozen=True)
class Counter:
    """找谁: a place or a person to turn to, and what to say there."""

    name: str
    say: str
    source: Source
    phone: str = ""


@dataclass(frozen=True)
class Referral:
    """转介: only `fields` travel to `to`; with `consent`, only once that field is agreed to."""

    to: str
    fields: tuple[str, ...]
    source: Source
    consent: str = ""


@dataclass(frozen=True)
class Automatic:
    """不用申请: whoever `when` holds for gets it without applying."""

    when: Condition
    text: str
    source: Source


@dataclass(frozen=True)
class Amount:
    """标准: 分 a month or a year, in one place, from one day."""

    region: str
    program: str
    area: str
    item: str
    value: int | None
    period: str
    kind: str
    since: str
    source: Source
    changes_on: str = ""
    """The province's usual day of change, MM-DD: from then on a figure is last year's."""


@dataclass(frozen=True)
class Case:
    """An example: documentation, test and demonstration data at once."""

    name: str
    story: str
    answers: Mapping[str, Any]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Program:
    id: str
    title: str
    short: str
    summary: str
    entry: str
    routing: str
    """household_place (户籍地, or residence where opened) · emergency_place (急难发生地) ·
    living_place · empty without a form."""
    routing_why: str
    version: date
    form: Form
    documents: tuple[DocumentRule, ...]
    deadlines: tuple[Deadline, ...]
    sources: tuple[Source, ...]
    guide: str
    """guide.md, as written."""
    consent_needed: bool = True
    """Whether adults are asked to consent to the means check (not in an emergency)."""
    consent_when: Condition | None = None
    """… and when they are asked although `consent_needed` is false (临时救助: 支出型 only)."""
    cases: tuple[Case, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    form_note: str = ""
    """What to know about the form's own standing (ours, not an official list)."""
    review_by: date | None = None
    """The guide is to be read again against the sources by then."""
    department: str = ""
    """The office in charge, as people call it."""
    who_may_apply: tuple[Rule, ...] = ()
    household: Household = Household()
    income: Income = Income()
    tracks: tuple[Track, ...] = ()
    procedure: tuple[Move, ...] = ()
    benefit: tuple[Rule, ...] = ()
    afterwards: tuple[Rule, ...] = ()
    remedies: tuple[Rule, ...] = ()
    go_to: tuple[Counter, ...] = ()
    referral: Referral | None = None
    automatic: Automatic | None = None
    machine: str = "standard"
    """Which road of lifecycle.yaml its files go: standard · emergency · referral."""
    next_tier: str = ""
    """The program assessed by itself when this one is refused or stopped; empty: none."""

    @property
    def travels_alone(self) -> bool:
        """Whether it goes to others than offices and so is never filed along with anything."""
        return self.referral is not None and bool(self.referral.consent)

    @property
    def has_form(self) -> bool:
        """False where nothing is applied for here: the school or the hospital acts."""
        return bool(self.form.steps)


@dataclass(frozen=True)
class Catalogue:
    programs: Mapping[str, Program]
    amounts: tuple[Amount, ...] = field(default=())
    shared_sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By division: papers its offices look up themselves, and so never ask for (第62条)."""
    township_decides: Mapping[str, Source] = field(default_factory=dict)
    """By division: the province's rule that townships decide themselves (第44条); else counties."""

    def shared(self, path: str) -> frozenset[str]:
        """The papers looked up by the offices of a place like 430000/430900/430923."""
        here = [self.shared_sources.get(code, frozenset()) for code in path.split("/")]
        return frozenset().union(*here)

    def at(self, program_id: str, path: str | None) -> Program:
        """The program as the offices of a place carry it out: what they look up themselves is
        `shared` in its documents, so nobody asks for it (社会救助法 第62条). Raises NotFound."""
        program, ours = self.find(program_id), self.shared(path or "")
        if ours.isdisjoint(rule.item for rule in program.documents):
            return program
        papers = (
            replace(rule, need="shared") if rule.item in ours else rule
            for rule in program.documents
        )
        return replace(program, documents=tuple(papers))

    def ladder(self, program_id: str) -> tuple[str, ...]:
        """The tiers below a program, the next one first: 特困 → 低保, 低保边缘, 刚性支出困难."""
        below: list[str] = []
        following = self.find(program_id).next_tier
        while following:
            below.append(following)
            following = self.find(following).next_tier
        return tuple(below)

    def find(self, program_id: str) -> Program:
        """Raises NotFound."""
        program = self.programs.get(program_id)
        if program is None:
            raise NotFound("没有这个救助项目。请回到首页选择。")
        return program
