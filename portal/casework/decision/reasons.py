"""Why, in law and in plain words: a refusal names its rule and article (社会救助法 第45、48条)."""

from collections.abc import Collection, Mapping
from typing import Any

from portal.casework.decision import citing

MOST = 200


def in_law(
    trace: Mapping[str, Any], rules: Collection[str], own: str
) -> tuple[str, dict[str, list[str]]]:
    """One sentence naming every rule chosen from the trace with its article, and the own words.

    Also what is wrong, a sentence a field: nothing named at all, a rule that is not in the
    trace, or more than fits.
    """
    known = {rule["key"]: rule for rule in trace.get("rules", ())}
    if any(key not in known for key in rules):
        return "", {"rules": ["请从列出的条件里选。"]}
    named = [_named(known[key]) for key in dict.fromkeys(rules)]
    text = "；".join([*dict.fromkeys(named), *([own.strip()] if own.strip() else [])])
    if not text:
        return "", {"law": ["请勾选条件，或写明规定和条文。"]}
    if len(text) > MOST:
        return "", {"law": [f"太长了，最多{MOST}个字。"]}
    return text, {}


def _named(rule: Mapping[str, Any]) -> str:
    """人均收入低于当地低保标准（《社会救助法》第18条）."""
    return f"不符合“{rule['title']}”（{citing.plain(rule['basis'])}）"
