"""The receipt as a picture: what a phone keeps in its album."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import segno

from portal.foundation import typesetting
from portal.foundation.clock import spoken
from portal.policy.directory import EVERYWHERE

_TEMPLATE = Path(__file__).parent / "receipt.typ"


def draw(receipt: Mapping[str, Any], *, url: str) -> bytes:
    """A PNG 750 pixels wide; `url` of the site, where the code leads to the status."""
    number = receipt["reference_no"]
    code = segno.make(f"{url}/status?no={number}", error="m", micro=False)
    return typesetting.picture(
        _TEMPLATE,
        {
            "status": receipt["status"],
            "reference_no": number,
            "lines": [
                ("申请什么", receipt["program"]),
                ("哪里受理", receipt["office"]),
                ("提交时间", spoken(datetime.fromisoformat(receipt["submitted_at"]))),
                ("照片", f"{len(receipt['photos'])}张"),
            ],
            "svg": str(code.svg_inline(border=2, scale=4, light="#fff", omitsize=True)),
            "hotline": EVERYWHERE.phone,
        },
    )
