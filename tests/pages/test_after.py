"""Pages that need a granted file, or one that hangs in the village, at the largest letters."""

import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser

from portal.casework import sealed
from portal.casework.after import rechecks
from portal.casework.decision.tables import PublicNotice
from portal.filing.tables import Application
from portal.foundation.clock import local_date, utc_now
from tests.journeys.phone import NARROW, Phone
from tests.journeys.site import Site
from tests.pages.furnished import Furnished
from tests.pages.test_looks import _judge, _look, _looking

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("DESK_PICTURES", "")  # noqa: TID251 - where to keep screenshots
VILLAGE = "433127103001"
WORDS = {
    "name": "欧阳某某", "people": "12人", "village": "商合社区居委会",
    "category": "特困分散供养（住在自己家里）", "amount": "每月1234.56元", "from": "2026年11月22日",
    "until": "2026年11月29日", "phone": "0743-5222333",
}  # fmt: skip


def grant(shown: Site, at: str) -> None:
    with shown.portal.database.writing() as session:
        file = session.get_one(Application, UUID(at.rsplit("/", 1)[-1]))
        file.status = "paying"
        row = rechecks.plan(session, file, "yearly", since=local_date(utc_now()))
        assert row is not None
        row.due_on = local_date(utc_now()) + timedelta(days=5)


def post(shown: Site, at: str) -> UUID:
    with shown.portal.database.writing() as session:
        file = session.get_one(Application, UUID(at.rsplit("/", 1)[-1]))
        file.status, new = "public_notice", uuid4()
        session.add(PublicNotice(
            id=new, application_id=file.id, round=1, region_code=VILLAGE, posted_by="test",
            posted_at=utc_now(), last_day=local_date(utc_now()) + timedelta(days=7),
            body_sealed=sealed.seal(session, file, "public_notices.body_sealed", new, WORDS),
        ))  # fmt: skip
    return new


def keep(phone: Phone, name: str) -> None:
    if PICTURES:
        phone.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_批准以后的页_谁都能用(browser: Browser, shown: Site, furnished: Furnished) -> None:
    at, posting = furnished.accepted, post(shown, furnished.returned)
    grant(shown, at)
    faults: list[str] = []
    with _looking(browser, shown, NARROW, {"size": "4"}, owner=None) as phone:
        for path in (f"/notices/{VILLAGE}", f"/notices/{posting}/objections"):
            faults += _look(phone, path)
            keep(phone, f"public-{path.rsplit('/', 1)[-1]}")
    with _looking(browser, shown, NARROW, {"size": "4"}, owner=furnished.owner) as phone:
        parts = ("changes", "recheck", "unlisted")
        for path in (*(f"{at}/{part}" for part in parts), f"{furnished.family.home}/chain"):
            faults += _look(phone, path)
            keep(phone, f"after-{path.rsplit('/', 1)[-1]}")
        phone.open(f"{at}/recheck")
        phone.tap("答好了")
        phone.sees("请选还一样，还是变了")
        faults += _judge(phone.page, "recheck, empty")
        phone.tap("请人上门来看")
        phone.sees("已经请人来了")
        phone.tap("都没变")
        phone.sees("记下了")
        phone.open(f"{at}/unlisted")
        phone.page.fill('[name="sentence"]', "怕他来找。")
        phone.tap("请不要公开我家")
        phone.sees("现在起，哪里都不公开您家")
    assert not faults, "\n".join(faults)
