"""Reads the programs and the amounts once, at start, and refuses a wrong file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from portal.policy import checks
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
from portal.policy.forms import read_form
from portal.policy.reading import Node, WrongProgram, read_yaml

__all__ = ["WrongProgram", "load"]

FOLDER = Path(__file__).parent
ENTRIES = ("here", "school", "housing_office", "hospital", "rescue_station", "automatic")
UNITS = ("hour", "day", "workday", "month")
CONFIDENCE = ("S", "V", "P", "M", "D")
_LAW = "社会救助法"

_PROGRAM = (
    "id", "title", "short", "summary", "entry", "routing", "routing_why", "version",
    "sources", "legal_basis", "steps", "documents", "deadlines",
)  # fmt: skip
_PROGRAM_MORE = ("consent_needed", "consent_when", "form_note", "elsewhere")


def load(folder: Path = FOLDER) -> Catalogue:
    """Every program of `folder`/programs and every amount of `folder`/places.

    Raises WrongProgram with the file, the place in it and the reason.
    """
    programs = {p.name: p for p in sorted((folder / "programs").iterdir()) if _is_program(p)}
    found = {name: _program(path) for name, path in programs.items()}
    amounts = [
        a for file in sorted((folder / "places").glob("*.yaml")) for a in _amounts(file, found)
    ]
    return Catalogue(found, tuple(amounts))


def _is_program(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(("_", "."))


def _program(folder: Path) -> Program:
    node = read_yaml(folder / "program.yaml").only(_PROGRAM, _PROGRAM_MORE)
    if node.text("id") != folder.name:
        raise node.wrong(f"must be the name of the folder, {folder.name}", "id")
    sources = _sources(node)
    program = Program(
        id=folder.name,
        title=node.text("title"),
        short=node.text("short"),
        summary=node.text("summary"),
        entry=node.word("entry", ENTRIES),
        routing=node.text("routing"),
        routing_why=node.text("routing_why"),
        version=node.day("version"),
        form=read_form(node, folder.parent / "_parts"),
        documents=tuple(_document(d, sources) for d in node.each("documents")),
        deadlines=tuple(_deadline(d, sources) for d in node.each("deadlines")),
        sources=tuple(_source(s, sources) for s in node.each("legal_basis")),
        guide=_guide(folder / "guide.md"),
        consent_needed=node.flag("consent_needed", default=True),
        consent_when=checks.condition(node, "consent_when"),
        cases=tuple(_cases(folder / "cases.yaml")),
        elsewhere=tuple(_elsewhere(e, sources) for e in node.each("elsewhere")),
        form_note=node.text("form_note", ""),
    )
    _check_law(node, program)
    checks.check(node, folder / "cases.yaml", program)
    return program


def _check_law(node: Node, program: Program) -> None:
    cited = [s for s in program.sources if s.document.endswith(_LAW)]
    if not any(s.article for s in cited):
        raise node.wrong(f"cites no article of the {_LAW}", "legal_basis")


def _sources(node: Node) -> Mapping[str, Source]:
    """The documents a file cites, by the key its rules use."""
    found = {}
    for key, entry in node.named("sources"):
        entry.only(("document", "confidence"), ("number", "date", "note"))
        found[key] = Source(
            document=entry.text("document"),
            number=entry.text("number", ""),
            date=entry.since("date") if entry.has("date") else "",
            confidence=entry.word("confidence", CONFIDENCE),
            note=entry.text("note", ""),
        )
    return found


def _source(node: Node, sources: Mapping[str, Source]) -> Source:
    """One citation: {of: key, article, and what is different from the document's own entry}."""
    node.only(("of",), ("article", "confidence", "note"))
    document = sources[node.word("of", list(sources))]
    return Source(
        document=document.document,
        article=node.text("article", ""),
        number=document.number,
        date=document.date,
        confidence=node.word("confidence", CONFIDENCE, document.confidence),
        note="；".join(n for n in (node.text("note", ""), document.note) if n),
    )


def _document(node: Node, sources: Mapping[str, Source]) -> DocumentRule:
    node.only(("item", "title", "hint", "need", "source"), ("when",))
    return DocumentRule(
        item=node.text("item"),
        title=node.text("title"),
        hint=node.text("hint"),
        need=node.word("need", ("helpful", "shared")),
        when=checks.condition(node, "when"),
        source=_source(node.at("source"), sources),
    )


def _deadline(node: Node, sources: Mapping[str, Source]) -> Deadline:
    node.only(("step", "title", "days", "unit", "counted_from", "source"), ("region", "kind"))
    return Deadline(
        step=node.text("step"),
        title=node.text("title"),
        days=node.whole("days"),
        unit=node.word("unit", UNITS),
        counted_from=node.text("counted_from"),
        source=_source(node.at("source"), sources),
        region=node.text("region", ""),
        kind=node.word("kind", ("limit", "duration"), "limit"),
    )


def _elsewhere(node: Node, sources: Mapping[str, Source]) -> Elsewhere:
    node.only(("place", "when", "within", "why", "source"))
    when = checks.condition(node, "when")
    if when is None:
        raise node.wrong("needs a condition", "when")
    return Elsewhere(
        place=node.text("place"),
        when=when,
        within=node.text("within"),
        why=node.text("why"),
        source=_source(node.at("source"), sources),
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


def _amounts(file: Path, programs: Mapping[str, Program]) -> Iterator[Amount]:
    node = read_yaml(file).only(("region", "sources", "amounts"), ("name",))
    if node.text("region") != file.stem:
        raise node.wrong(f"must be the name of the file, {file.stem}", "region")
    sources = _sources(node)
    for entry in node.each("amounts"):
        entry.only(("program", "area", "item", "period", "kind", "values"))
        for value in entry.each("values"):
            value.only(("from", "value", "source"))
            yield Amount(
                region=node.text("region"),
                program=entry.word("program", list(programs)),
                area=entry.word("area", ("urban", "rural", "all")),
                item=entry.text("item"),
                value=value.whole("value"),
                period=entry.word("period", ("month", "year", "once")),
                kind=entry.word("kind", AMOUNT_KINDS),
                since=value.since("from"),
                source=_source(value.at("source"), sources),
            )
