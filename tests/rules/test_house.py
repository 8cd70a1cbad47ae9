"""The rules of the house, each with what to do instead."""

import ast
import re

import pytest

from tests.rules.code import ROOT, files, functions, length, name, tree

LONGEST_FILE, LONGEST_FUNCTION = 300, 40
OPEN_FILES = {"portal/migrations/versions/0001_the_first_tables.py"}
EMPTY_WORDS = ("utils", "helpers", "manager", "service", "common", "misc")
_MACHINE = re.compile(
    r"/(?:work|home|root|Users)/\w|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+"
)


def of(*rooms: str, ends: str = ".py") -> list:
    return [pytest.param(path, id=name(path)) for path in files(*rooms, ends=ends)]


@pytest.mark.parametrize("path", of())
def test_files_stay_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    migration = "migrations/versions" in name(path)
    assert migration or lines <= LONGEST_FILE, f"{lines} lines: split it by what it is about"


@pytest.mark.parametrize("path", of("portal", "api", "bench"))
def test_functions_stay_short(path):
    if "migrations/versions" in name(path):
        return
    long = {f.name: length(f) for f in functions(path) if length(f) > LONGEST_FUNCTION}
    assert not long, "say the steps as functions of their own, below their caller"


@pytest.mark.parametrize("path", of("portal", "api", "bench"))
def test_every_module_says_what_lives_there(path):
    if path.read_text(encoding="utf-8").strip():
        assert ast.get_docstring(tree(path)), "first line: what lives in this module"


@pytest.mark.parametrize("path", of("portal", "api"))
def test_only_settings_reads_the_environment(path):
    if name(path) != "portal/foundation/settings.py":
        words = path.read_text(encoding="utf-8")
        assert not re.search(r"\bos\.(environ|getenv)|from os import .*(environ|getenv)", words)


@pytest.mark.parametrize("path", of("portal"))
def test_the_domain_is_told_the_time(path):
    """`now=` is an argument; only clock.py asks the machine."""
    if name(path) in ("portal/foundation/clock.py", "portal/foundation/logs.py"):
        return
    calls = re.findall(r"datetime\.now\(|utcnow\(|date\.today\(|time\.time\(", path.read_text())
    assert not calls, "take now= as an argument"


@pytest.mark.parametrize("path", of("portal", "api"))
def test_no_module_has_an_empty_name(path):
    assert path.stem not in EMPTY_WORDS, "name it after what it holds"


@pytest.mark.parametrize("path", of("portal", "api"))
def test_no_import_hides_in_a_function(path):
    """A cycle is a design fault, never a reason for an import inside a function."""
    inside = [
        n.lineno for f in functions(path) for n in ast.walk(f)
        if isinstance(n, ast.Import | ast.ImportFrom)
    ]  # fmt: skip
    assert not inside


@pytest.mark.parametrize("path", of("portal", "api"))
def test_nothing_prints(path):
    names = [n.func.id for n in ast.walk(tree(path))
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]  # fmt: skip
    assert "print" not in names, "click.echo in cli.py, logging elsewhere"


@pytest.mark.parametrize("path", of("portal", "api"))
def test_who_acts_and_what_time_it_is_are_named_at_the_call(path):
    """actor= and now= are keyword-only in every public verb."""
    loose = [
        f.name for f in functions(path) if not f.name.startswith("_")
        for a in f.args.args if a.arg in ("actor", "now") and "session" in [b.arg for b in f.args.args]
    ]  # fmt: skip
    assert not loose, "put them behind the *"


@pytest.mark.parametrize("ends", [".py", ".sh", ".toml", ".md", ".html", ".js", ".yaml", ".lock"])
def test_nothing_knows_the_machine_it_was_written_on(ends):
    found = {
        name(path): _MACHINE.findall(path.read_text(encoding="utf-8"))
        for path in [*files("portal", "api", "static", "deploy", "bench", "tests", ends=ends),
                     *ROOT.glob(f"*{ends}")]
        if _MACHINE.search(path.read_text(encoding="utf-8")) and path.name != "test_house.py"
    }  # fmt: skip
    assert not found


@pytest.mark.parametrize("path", [*of("portal", "api"), *of("static", ends=".js")])
def test_a_todo_names_its_issue(path):
    words = path.read_text(encoding="utf-8")
    loose = re.findall(r"(?:TODO|FIXME|XXX)(?!.*#\d)", words)
    assert not loose
