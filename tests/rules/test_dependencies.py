"""Dependencies: locked with hashes, the same in both files, from nowhere in particular."""

import re
import tomllib

import pytest

from tests.rules.code import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
MOST = 25


def pinned(lock: str) -> dict[str, str]:
    words = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", words, re.M))


def wanted(*more: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = [d for group in more for d in project["optional-dependencies"][group]]
    names = [re.split(r"[\[<>=~ ]", d)[0] for d in [*project["dependencies"], *extra]]
    return {n.lower() for n in names}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_has_a_hash(lock):
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.M)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_index_and_no_file(lock):
    assert not re.search(r"://|--index|--find-links| @ ", (ROOT / lock).read_text(encoding="utf-8"))


def test_the_lock_has_what_the_project_wants():
    """When this fails: make lock."""
    assert wanted() <= {n.lower() for n in pinned("requirements.lock")}
    assert wanted("dev") <= {n.lower() for n in pinned("requirements-dev.lock")}


def test_the_longer_lock_holds_the_shorter_one():
    short, long = (pinned(lock) for lock in LOCKS)
    assert short.items() <= long.items()


def test_few_direct_dependencies():
    assert len(wanted()) <= MOST
