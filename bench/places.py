"""Places: loading all of them, and finding one by what people type."""

import tempfile
import time
from pathlib import Path

from bench import photos
from portal.assembly import open_portal
from portal.foundation.clock import utc_now
from portal.foundation.installation import install
from portal.foundation.settings import Settings
from portal.policy import regions

TYPED = ("安化县东坪", "东坪", "湖南", "大桥村", "昆明 东川", "不存在")
TIMES = 20


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        install(settings, now=utc_now())
        portal = open_portal(settings)
        begins = time.monotonic()
        with portal.database.writing() as session:
            regions.import_regions(session)
        photos.say(f"places  all loaded in {time.monotonic() - begins:.1f} s")
        with portal.database.reading() as session:
            for typed in TYPED:
                spent = min(_search(session, typed) for _ in range(TIMES))
                photos.say(f"places  search {typed}: {spent * 1000:.1f} ms")
        portal.database.engine.dispose()
    return 0


def _search(session: object, typed: str) -> float:
    begins = time.perf_counter()
    regions.search(session, typed)  # type: ignore[arg-type]
    return time.perf_counter() - begins
