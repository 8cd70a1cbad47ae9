"""Paper about a mandate: a blank one to sign, and the slip for a person without a phone."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import segno

from portal.foundation import typesetting
from portal.foundation.clock import spoken
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import BLANK_SCOPE, KINDS, TEXT, Said

_TEMPLATES = Path(__file__).parent / "print"
_HOTLINE = "12349"


def blank() -> bytes:
    """A4, lines to fill in by hand: who is helped, who helps, two witnesses, a thumbprint."""
    title, *lines = [line for line in TEXT.splitlines() if line.strip()]
    lines.append(BLANK_SCOPE)
    told = {"title": title, "lines": lines, "kinds": [k for k in KINDS.values() if k != "主动帮助"]}
    return typesetting.render(_TEMPLATES / "authorisation.typ", told)


def slip(mandate: Mandate, said: Said, code: str, titles: Sequence[str], *, url: str) -> bytes:
    """A5 for the person helped: who helps with what (`titles`; none: everything) since when, and
    how to end it without a phone of one's own. `code` in two groups of five; the square leads to
    the page with it filled in."""
    address = f"{url}/not-me?code={code}"
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=4, xmldecl=False)
    told = {
        "person": said.person,
        "sentence": _sentence(mandate, said),
        "scope": f"他只能办：{'、'.join(titles)}。" if titles else "您家所有的，他都能办。",
        "since": spoken(mandate.started_at),
        "code": f"{code[:5]} {code[5:]}",
        "svg": drawn.getvalue().decode(),
        "hotline": _HOTLINE,
        "url": f"{url}/not-me",
    }
    return typesetting.render(_TEMPLATES / "slip.typ", told)


def _sentence(mandate: Mandate, said: Said) -> str:
    if mandate.kind == "proactive":
        return f"{said.helper}（{KINDS[said.role]}）主动帮您申请救助。"
    return f"{said.helper}（{KINDS[mandate.kind]}）说，您请他帮忙申请救助。"
