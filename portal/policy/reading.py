"""Reading data files: a value that knows where it stands, so that a fault can be found."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml


class WrongProgram(Exception):
    """A faulty data file; the portal must not start. Says the file, the place in it and the reason."""

    def __init__(self, file: Path, place: str, reason: str) -> None:
        super().__init__(f"{file.parent.name}/{file.name}: {place or '(top)'}: {reason}")
        self.file, self.place, self.reason = file, place, reason


@dataclass(frozen=True)
class Node:
    """A value of a data file, the file, and the path of keys that leads to it."""

    value: Any
    file: Path
    place: str = ""

    def wrong(self, reason: str, key: str = "") -> WrongProgram:
        return WrongProgram(self.file, _join(self.place, key), reason)

    def only(self, required: Collection[str], optional: Collection[str] = ()) -> "Node":
        """Itself, a mapping with all of `required` and nothing beyond both. Raises WrongProgram."""
        self.mapping()
        for key in self.value:
            if key not in required and key not in optional:
                raise self.wrong("unknown key", key)
        for key in required:
            if key not in self.value:
                raise self.wrong("is missing", key)
        return self

    def mapping(self) -> dict[str, Any]:
        """Its value. Raises WrongProgram when it is no mapping, or has a key that is no text."""
        if not isinstance(self.value, dict):
            raise self.wrong("must be a mapping")
        for key in self.value:
            if not isinstance(key, str):
                raise self.wrong(f"key {key!r} is not text (YAML reads on, yes, no: quote it)")
        return self.value

    def has(self, key: str) -> bool:
        return key in self.value

    def at(self, key: str) -> "Node":
        return Node(self.value[key], self.file, _join(self.place, key))

    def each(self, key: str) -> "Iterator[Node]":
        """The members of a list; none when the key is absent."""
        found = self.value.get(key, [])
        if not isinstance(found, list):
            raise self.wrong("must be a list", key)
        for number, value in enumerate(found, 1):
            yield Node(value, self.file, f"{_join(self.place, key)}[{number}]")

    def named(self, key: str) -> "Iterator[tuple[str, Node]]":
        """The members of a mapping; none when the key is absent."""
        found = self.value.get(key, {})
        inner = Node(found, self.file, _join(self.place, key))
        inner.mapping()
        for name in found:
            yield name, inner.at(name)

    def text(self, key: str, default: str | None = None) -> str:
        found = self.value.get(key, default)
        if not isinstance(found, str) or (default is None and not found.strip()):
            raise self.wrong("must be text (quote numbers, dates, yes and no)", key)
        return found.strip()

    def texts(self, key: str) -> "Iterator[str]":
        """The members of a list of texts; none when the key is absent."""
        for member in self.each(key):
            if not isinstance(member.value, str) or not member.value.strip():
                raise member.wrong("must be text (quote numbers, dates, yes and no)")
            yield member.value.strip()

    def word(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        found = self.text(key, default)
        if found not in allowed:
            raise self.wrong(f"{found!r} is none of {', '.join(allowed)}", key)
        return found

    def whole(self, key: str) -> int | None:
        """A whole number, or null where nobody published one."""
        found = self.value.get(key)
        if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
            raise self.wrong("must be a whole number or null", key)
        return found

    def flag(self, key: str, *, default: bool) -> bool:
        found = self.value.get(key, default)
        if not isinstance(found, bool):
            raise self.wrong("must be true or false", key)
        return found

    def day(self, key: str) -> date:
        found = self.value.get(key)
        if not isinstance(found, date):
            raise self.wrong("must be a date like 2026-11-22", key)
        return found

    def since(self, key: str) -> str:
        """A day, or only its year or month where no more is known, as ISO text."""
        found = self.value.get(key)
        text = found.isoformat() if isinstance(found, date) else str(found)
        for whole in (text, f"{text}-01", f"{text}-01-01"):
            try:
                date.fromisoformat(whole)
            except ValueError:
                continue
            return text
        raise self.wrong("must be a year, a month or a day", key)


def read_yaml(file: Path) -> Node:
    """The whole file. Raises WrongProgram when it is absent, no YAML, or says a key twice."""
    try:
        return Node(yaml.load(file.read_text("utf-8"), _Strict), file)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as fault:
        raise WrongProgram(file, "", "the file is missing") from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise WrongProgram(file, _line(fault), f"cannot be read: {fault}") from fault


class _Strict(yaml.CSafeLoader):
    """A SafeLoader (the fast one, in C) that refuses a key said twice, where YAML would keep
    the last silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _line(fault: Exception) -> str:
    mark = getattr(fault, "problem_mark", None)
    return f"line {mark.line + 1}" if mark is not None else ""


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place and key else place or key
