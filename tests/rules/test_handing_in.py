"""Whatever hands a file in is turned away by nothing: read from the code, so that none is forgotten."""

import ast
import inspect
import re
from functools import cache

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import gate
from tests.rules.code import ROOT, files

SUBMIT, PHOTO = "portal.handover.submission.submit", "portal.filing.photo_check.check"
WITH_WORDS = {"check_result.dispute", "signing.sign"}
"""They bring what a person says or signs besides a photo: not the first to wait."""
NGINX = ROOT / "deploy" / "nginx" / "jiuzhutong.conf"


@cache
def texts() -> dict[str, str]:
    """Every module's text, by the module's name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in files("portal", "api")
    }


@cache
def uses(module: str) -> dict[str, frozenset[str]]:
    """Of each function of a module: whatever it names of its own module or of an imported one."""
    tree = ast.parse(texts()[module])
    known = {node.name: f"{module}.{node.name}" for node in tree.body if _named(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return {
        f"{module}.{node.name}": frozenset(_names(node, known))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _named(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _names(node: ast.AST, known: dict[str, str]):
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in known:
            yield known[part.id]
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield f"{known.get(part.value.id, part.value.id)}.{part.attr}"


def reaching(function: str) -> set[str]:
    """Every function from which there is a way to it."""
    found, fresh = {function}, {function}
    while fresh:
        names = {one.rsplit(".", 1)[1] for one in fresh}
        near = [m for m, text in texts().items() if any(name in text for name in names)]
        more = {f for m in near for f, used in uses(m).items() if used & fresh}
        fresh = more - found
        found |= fresh
    return found


def endpoints(app: Flask, function: str) -> set[str]:
    ways = reaching(function)
    views = {name: inspect.unwrap(view) for name, view in app.view_functions.items()}
    return {name for name, view in views.items() if f"{view.__module__}.{view.__name__}" in ways}


def of_kind(kind: str) -> set[str]:
    return {name for name, found in gate._KINDS.items() if found == kind}


def test_every_way_to_hand_in_is_let_in(app: Flask) -> None:
    assert endpoints(app, SUBMIT) == of_kind(gate.SUBMIT)
    assert {"home.ask_for_help", "status.ask_for_help"} <= of_kind(gate.SUBMIT)


def test_every_way_a_photo_comes_waits_first(app: Flask) -> None:
    found = endpoints(app, PHOTO)
    assert found > WITH_WORDS
    assert found - WITH_WORDS <= of_kind(gate.PHOTO)


@pytest.mark.parametrize("path", ["/api/urgent-requests", "/help-now", "/api/office/first-aid"])
def test_a_call_for_help_gets_in_whoever_waits(client: FlaskClient, path: str) -> None:
    client.application.extensions["waiting"] = lambda: 10**6
    assert client.post(path, json={}).status_code not in (429, 503)
    assert client.get("/help-now").status_code == 503


def test_nginx_counts_none_of_them_and_nothing_else(app: Flask) -> None:
    found = re.findall(r'^    "~(\^POST .*\$)" "";$', NGINX.read_text(encoding="utf-8"), re.M)
    uncounted = [re.compile(pattern) for pattern in found]
    number = "0b8f3a52-5e0c-4d0e-9d7b-6a1f2c3d4e5f"
    matched = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", number, rule.rule)
        for method in rule.methods or ():
            here = {p.pattern for p in uncounted if p.match(f"{method} {path}")}
            kind = gate.kind_of(rule.endpoint, method)
            assert bool(here) == (kind == gate.SUBMIT), (method, path, kind)
            matched |= here
    assert matched == {p.pattern for p in uncounted}
