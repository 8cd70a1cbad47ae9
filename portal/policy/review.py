"""For those who keep the policy data: what is wrong with them, and what a change of them changes."""

from collections.abc import Iterable, Iterator
from datetime import date

from portal.policy import amounts, asking
from portal.policy.catalogue import (
    Amount,
    Case,
    Catalogue,
    Program,
    Rule,
    Source,
)

FEWEST_CASES = 4
_LAW = "中华人民共和国社会救助法"
_OF_STATE, _LAW_BEGAN = "中华人民共和国", "2026-07-01"
_OPEN = ("没有查到", "没有写")
"""Words of a note that admit that a number or a date is not known."""
_UNCERTAIN = "待核"
_DIGITS = (2, 4, 6)


def faults(catalogue: Catalogue, *, on: date) -> list[str]:
    """One line for everything that must be mended: rules that name no document or no article of
    the Law, documents and values without a date, guides past their review, too few examples.
    """
    return [
        *(f"{p.id}：{said}" for p in catalogue.programs.values() for said in _of_program(p, on)),
        *(said for amount in catalogue.amounts for said in _of_amount(amount)),
    ]


def differences(old: Catalogue, new: Catalogue, *, on: date) -> list[str]:
    """In words, what becomes different from `old` to `new`: programs, and for every example case
    what is missing, which papers help, where it goes, and what is paid there. Empty when nothing.
    """
    found = [f"新增项目：{new.programs[i].title}。" for i in new.programs if i not in old.programs]
    found += [f"取消项目：{p.title}。" for i, p in old.programs.items() if i not in new.programs]
    for program_id, program in new.programs.items():
        before = old.programs.get(program_id)
        if before is not None:
            found += _between(old, new, before, program, on)
    return found


def rules(program: Program) -> Iterator[Rule]:
    """Every sourced sentence of a program."""
    for group in (program.household, program.income):
        for some in vars(group).values():
            yield from some
    yield from (*program.who_may_apply, *program.benefit, *program.afterwards, *program.remedies)
    for track in program.tracks:
        yield from (*track.who, *track.benefit)


def sources(program: Program) -> Iterator[tuple[str, Source]]:
    """Every citation of a program, with the words it stands behind."""
    yield from (("legal_basis", s) for s in program.sources)
    yield from ((r.text, r.source) for r in rules(program))
    yield from ((d.title, d.source) for d in program.documents)
    yield from ((d.title, d.source) for d in program.deadlines)
    moves = (*program.procedure, *(m for t in program.tracks for m in t.procedure))
    yield from ((m.title, m.source) for m in moves)
    yield from ((e.why, e.source) for e in program.elsewhere)
    yield from ((c.name, c.source) for c in program.go_to)
    for one in (program.referral, program.automatic):
        if one is not None:
            yield "转办", one.source


def _of_program(program: Program, on: date) -> Iterator[str]:
    if program.review_by is None or program.review_by < on:
        yield f"办事指南该复核了（{program.review_by}）。"
    if len(program.cases) < FEWEST_CASES:
        yield f"例子只有{len(program.cases)}个，至少要{FEWEST_CASES}个。"
    for words, source in sources(program):
        yield from (f"「{words}」{fault}" for fault in _of_source(source))
        if _is_older(source) and _UNCERTAIN not in source.note:
            yield f"「{words}」依据早于社会救助法，没有标明待核：{source.document}。"


def _is_older(source: Source) -> bool:
    """A text below the laws from before the 社会救助法: whether it still holds is open."""
    return not source.document.startswith(_OF_STATE) and (source.date or "0") < _LAW_BEGAN


def _of_amount(amount: Amount) -> Iterator[str]:
    place = f"{amount.region} {amount.program} {amount.item} {amount.since}"
    if not amount.since:
        yield f"{place}：没有写从哪天起。"
    yield from (f"{place}：{fault}" for fault in _of_source(amount.source))


def _of_source(source: Source) -> Iterator[str]:
    if not source.document:
        yield "没有出处。"
    if source.document == _LAW and not source.article:
        yield "没有写是法律第几条。"
    if not (source.date or source.number or any(word in source.note for word in _OPEN)):
        yield f"的出处没有日期，也没有文号：{source.document}。"


def _between(
    old: Catalogue, new: Catalogue, before: Program, after: Program, on: date
) -> Iterator[str]:
    cases = {case.name: case for case in (*before.cases, *after.cases)}
    for name, case in cases.items():
        for said in (*_of_case(before, after, case), *_paid(old, new, after, case, on)):
            yield f"{after.short}「{name}」：{said}"


def _of_case(before: Program, after: Program, case: Case) -> Iterator[str]:
    yield from _lists(
        "必填的",
        (f.label for f in asking.missing(before.form, case.answers)),
        (f.label for f in asking.missing(after.form, case.answers)),
    )
    yield from _lists(
        "有用的材料",
        (d.title for d in asking.documents(before, case.answers)),
        (d.title for d in asking.documents(after, case.answers)),
    )
    was, now = asking.place(before, case.answers), asking.place(after, case.answers)
    if (was.field, was.code) != (now.field, now.code):
        yield f"受理的地方从{was.code or '没有'}变成{now.code or '没有'}。{now.why}"


def _lists(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    was, now = list(old), list(new)
    for title in now:
        if title not in was:
            yield f"{what}多了「{title}」。"
    for title in was:
        if title not in now:
            yield f"{what}少了「{title}」。"


def _paid(old: Catalogue, new: Catalogue, program: Program, case: Case, on: date) -> Iterator[str]:
    path = _path(asking.place(program, case.answers).code)
    was, now = (_standards(c, program.id, path, on) for c in (old, new))
    for item in (*now, *(i for i in was if i not in now)):
        before, after = was.get(item, "没有"), now.get(item, "没有")
        if before != after:
            yield f"{'、'.join(item)}原来：{before}现在：{after}"


def _standards(
    catalogue: Catalogue, program_id: str, path: str, on: date
) -> dict[tuple[str, str], str]:
    found = amounts.in_force(catalogue, program_id, path, on=on)
    return {(_AREAS[a.area], a.item): amounts.words(a, on=on) for a in found}


_AREAS = {"urban": "城市", "rural": "农村", "all": "城乡"}


def _path(code: str) -> str:
    """The divisions above a township's code, by its digits; needs no database."""
    return "/".join([f"{code[:n]:0<6}" for n in _DIGITS if len(code) >= n] + [code]) if code else ""
