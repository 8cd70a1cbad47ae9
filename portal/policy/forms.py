"""Reads a program's form: steps, shared parts, fields, and the digest of each question."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from portal.policy import checks
from portal.policy.catalogue import KINDS, Field, Form, Option, Step
from portal.policy.reading import Node, read_yaml

_OPTIONAL = (
    "hint",
    "options",
    "indispensable",
    "unless",
    "when",
    "fields",
    "item_no",
    "most",
    "once",
)


def read_form(node: Node, parts: Path) -> Form:
    """The steps of `node`; an entry {include: name} stands for the steps of `parts`/name.yaml."""
    steps = tuple(step for entry in node.each("steps") for step in _steps(entry, parts))
    asked = [[step.key, [[f.name, f.digest] for f in step.fields]] for step in steps]
    return Form(steps, _digest(asked))


def _steps(entry: Node, parts: Path) -> Iterator[Step]:
    if "include" not in entry.mapping():
        yield _step(entry)
        return
    part = entry.only(("include",)).text("include")
    for inner in read_yaml(parts / f"{part}.yaml").only(("steps",)).each("steps"):
        yield _step(inner)


def _step(node: Node) -> Step:
    node.only(("key", "title", "fields"), ("lead",))
    return Step(
        key=node.text("key"),
        title=node.text("title"),
        fields=tuple(_field(f) for f in node.each("fields")),
        lead=node.text("lead", ""),
    )


def _field(node: Node) -> Field:
    node.only(("name", "kind", "label"), _OPTIONAL)
    kind, label = node.word("kind", KINDS), node.text("label")
    options = tuple(Option(name, n.text(name)) for name, n in _options(node))
    inner = tuple(_field(f) for f in node.each("fields"))
    return Field(
        name=node.text("name"),
        kind=kind,
        label=label,
        hint=node.text("hint", ""),
        options=options,
        indispensable=node.flag("indispensable", default=False),
        unless=node.text("unless", ""),
        when=checks.condition(node, "when"),
        fields=inner,
        item_no=node.whole("item_no"),
        most=node.whole("most"),
        once=node.flag("once", default=False),
        digest=_digest(
            [label, kind, [[o.value, o.label] for o in options], [f.digest for f in inner]]
        ),
    )


def _options(node: Node) -> Iterator[tuple[str, Node]]:
    for name, _label in node.named("options"):
        yield name, node.at("options")


def _digest(asked: object) -> str:
    text = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]
