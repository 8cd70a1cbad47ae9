"""A village assistant tells people what no phone could: in the own villages, and there only."""

from uuid import UUID

import pytest
from sqlalchemy import select

from portal.contact import in_person
from portal.contact.tables import Errand
from portal.foundation.audit_tables import AuditEntry
from portal.handover import urgent
from portal.people import appointments
from portal.people.appointment_tables import Appointment, RosterHousehold
from tests.api.assisted import assistant
from tests.api.helped import Neighbour, the
from tests.api.test_roster_pages import as_browser, page, press
from tests.conftest import NOW
from tests.people import assistants

NAME = "石桂香"


@pytest.fixture
def li(app, portal):
    return assistant(app, portal)


def errand(portal, village, file=None, topic="returned"):
    """Somebody of this village is to be told; `file` None for whom no roster knows."""
    with portal.database.writing() as session:
        if file is None:
            program = portal.catalogue.find("linshi")
            said = {
                "place": {"code": village, "address": ""}, "found_by": "村口", "needs": ["food"],
                "happened": "", "name": "",
            }  # fmt: skip
            made, _receipt = urgent.ask(session, program, urgent.answers(program, said), now=NOW)
            file = made.id
        place = in_person.Place(village, f"430000/430900/430923/{assistants.TOWNSHIP}")
        return in_person.ask(session, file, topic, place=place, why=in_person.NO_PHONE, now=NOW).id


def villages(portal):
    """Li's own, and another of the township."""
    with portal.database.reading() as session:
        return assistants.villages(session)[:2]


def helped(portal, li, village):
    """石桂香 of Li's roster, helped by Li, to be told something."""
    entry = li.add(NAME, "3组").json["id"]
    li.help(entry)
    return errand(portal, village, UUID(li.start_for("linshi")))


def tell(li, one, how):
    return li.post(f"/api/roster/tasks/{one}/completions", {"how": how})


def test_told_from_the_phone_and_only_in_the_own_villages(portal, li):
    own, other = villages(portal)
    known, nameless = helped(portal, li, own), errand(portal, own)
    foreign, town = errand(portal, other), errand(portal, assistants.TOWNSHIP)
    found = {one["id"]: one for one in li.get("/api/roster/tasks").json}
    assert {one: shown["name"] for one, shown in found.items()} == {
        str(known): NAME, str(nameless): "",
    }  # fmt: skip
    assert found[str(known)]["where"] == "3组"
    assert found[str(nameless)]["sayings"] == ["申请要补东西。请打窗口电话问，也可以请人帮着拍照。"]
    assert found[str(nameless)]["ask"]["phone"]
    for one in (foreign, town):
        assert tell(li, one, "visit").status_code == 404
    assert tell(li, known, "window").status_code == 422
    assert tell(li, known, "not_found").json["tries"] == 1
    assert tell(li, known, "visit").json["how"] == "visit"
    assert tell(li, known, "visit").status_code == 409
    assert [one["id"] for one in li.get("/api/roster/tasks").json] == [str(nameless)]
    with portal.database.reading() as session:
        row = session.get_one(Errand, known)
        assert (row.tries, row.done_by) == (1, f"applicant:{li.account}")
        actions = {"read.errand": 3, "tell.in_person": 2}
        for action, times in actions.items():
            lines = session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()
            assert [line.actor for line in lines] == [f"applicant:{li.account}"] * times, action


def test_who_waits_to_be_told_stands_under_what_is_yours_to_do(portal, li):
    own, _other = villages(portal)
    as_browser(li)
    assert "/roster/tasks" not in page(li)
    known = helped(portal, li, own)
    first = page(li, "/roster?only=waiting")
    assert "要当面告诉的，1件" in first
    assert f"有话要当面告诉{NAME}" in first
    assert [line["to_tell"] for line in li.lines("?only=waiting")] == [True]
    shown = page(li, "/roster/tasks")
    assert NAME in shown
    assert "请问乡镇" not in shown
    refused = press(li, f"/roster/tasks/{known}/completions", how="pigeon")
    assert (refused.status_code, "请选怎么告诉的" in refused.get_data(as_text=True)) == (422, True)
    done = press(li, f"/roster/tasks/{known}/completions", how="family")
    assert done.headers["Location"] == "/roster/tasks?done=told"
    assert "记下了" in page(li, "/roster/tasks?done=told")
    assert "要当面告诉的，" not in page(li)


def test_a_name_only_from_the_own_groups_and_never_after_not_me(app, portal, li):
    own, _other = villages(portal)
    known = helped(portal, li, own)
    wang = assistant(app, portal, "13900000007", groups=("1组",), name="王协理")
    assert wang.get("/api/roster/tasks").json == []
    assert tell(wang, known, "visit").status_code == 404
    with portal.database.writing() as session:
        session.scalars(select(RosterHousehold)).one().group = "1组"
    assert [one["name"] for one in wang.get("/api/roster/tasks").json] == [NAME]
    the(portal, li.mandate, flags=["not_me"])
    assert [one["name"] for one in li.get("/api/roster/tasks").json] == [""]


def test_nobody_tells_of_their_own_help(app, portal, li):
    own, _other = villages(portal)
    li.help(li.add(NAME, "3组").json["id"])
    one = errand(portal, own, UUID(li.start_for("linshi")), topic="helper_submitted")
    assert li.get("/api/roster/tasks").json == []
    assert tell(li, one, "visit").status_code == 404
    wang = assistant(app, portal, "13900000007", name="王协理")
    assert [told["name"] for told in wang.get("/api/roster/tasks").json] == [NAME]


def test_who_is_no_assistant_sees_nothing(app, portal, li):
    one = errand(portal, villages(portal)[0])
    other = Neighbour(app.test_client(), portal, phone="13900000009")
    other.sign_in()
    unproven = assistant(app, portal, "13900000008", enrolled=False)
    with portal.database.writing() as session:
        row = session.get_one(Appointment, li.appointment)
        appointments.suspend(session, row, actor="test", now=NOW)
    for who, code in ((other, "not_appointed"), (unproven, "factor_needed"), (li, "")):
        for answer in (who.get("/api/roster/tasks"), tell(who, one, "visit")):
            assert answer.status_code in (401, 403)
            assert not code or answer.json["code"] == code
