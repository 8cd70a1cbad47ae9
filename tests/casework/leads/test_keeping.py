"""Nobody waits unseen, and nobody who never asked is remembered for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.casework.clock import digest
from portal.casework.leads import keeping, reporting, seeing
from portal.casework.leads.tables import Lead
from portal.contact.tables import TextMessage
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, NotFound
from portal.foundation.vault import Unreadable, unseal_text
from portal.people import staff
from portal.policy import signals
from tests.casework.leads import test_leads as seen
from tests.casework.leads.test_leads import CLERK, FIND, WHAT, act, followed, move, read, report
from tests.conftest import NOW
from tests.handover import files

places = seen._places
KEPT = signals.load().keeping


def escalate(portal, **later):
    return keeping.escalate(portal.database, now=NOW + timedelta(**later))


def forget(portal, **later):
    with portal.database.writing() as session:
        return keeping.forget_old(session, now=NOW + timedelta(**later))


def figures(portal, code):
    with portal.database.reading() as session:
        return digest.figures(session, code, now=NOW)["leads_late"]


def test_every_kind_of_lead_has_its_days_and_their_source():
    assert set(KEPT) == {reporting.REPORTED, *signals.load().kinds}
    for kept in KEPT.values():
        assert kept.look_workdays > 0
        assert "我们自己" in kept.source.note


def test_nobody_went_and_township_and_county_are_told_once(portal):
    """Reported on a Sunday: three working days end on Wednesday."""
    with portal.database.writing() as session:
        for name, phone, role, place in (
            ("li", "13700000001", "township_clerk", files.TOWNSHIP),
            ("wu", "13700000002", "county_clerk", files.COUNTY),
            ("far", "13700000003", "township_clerk", files.NEIGHBOUR),
        ):
            staff.add(session, name, name, role, place, phone=phone, now=NOW)
    lead, _code = report(portal)
    looked_at, _other = report(portal)
    move(portal, looked_at, "verified")
    assert escalate(portal, days=3) == 0
    assert escalate(portal, days=4) == 1
    assert escalate(portal, days=5) == 0
    with portal.database.reading() as session:
        texts = session.scalars(select(TextMessage)).all()
        assert [one.template for one in texts] == [keeping.TEMPLATE] * 2
    assert read(portal, lead)["late_since"] == NOW + timedelta(days=4)
    assert [figures(portal, c) for c in (files.TOWNSHIP, files.COUNTY, files.NEIGHBOUR)] == [
        1,
        1,
        0,
    ]
    move(portal, lead, "verified")
    assert figures(portal, files.TOWNSHIP) == 0


@pytest.mark.parametrize("after", ["informed", "not_eligible"])
def test_what_was_seen_to_is_forgotten_and_its_words_are_gone(portal, after):
    lead, code = report(portal)
    move(portal, lead, "verified")
    move(portal, lead, after, "看过了，石婆婆说不用。")
    days = KEPT[reporting.REPORTED].keep_days
    assert forget(portal, days=days - 1) == 0
    assert read(portal, lead)["what"] == WHAT
    assert forget(portal, days=days + 1) == 1
    assert forget(portal, days=days + 2) == 0
    left = read(portal, lead)
    assert (left["what"], left["find"], left["may"]) == ("", "", [])
    assert {step["words"] for step in left["steps"]} == {""}
    with pytest.raises(NotFound):
        followed(portal, code)
    with pytest.raises(Conflict):
        act(portal, lead, seeing.file_emergency, portal.catalogue, "石婆婆", "登记。")
    with portal.database.reading() as session:
        row = session.get_one(Lead, lead)
        with pytest.raises(Unreadable):
            unseal_text(session, row.key_id, row.about_sealed, place=reporting.at("about", lead))
        assert (row.code_index, row.same_index) == (None, b"")
        assert FIND not in str(session.scalars(select(AuditEntry.detail)).all())


def test_what_waits_is_never_forgotten(portal):
    lead, _code = report(portal)
    other, _second = report(portal)
    move(portal, other, "verified")
    assert forget(portal, days=4000) == 0
    assert read(portal, lead)["what"] == WHAT
    assert read(portal, other, CLERK)["what"] == WHAT


def test_a_village_is_forgotten_with_the_words(portal):
    with portal.database.writing() as session:
        code = f"{files.TOWNSHIP}209"
        session.add(
            files.Region(code=code, name="石家村", level="village", parent_code=files.TOWNSHIP)
        )
    lead, _code = report(portal, reporting.Said(code, WHAT, FIND))
    move(portal, lead, "verified")
    move(portal, lead, "informed")
    forget(portal, days=4000)
    with portal.database.reading() as session:
        assert session.get_one(Lead, lead).region_code == files.TOWNSHIP
