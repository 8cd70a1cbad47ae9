"""The mini-program's own gates, and that it says what the other client and the server say."""

import json
import re
from pathlib import Path

import pytest

from portal.casework.after import rechecks
from portal.casework.stages import LABELS
from portal.people.mandate_terms import KINDS, TEXT
from portal.policy.catalogue import KINDS as FIELD_KINDS
from tests.miniprogram.conftest import CLIENT, run
from tests.miniprogram.test_looks import OPEN, OWN, VILLAGE

STATIC = CLIENT.parent / "static"


def source(name: str) -> str:
    return (CLIENT / "miniprogram" / name).read_text(encoding="utf-8")


def test_compiled_typed_light_without_secrets_and_its_pages_work(client: Path) -> None:
    """npm test: compile and lint, tsc, sizes, secret and host scan, page tests in jsdom."""
    done = run("npm", "test")
    assert re.search(r"^# fail 0$", done.stdout, re.M), done.stdout[-3000:]
    assert int(re.findall(r"^# pass (\d+)$", done.stdout, re.M)[-1]) > 50


def test_the_shared_files_are_the_web_clients() -> None:
    theirs = {path.name: path.read_bytes() for path in (STATIC / "shared").iterdir()}
    ours = {path.name: path.read_bytes() for path in (CLIENT / "miniprogram/shared").iterdir()}
    assert ours == theirs


def test_every_status_has_the_same_name() -> None:
    said = dict(re.findall(r'(\w+): "([^"]+)"', source("lib/statuses.js")))
    assert said == {status.value: words for status, words in LABELS.items()}


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_every_kind_of_field_is_drawn(kind: str) -> None:
    """A new kind needs a place in the component: plain boxes are for these only."""
    plain = {"text", "count", "id_number", "phone"}
    drawn = source("components/field/field.wxml") + source("pages/step/step.wxml")
    assert kind in plain or f"=== '{kind}'" in drawn


def test_the_mandate_is_the_one_that_is_signed() -> None:
    _title, _blank, *lines = TEXT.strip().split("\n")
    assert all(f'"{line}"' in source("pages/agree/agree.js") for line in lines)
    kinds = dict(re.findall(r'\["(\w+)", "([^"]+)"\]', source("pages/for-another/for-another.js")))
    assert kinds.keys() == KINDS.keys()
    assert all(kinds[name] == words for name, words in KINDS.items() if name != "proactive")


def test_every_page_is_looked_at() -> None:
    """A new page needs a line in test_looks.py."""
    pages = {page.split("/")[1] for page in json.loads(source("app.json"))["pages"]}
    looked = {page.partition("?")[0] for page in (*OPEN, *OWN)}
    assert pages == looked | {*VILLAGE}


def test_the_recheck_asks_what_the_web_asks() -> None:
    said = source("pages/recheck/recheck.js")
    assert dict(re.findall(r'asked\("(\w+)", "([^"]+)"\)', said)) == dict(rechecks.QUESTIONS)
    assert dict(re.findall(r'how: "(\w+)", words: "([^"]+)"', said)) == dict(rechecks.ANOTHER_WAY)


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (CLIENT / "package-lock.json").read_text()


def test_files_stay_short() -> None:
    """The house's rule, here too."""
    folders = ("miniprogram", "tools", "test")
    paths = [p for folder in folders for p in (CLIENT / folder).rglob("*") if p.is_file()]
    code = [
        p
        for p in paths
        if p.suffix in (".js", ".mjs", ".wxml", ".wxss") and p.parent.name != "shared"
    ]
    long = {p.name: n for p in code if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long
