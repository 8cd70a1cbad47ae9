"""Where a figure or a rule stands, as officials and applicants read it."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.casework.limits import cited
from portal.policy.catalogue import Program, Source

READ = {
    "S": "引自文件原句", "V": "已读原文", "P": "只见节选或报道，待核", "M": "未核",
    "D": "推出来的，待核",
}  # fmt: skip
"""How well we know the text (facts: domain.md §0)."""
_PARTS = ("counted", "exempt", "deducted")


def basis(source: Source) -> dict[str, str]:
    """{"text", "short", "document", "number", "article", "date", "confidence", "read", "note"}."""
    return {
        "text": cited(source),
        "short": plain(
            {"document": source.document, "number": source.number, "article": source.article}
        ),
        "document": source.document,
        "number": source.number,
        "article": source.article,
        "date": source.date,
        "confidence": source.confidence,
        "read": READ.get(source.confidence, ""),
        "note": source.note,
    }


def of_rule(program: Program, source: Mapping[str, str]) -> dict[str, str]:
    """The citation of a rule of the self-check, with what the program knows of the document."""
    document = source["document"]
    known = next((s for s in program.sources if _same(s, document)), None)
    return basis(
        Source(
            document=known.document if known else document,
            article=source["article"],
            number=known.number if known else "",
            date=source.get("since", ""),
            confidence=known.confidence if known else "",
            note=source["note"],
        )
    )


def income(program: Program, part: str) -> list[dict[str, str]]:
    """The rules on income of a program, each document and article once.

    `part` counted · exempt · deducted; what a program does not say follows its `counted`.
    """
    rules = getattr(program.income, part) or program.income.counted
    found = {(r.source.document, r.source.article): basis(r.source) for r in rules if not r.region}
    return list(found.values())


def plain(one: Mapping[str, Any]) -> str:
    """《社会救助法》第18条 for a letter: without our notes on how well it is known."""
    document = str(one["document"]).removeprefix("中华人民共和国")
    return f"{one['number'] or f'《{document}》'}{one['article']}"


def together(found: Iterable[Mapping[str, Any]]) -> str:
    """《社会救助法》第18条、第23条；民发〔2021〕57号第13条: each document and article once."""
    documents: dict[str, list[str]] = {}
    for one in found:
        articles = documents.setdefault(plain({**one, "article": ""}), [])
        articles += [a for a in str(one["article"]).split("、") if a and a not in articles]
    return "；".join(document + "、".join(articles) for document, articles in documents.items())


def _same(source: Source, document: str) -> bool:
    return source.document == document or bool(source.number and source.number in document)
