"""One walk through the forms of several programs: each question once, by topic."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.filing import questions
from portal.policy import conditions
from portal.policy.catalogue import Condition, Field, Program, Step


@dataclass(frozen=True)
class Page:
    """One screen. `asks`: for each field the programs that ask it; `owner` asked it first, and
    in its answers the conditions are looked at. `apart`: names that mean different questions
    in different forms."""

    key: str
    title: str
    lead: str
    owner: str
    fields: tuple[Field, ...]
    asks: Mapping[str, tuple[str, ...]]
    apart: frozenset[str] = frozenset()

    @property
    def programs(self) -> tuple[str, ...]:
        """All that ask something here, in the order of the walk."""
        return tuple(dict.fromkeys(p for name in self.asks for p in self.asks[name]))


@dataclass
class _Question:
    """One question and the forms it stands in."""

    drawn_as: Field
    programs: list[str] = field(default_factory=list)
    whens: list[Condition | None] = field(default_factory=list)

    def add(self, program: str, asked: Field) -> None:
        self.programs.append(program)
        self.whens.append(asked.when)
        if questions.is_wider(asked, self.drawn_as):
            self.drawn_as = asked

    def drawn(self) -> Field:
        """Asked when any of its programs asks it."""
        if any(when is None for when in self.whens):
            return replace(self.drawn_as, when=None)
        different = [w for n, w in enumerate(self.whens) if w not in self.whens[:n]]
        return replace(
            self.drawn_as, when=different[0] if len(different) == 1 else {"any": different}
        )


@dataclass
class _Draft:
    """A page being put together."""

    key: str
    step: Step
    owner: str
    asked: list[_Question] = field(default_factory=list)


def pages(programs: Sequence[Program], *, known: Collection[str] = ()) -> list[Page]:
    """The pages for these programs, in the order of the longest form; `known`: names of
    questions nobody has to answer any more (a status already recognised, 社会救助法 第42条).

    Questions of one name that differ in words stay apart, each on a page of its program.
    """
    ordered = sorted(programs, key=lambda p: -len(p.form.steps))
    asked = _questions(ordered)
    drafts: list[_Draft] = []
    for program in ordered:
        for number, step in enumerate(program.form.steps):
            _place(drafts, program, number, step, asked)
    apart = frozenset(name for name, group in asked.items() if len(group) > 1)
    found = [_page(draft, known, apart) for draft in drafts]
    return [page for page in found if page.fields]


def open_pages(found: Sequence[Page], answers: Mapping[str, Mapping[str, Any]]) -> list[Page]:
    """Those with at least one question that applies. `answers` by program."""
    return [
        page
        for page in found
        if any(conditions.holds(f.when, context(page, answers)) for f in page.fields)
    ]


def context(page: Page, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The answers it shows and its conditions look at: its owner's, and those of the others to
    the same questions."""
    known: dict[str, Any] = {}
    for program in [*(p for p in answers if p != page.owner), page.owner]:
        for name, value in answers.get(program, {}).items():
            asks = page.asks.get(name, (program,) if name not in page.apart else (page.owner,))
            if program in asks:
                known[name] = value
    return known


def _questions(programs: Sequence[Program]) -> dict[str, list[_Question]]:
    found: dict[str, list[_Question]] = {}
    for program in programs:
        for asked in program.form.fields:
            group = found.setdefault(asked.name, [])
            same = next((q for q in group if questions.is_same(q.drawn_as, asked)), None)
            if same is None:
                group.append(same := _Question(asked))
            same.add(program.id, asked)
    return found


def _place(
    drafts: list[_Draft],
    program: Program,
    number: int,
    step: Step,
    asked: Mapping[str, list[_Question]],
) -> None:
    """Put what no earlier page asks where this step belongs."""
    placed = {id(question) for draft in drafts for question in draft.asked}
    here = [_of(asked[f.name], program.id) for f in step.fields]
    new = [question for question in here if id(question) not in placed]
    if not new:
        return
    draft = _shared(drafts, step, asked)
    if draft is None:
        taken = any(draft.key == step.key for draft in drafts)
        draft = _Draft(f"{step.key}-{program.id}" if taken else step.key, step, program.id)
        drafts.insert(_where(drafts, program, number), draft)
    draft.asked += new


def _of(group: Sequence[_Question], program: str) -> _Question:
    return next(question for question in group if program in question.programs)


def _shared(
    drafts: Sequence[_Draft], step: Step, asked: Mapping[str, list[_Question]]
) -> _Draft | None:
    """The page of the same topic, unless one of the names is asked in two ways."""
    looked_at = {n for f in step.fields for n in (f.name, *conditions.names(f.when))}
    if any(len(asked[name]) > 1 for name in looked_at):
        return None
    return next((draft for draft in drafts if draft.key == step.key), None)


def _where(drafts: Sequence[_Draft], program: Program, number: int) -> int:
    """Before the page of the next topic of this form that is there already; else at the end."""
    following = [step.key for step in program.form.steps[number + 1 :]]
    places = {draft.key: place for place, draft in enumerate(drafts)}
    return next((places[key] for key in following if key in places), len(drafts))


def _page(draft: _Draft, known: Collection[str], apart: frozenset[str]) -> Page:
    asked = [question for question in draft.asked if question.drawn_as.name not in known]
    return Page(
        draft.key, draft.step.title, draft.step.lead, draft.owner,
        tuple(question.drawn() for question in asked),
        {question.drawn_as.name: tuple(question.programs) for question in asked}, apart,
    )  # fmt: skip
