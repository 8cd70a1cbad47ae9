"""A village assistant goes to see whom somebody reported: in the own villages, and there only."""

import pytest
from sqlalchemy import select

from portal.casework.leads import reporting, seeing
from portal.casework.leads.reporting import Said
from portal.foundation.audit_tables import AuditEntry
from portal.people import appointments
from portal.people.appointment_tables import Appointment
from tests.api.assisted import assistant
from tests.api.helped import Neighbour
from tests.conftest import NOW
from tests.handover import files
from tests.people import assistants

WHAT, FIND = "老人一个人，病了没人管。", "河边最后一家"


@pytest.fixture
def li(app, portal):
    return assistant(app, portal)


def report(portal, place):
    with portal.database.writing() as session:
        return reporting.report(session, Said(place, WHAT, FIND), device=place, now=NOW)[0].id


def villages(portal):
    """Li's own, and another of the township."""
    with portal.database.reading() as session:
        return assistants.villages(session)[:2]


def test_seen_and_told_from_the_phone(portal, li):
    own, other = villages(portal)
    lead, foreign, town = (report(portal, p) for p in (own, other, files.TOWNSHIP))
    (found,) = li.get("/api/roster/leads").json
    assert (found["id"], found["what"], found["find"]) == (str(lead), WHAT, FIND)
    empty = li.post(f"/api/roster/leads/{lead}/steps", {"sentence": " "})
    assert (empty.status_code, list(empty.json["fields"])) == (422, ["sentence"])
    looked = li.post(f"/api/roster/leads/{lead}/steps", {"sentence": "去过，情况属实。"})
    assert (looked.status_code, looked.json["status"]) == (201, "verified")
    assert li.get("/api/roster/leads").json == []
    again = li.post(f"/api/roster/leads/{lead}/steps", {"sentence": "又去了。"})
    assert again.status_code == 409
    for one in (foreign, town):
        assert li.post(f"/api/roster/leads/{one}/steps", {"sentence": "x"}).status_code == 404
    with portal.database.reading() as session:
        clerk = files.clerk()
        shown = seeing.opened(session, seeing.find(session, lead, actor=clerk))
        assert [step["words"] for step in shown["steps"]] == ["去过，情况属实。"]
        read = select(AuditEntry).where(
            AuditEntry.action == "read.lead", AuditEntry.subject == lead
        )
        assert [entry.actor for entry in session.scalars(read)] == [f"applicant:{li.account}"]


def test_who_is_no_assistant_sees_nothing(app, portal, li):
    lead = report(portal, villages(portal)[0])
    other = Neighbour(app.test_client(), portal, phone="13900000009")
    other.sign_in()
    unproven = assistant(app, portal, "13900000008", enrolled=False)
    with portal.database.writing() as session:
        one = session.get_one(Appointment, li.appointment)
        appointments.suspend(session, one, actor="test", now=NOW)
    for who, codes in ((other, {"not_appointed"}), (unproven, {"factor_needed"}), (li, None)):
        for answer in (
            who.get("/api/roster/leads"),
            who.post(f"/api/roster/leads/{lead}/steps", {"sentence": "x"}),
        ):
            assert answer.status_code in (401, 403)
            assert codes is None or answer.json["code"] in codes
