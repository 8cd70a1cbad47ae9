"""compose.yaml as compose reads it: ${…} from .env beside it, env_file below environment."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.rules.code import ROOT

FILE = ROOT / "deploy" / "compose.yaml"
_PLACE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[?-])([^}]*))?\}|(\w+))")


class Missing(Exception):
    """Compose stops with the words of `${NAME:?words}`."""


def head() -> list[str]:
    """What is to be typed once, from the file's own head."""
    text = FILE.read_text(encoding="utf-8")
    return [line.lstrip("# ") for line in text.split("name: jiuzhutong")[0].splitlines()]


def make_passwords(folder: Path) -> dict[str, str]:
    """.env by the head's own lines."""
    lines = head()
    start = next(n for n, line in enumerate(lines) if line.startswith("for name in"))
    typed = "\n".join(line.partition("   ")[0] for line in lines[start : start + 3])
    subprocess.run(["sh", "-euc", typed], cwd=folder, check=True)
    return pairs((folder / ".env").read_text())


def pairs(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", text, re.M))


def read(given: dict[str, str]) -> dict[str, Any]:
    """The whole file. Raises Missing."""
    whole: dict[str, Any] = _filled(yaml.safe_load(FILE.read_text(encoding="utf-8")), given)
    return whole


def environment(service: dict[str, Any], folder: Path) -> dict[str, str]:
    """What a container of this service finds: `environment` wins over each `env_file`."""
    found: dict[str, str] = {}
    for name in service.get("env_file", ()):
        found |= pairs((folder / name).read_text(encoding="utf-8"))
    return found | service["environment"]


def _filled(value: Any, given: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, given) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, given) for one in value]
    return _PLACE.sub(lambda m: _one(m, given), value) if isinstance(value, str) else value


def _one(match: re.Match[str], given: dict[str, str]) -> str:
    dollar, name, how, words, bare = match.groups()
    if dollar:
        return "$"
    found = given.get(name or bare, "")
    if found or not how:
        return found
    if "?" in how:
        raise Missing(words)
    return str(words)
