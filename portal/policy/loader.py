"""Reads the programs and the amounts once, at start, and refuses a wrong file."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from portal.policy import checks, citing, rules
from portal.policy.amounts import KINDS as AMOUNT_KINDS
from portal.policy.catalogue import (
    Amount,
    Case,
    Catalogue,
    Deadline,
    DocumentRule,
    Elsewhere,
    Program,
    Source,
)
from portal.policy.citing import Sources, source
from portal.policy.forms import read_form
from portal.policy.lifecycle import MACHINES
from portal.policy.reading import Node, WrongProgram, read_yaml

__all__ = ["WrongProgram", "load"]

FOLDER = Path(__file__).parent
ENTRIES = (
    "here", "here_or_housing", "emergency_place", "school", "hospital", "rescue_station",
    "automatic",
)  # fmt: skip
UNITS = ("hour", "day", "workday", "month", "calendar_month")
_LAW = "社会救助法"
_DELEGATED = "township_decides"
_DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d)")

_PROGRAM = (
    "id", "title", "short", "summary", "department", "entry", "version", "review_by",
    "routing_why", "sources", "legal_basis", "who_may_apply", "procedure", "benefit",
    "remedies", "documents", "deadlines",
)  # fmt: skip
_PROGRAM_MORE = (
    "routing", "steps", "consent_needed", "consent_when", "form_note", "elsewhere", "household",
    "income", "tracks", "afterwards", "go_to", "referral", "automatic", "machine",
    "next_tier",
)  # fmt: skip


def load(folder: Path = FOLDER) -> Catalogue:
    """Every program of `folder`/programs and every amount of `folder`/places.

    Raises WrongProgram with the file, the place in it and the reason.
    """
    paths = {p.name: p for p in sorted((folder / "programs").iterdir()) if _is_program(p)}
    programs = {name: _program(path) for name, path in paths.items()}
    _check_ladder(folder, programs)
    places = [_place(file) for file in sorted((folder / "places").glob("*.yaml"))]
    changes = {p.text("region")[:2]: p.text("changes_on") for p in places if p.has("changes_on")}
    items = {rule.item for program in programs.values() for rule in program.documents}
    return Catalogue(
        programs,
        tuple(a for place in places for a in _amounts(place, programs, changes)),
        {place.text("region"): _shared(place, items) for place in places},
        {place.text("region"): _delegated(place) for place in places if place.has(_DELEGATED)},
    )


def _check_ladder(folder: Path, programs: Mapping[str, Program]) -> None:
    """Every next tier is another program with a form, and no ladder leads back."""
    for program in programs.values():
        seen, here = [program.id], program.next_tier
        while here:
            file = folder / "programs" / seen[-1] / "program.yaml"
            if here in seen or here not in programs or not programs[here].has_form:
                raise WrongProgram(file, "next_tier", f"{here!r} cannot follow {seen[-1]}")
            seen.append(here)
            here = programs[here].next_tier


def _is_program(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(("_", "."))


def _program(folder: Path) -> Program:
    node = read_yaml(folder / "program.yaml").only(_PROGRAM, _PROGRAM_MORE)
    if node.text("id") != folder.name:
        raise node.wrong(f"must be the name of the folder, {folder.name}", "id")
    known = citing.sources(node)
    program = Program(
        id=folder.name,
        title=node.text("title"),
        short=node.text("short"),
        summary=node.text("summary"),
        entry=node.word("entry", ENTRIES),
        routing=node.text("routing", ""),
        routing_why=node.text("routing_why"),
        version=node.day("version"),
        form=read_form(node, folder.parent / "_parts"),
        documents=tuple(_document(d, known) for d in node.each("documents")),
        deadlines=tuple(_deadline(d, known) for d in node.each("deadlines")),
        sources=tuple(source(s, known) for s in node.each("legal_basis")),
        guide=_guide(folder / "guide.md"),
        consent_needed=node.flag("consent_needed", default=True),
        consent_when=checks.condition(node, "consent_when"),
        cases=tuple(_cases(folder / "cases.yaml")),
        elsewhere=tuple(_elsewhere(e, known) for e in node.each("elsewhere")),
        form_note=node.text("form_note", ""),
        machine=node.word("machine", MACHINES, "standard"),
    )
    program = _with_rules(program, node, known)
    _check_law(node, program)
    checks.check(node, folder / "cases.yaml", program)
    return program


def _with_rules(program: Program, node: Node, known: Sources) -> Program:
    """The same program, with what it says beside its form."""
    return replace(
        program,
        review_by=node.day("review_by"),
        department=node.text("department"),
        who_may_apply=citing.rules(node, "who_may_apply", known),
        household=rules.household(node, known),
        income=rules.income(node, known),
        tracks=rules.tracks(node, known),
        procedure=rules.procedure(node, known),
        benefit=citing.rules(node, "benefit", known),
        afterwards=citing.rules(node, "afterwards", known),
        remedies=citing.rules(node, "remedies", known),
        go_to=rules.counters(node, known),
        referral=rules.referral(node, known),
        automatic=rules.automatic(node, known),
        next_tier=node.text("next_tier", ""),
    )


def _check_law(node: Node, program: Program) -> None:
    cited = [s for s in program.sources if s.document.endswith(_LAW)]
    if not any(s.article for s in cited):
        raise node.wrong(f"cites no article of the {_LAW}", "legal_basis")


def _document(node: Node, known: Sources) -> DocumentRule:
    node.only(("item", "title", "hint", "need", "source"), ("when",))
    return DocumentRule(
        item=node.text("item"),
        title=node.text("title"),
        hint=node.text("hint"),
        need=node.word("need", ("helpful", "shared")),
        when=checks.condition(node, "when"),
        source=source(node.at("source"), known),
    )


def _deadline(node: Node, known: Sources) -> Deadline:
    node.only(("step", "title", "days", "unit", "counted_from", "source"), ("region", "kind"))
    return Deadline(
        step=node.text("step"),
        title=node.text("title"),
        days=node.whole("days"),
        unit=node.word("unit", UNITS),
        counted_from=node.text("counted_from"),
        source=source(node.at("source"), known),
        region=node.text("region", ""),
        kind=node.word("kind", ("limit", "duration"), "limit"),
    )


def _elsewhere(node: Node, known: Sources) -> Elsewhere:
    node.only(("place", "when", "within", "why", "source"))
    when = checks.condition(node, "when")
    if when is None:
        raise node.wrong("needs a condition", "when")
    return Elsewhere(
        place=node.text("place"),
        when=when,
        within=node.text("within"),
        why=node.text("why"),
        source=source(node.at("source"), known),
    )


def _guide(file: Path) -> str:
    text = file.read_text("utf-8") if file.exists() else ""
    if not text.strip():
        raise WrongProgram(file, "", "a program needs its guide in plain words")
    return text


def _cases(file: Path) -> Iterator[Case]:
    node = read_yaml(file).only(("cases",))
    for case in node.each("cases"):
        case.only(("name", "story", "answers", "expect"))
        yield Case(
            name=case.text("name"),
            story=case.text("story"),
            answers=case.at("answers").mapping(),
            expect=case.at("expect").mapping(),
        )


def _place(file: Path) -> Node:
    more = ("name", "changes_on", "shared_sources", _DELEGATED)
    node = read_yaml(file).only(("region", "sources", "amounts"), more)
    if node.text("region") != file.stem:
        raise node.wrong(f"must be the name of the file, {file.stem}", "region")
    if node.has("changes_on") and not _DAY_OF_YEAR.fullmatch(node.text("changes_on")):
        raise node.wrong("must be a month and a day like 07-01", "changes_on")
    return node


def _shared(place: Node, items: Collection[str]) -> frozenset[str]:
    named = frozenset(place.texts("shared_sources"))
    for item in named.difference(items):
        raise place.wrong(f"{item!r} is no paper of any program", "shared_sources")
    return named


def _delegated(place: Node) -> Source:
    """Where it stands that townships decide here: {of, article}; never a bare yes."""
    return source(place.at(_DELEGATED), citing.sources(place))


def _amounts(
    place: Node, programs: Collection[str], changes: Mapping[str, str]
) -> Iterator[Amount]:
    known, region = citing.sources(place), place.text("region")
    said = set[tuple[str, ...]]()
    for entry in place.each("amounts"):
        entry.only(("program", "area", "item", "period", "kind", "values"))
        for value in entry.each("values"):
            amount = _amount(entry, value, known, region, changes.get(region[:2], ""))
            entry.word("program", programs)
            same = (amount.program, amount.area, amount.item, amount.kind, amount.since)
            if same in said:
                raise value.wrong("this standard stands twice", "from")
            said.add(same)
            yield amount


def _amount(entry: Node, value: Node, known: Sources, region: str, changes_on: str) -> Amount:
    value.only(("from", "value", "source"))
    return Amount(
        region=region,
        program=entry.text("program"),
        area=entry.word("area", ("urban", "rural", "all")),
        item=entry.text("item"),
        value=value.whole("value"),
        period=entry.word("period", ("month", "year", "once")),
        kind=entry.word("kind", AMOUNT_KINDS),
        since=value.since("from"),
        source=source(value.at("source"), known),
        changes_on=changes_on,
    )
