"""The county looks at the page about helpers, and opens a file from it."""

import pytest
from playwright.sync_api import expect

from portal.foundation.clock import utc_now
from portal.people import staff
from portal.people.access import Role
from tests.api.helped import FILLED, neighbour
from tests.apps import app_over
from tests.handover import files

pytestmark = pytest.mark.browser


def test_县里看代办情况(desk, site) -> None:
    with site.portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
        made = staff.add(session, "qin", "秦科长", Role.COUNTY_CLERK, files.COUNTY, now=utc_now())
    helper = neighbour(app_over(site.portal), site.portal)
    for person in ("石桂香", "李大山"):
        helper.begin(person=person)
        file = helper.start_for()
        assert helper.fill(file, **FILLED).status_code == 200
        assert helper.submit(file).status_code == 201
    qin = desk()
    qin.sign_in("qin", made[1], made[2])
    qin.follow("代办情况")
    expect(qin.page.locator("h1")).to_have_text("代办情况")
    qin.look("signals", full_page=True)
    qin.clean("signals")
    first = qin.page.locator("table").first
    expect(first).to_contain_text("这不是结论")
    first.get_by_role("link").first.click()
    expect(qin.page.locator("h1")).to_contain_text("低保")
