"""In which order a file is copied into another system, and what each answer is called there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.policy.reading import Node, WrongProgram, read_yaml

FOLDER = Path(__file__).parent / "places" / "copy_out"
_DEFAULT = "default"


@dataclass(frozen=True)
class CopyOrder:
    """`fields` and `members`: {name of the field: label over there}, in that system's order."""

    title: str
    fields: Mapping[str, str]
    members: Mapping[str, str]


def of(region_path: str, folder: Path = FOLDER) -> CopyOrder:
    """The order of the place nearest to the file's township; the default where none has its own.

    Raises WrongProgram for a faulty file.
    """
    known = _load(folder)
    for code in reversed(region_path.split("/")):
        if code in known:
            return known[code]
    return known[_DEFAULT]


@cache
def _load(folder: Path) -> Mapping[str, CopyOrder]:
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        node = read_yaml(file).only(("title", "fields"), ("members", "note"))
        if file.stem != _DEFAULT and not file.stem.isdecimal():
            raise WrongProgram(file, "", "must be named default or by a division's code")
        found[file.stem] = CopyOrder(
            node.text("title"), _labels(node, "fields"), _labels(node, "members")
        )
    return found


def _labels(node: Node, key: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in node.each(key):
        name = one.only(("name", "label")).text("name")
        if name in found:
            raise one.wrong(f"{name} stands there twice", "name")
        found[name] = one.text("label")
    return found
