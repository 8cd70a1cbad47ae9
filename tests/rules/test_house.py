"""The rules of the house, each with what to do instead."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from tests.rules.code import ROOT, files, functions, length, name, tree

LONGEST_FILE, LONGEST_FUNCTION = 300, 40
EMPTY_NAMES = ("utils", "helpers", "manager", "service", "common", "misc")
_MACHINE = re.compile(
    r"(?<!\bpages)/(?:work|home|root|Users)/\w|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+"
)
_CLOCK = re.compile(r"datetime\.now\(|utcnow\(|date\.today\(|time\.time\(")
_CLOCK_FILES = ("portal/foundation/clock.py",)
_ENVIRONMENT = re.compile(r"\bos\.(environ|getenv)|from os import .*(environ|getenv)")
_LOOSE_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!.*#\d)")


def keep(paths: list[Path], faults: Callable[[Path], object], instead: str) -> None:
    """Every file keeps the rule; else all that do not are named, with what to do instead."""
    assert paths
    broken = {name(path): found for path in paths if (found := faults(path))}
    assert not broken, f"{instead}: {broken}"


def words(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code(*rooms: str) -> list[Path]:
    """The hand-written modules: migrations are history."""
    return [p for p in files(*rooms) if "migrations/versions" not in name(p)]


def test_files_stay_short():
    def longer(path: Path) -> int:
        lines = len(words(path).splitlines())
        return lines if lines > LONGEST_FILE else 0

    keep(code("portal", "api", "bench", "deploy"), longer, "split it by what it is about")


def test_functions_stay_short():
    def longer(path: Path) -> dict[str, int]:
        return {f.name: length(f) for f in functions(path) if length(f) > LONGEST_FUNCTION}

    keep(code("portal", "api", "bench"), longer, "say the steps as functions below their caller")


def test_every_module_says_what_lives_there():
    def silent(path: Path) -> bool:
        return bool(words(path).strip()) and not ast.get_docstring(tree(path))

    keep(code(), silent, "first line: what lives in this module")


def test_only_settings_reads_the_environment():
    paths = [p for p in code("portal", "api") if name(p) != "portal/foundation/settings.py"]
    keep(paths, lambda p: _ENVIRONMENT.search(words(p)), "a field of Settings")


def test_the_domain_is_told_the_time():
    paths = [p for p in code("portal") if name(p) not in _CLOCK_FILES]
    keep(paths, lambda p: _CLOCK.findall(words(p)), "take now= as an argument")


def test_no_module_has_an_empty_name():
    keep(code("portal", "api"), lambda p: p.stem in EMPTY_NAMES, "name it after what it holds")


def test_no_import_hides_in_a_function():
    def inside(path: Path) -> list[int]:
        nodes = [n for f in functions(path) for n in ast.walk(f)]
        return [n.lineno for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]

    keep(code("portal", "api"), inside, "a cycle is a design fault, never a reason")


def test_nothing_prints():
    def printed(path: Path) -> list[int]:
        calls = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Call)]
        return [c.lineno for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]

    keep(code("portal", "api"), printed, "click.echo in cli.py, logging elsewhere")


def test_who_acts_and_what_time_it_is_are_named_at_the_call():
    def loose(path: Path) -> list[str]:
        verbs = [f for f in functions(path) if not f.name.startswith("_")]
        named = {f.name: [a.arg for a in f.args.args] for f in verbs}
        return [v for v, a in named.items() if "session" in a and {"actor", "now"} & set(a)]

    keep(code("portal"), loose, "put actor and now behind the *")


def test_nothing_knows_the_machine_it_was_written_on():
    rooms = ("portal", "api", "static", "deploy", "bench", "tests")
    ends = (".py", ".sh", ".toml", ".md", ".html", ".js", ".yaml", ".lock", ".css", ".csv")
    paths = [p for end in ends for p in [*files(*rooms, ends=end), *ROOT.glob(f"*{end}")]]
    paths += [ROOT / "Makefile", ROOT / ".ci" / "run"]
    others = [p for p in paths if p != Path(__file__)]
    keep(others, lambda p: _MACHINE.findall(words(p)), "take it from settings")


def test_a_todo_names_its_issue():
    paths = [*code("portal", "api"), *files("static", ends=".js")]
    keep(paths, lambda p: _LOOSE_TODO.findall(words(p)), "TODO #12: what")
