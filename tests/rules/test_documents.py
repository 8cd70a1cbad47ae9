"""The documents keep up with the code."""

import re

from portal.foundation.database import Base
from portal.foundation.settings import Settings
from portal.migrations import tables
from portal.people.access import Role
from portal.policy.lifecycle import Party, Status
from tests.rules.code import ROOT, files, name

assert tables

GLOSSARY = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^\| `([^`]+)`", GLOSSARY, re.M)
WORDS = [*sorted(Base.metadata.tables), *Status, *Party, *Role]


def test_the_glossary_has_every_table_status_party_and_role():
    """When this fails: add a line to GLOSSARY.md, | `word` | 中文 | meaning | module |."""
    assert len(WORDS) > 40
    assert [word for word in WORDS if word not in TERMS] == []


def test_the_glossary_says_it_in_chinese_too():
    for line in GLOSSARY.splitlines():
        if line.startswith("| `"):
            assert re.search(r"[\u4e00-\u9fff]", line.split("|")[2]), line


def test_the_glossary_names_no_module_that_is_not_there():
    modules = re.findall(r"\| ([a-z_]+(?:/[a-z_]+)*\.py) \|$", GLOSSARY, re.M)
    gone = [m for m in modules if not (ROOT / "portal" / m).exists()]
    assert modules
    assert not gone


def test_the_readme_is_short_and_begins_with_what_to_install():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert "make" in lines[0]
    assert "3.11" in lines[0]


def test_every_test_the_architecture_names_is_there():
    words = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", words)
    assert named
    for path, test in named:
        assert (ROOT / path).exists(), f"ARCHITECTURE.md names {path}"
        assert test in (ROOT / path).read_text(encoding="utf-8"), f"{path} has no {test}"


def test_every_path_the_architecture_names_is_there():
    words = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    gone = [p for p in re.findall(r"`((?:portal|api|static|deploy|bench)/[\w./-]+)`", words)
            if not (ROOT / p).exists()]  # fmt: skip
    assert not gone


def test_decisions_are_numbered_without_gaps_and_short():
    words = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (\d+)\. ", words, flags=re.M)[1:]
    numbers = [int(n) for n in parts[::2]]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, text in zip(parts[::2], parts[1::2], strict=True):
        assert len(text.strip().splitlines()) <= 11, f"decision {number}: ten lines at most"


def test_every_setting_stands_in_the_example():
    words = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    code = (ROOT / "portal" / "foundation" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ\.get\("(\w+)"', code)) - {"PORTAL_CRASH_AT"}
    assert len(read) >= len(Settings.__dataclass_fields__) - 1
    assert {n for n in read if not re.search(rf"^#?\s*{n}=", words, re.M)} == set()


def test_every_table_says_its_chinese_name():
    models = [mapper.class_ for mapper in Base.registry.mappers]
    assert [m.__name__ for m in models if not re.search(r"[\u4e00-\u9fff]", m.__doc__ or "")] == []


def test_every_target_says_what_it_is_for():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = [line for line in lines if re.match(r"[a-z-]+:", line)]
    assert len(targets) >= 10
    assert all("##" in line for line in targets)


def test_scripts_can_be_run():
    sourced = {ROOT / "deploy" / name for name in ("postgres.sh", "rabbitmq.sh")}
    scripts = [
        *(f for f in files("deploy", ends=".sh") if f not in sourced),
        ROOT / "deploy" / "portal",
        ROOT / ".ci" / "run",
    ]
    assert {name(s) for s in scripts if not s.stat().st_mode & 0o100} == set()
