"""Reads what a program says beside its form: household, income, procedure, where to turn to."""

from portal.policy import checks
from portal.policy.catalogue import (
    Automatic,
    Counter,
    Household,
    Income,
    Move,
    Referral,
    Track,
)
from portal.policy.citing import Sources, rules, source
from portal.policy.reading import Node

ACTORS = (
    "applicant", "village", "township", "county", "department", "school", "hospital",
    "station", "charity",
)  # fmt: skip


def household(node: Node, known: Sources) -> Household:
    """Who counts as the family; empty where the program does not look at it."""
    if not node.has("household"):
        return Household()
    inner = node.at("household").only((), ("counted", "not_counted", "single"))
    return Household(
        counted=rules(inner, "counted", known),
        not_counted=rules(inner, "not_counted", known),
        single=rules(inner, "single", known),
    )


def income(node: Node, known: Sources) -> Income:
    """What counts as income; empty where the program does not look at it."""
    if not node.has("income"):
        return Income()
    inner = node.at("income").only((), ("counted", "exempt", "deducted"))
    return Income(
        counted=rules(inner, "counted", known),
        exempt=rules(inner, "exempt", known),
        deducted=rules(inner, "deducted", known),
    )


def procedure(node: Node, known: Sources) -> tuple[Move, ...]:
    """The steps of the procedure, in their order."""
    return tuple(_move(entry, known) for entry in node.each("procedure"))


def tracks(node: Node, known: Sources) -> tuple[Track, ...]:
    """The kinds of one program (临时救助: 小额快救 · 急难型 · 支出型), each told whole."""
    return tuple(_track(entry, known) for entry in node.each("tracks"))


def counters(node: Node, known: Sources) -> tuple[Counter, ...]:
    """Whom to turn to, nearest first."""
    return tuple(_counter(entry, known) for entry in node.each("go_to"))


def referral(node: Node, known: Sources) -> Referral | None:
    """Where the file is passed on, and the few answers that travel with it."""
    if not node.has("referral"):
        return None
    inner = node.at("referral").only(("to", "fields", "source"), ("consent",))
    return Referral(
        to=inner.text("to"),
        fields=tuple(inner.texts("fields")),
        consent=inner.text("consent", ""),
        source=source(inner.at("source"), known),
    )


def automatic(node: Node, known: Sources) -> Automatic | None:
    """Who gets it without applying."""
    if not node.has("automatic"):
        return None
    inner = node.at("automatic").only(("when", "text", "source"))
    when = checks.condition(inner, "when")
    assert when is not None  # noqa: S101 - `only` has seen it
    return Automatic(when, inner.text("text"), source(inner.at("source"), known))


def _move(node: Node, known: Sources) -> Move:
    node.only(("step", "title", "actor", "source"), ("deadlines", "region"))
    return Move(
        step=node.text("step"),
        title=node.text("title"),
        actor=node.word("actor", ACTORS),
        deadlines=tuple(node.texts("deadlines")),
        source=source(node.at("source"), known),
        region=node.text("region", ""),
    )


def _track(node: Node, known: Sources) -> Track:
    node.only(("key", "title", "short", "who", "procedure", "benefit"))
    return Track(
        key=node.text("key"),
        title=node.text("title"),
        short=node.text("short"),
        who=rules(node, "who", known),
        procedure=procedure(node, known),
        benefit=rules(node, "benefit", known),
    )


def _counter(node: Node, known: Sources) -> Counter:
    node.only(("name", "say", "source"), ("phone",))
    return Counter(
        name=node.text("name"),
        say=node.text("say"),
        phone=node.text("phone", ""),
        source=source(node.at("source"), known),
    )
