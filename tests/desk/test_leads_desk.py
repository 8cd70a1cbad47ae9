"""Leads at the desk over HTTP: what is wrong is said on the page, and nothing is lost."""

import pytest
from sqlalchemy import select

from portal.casework.leads import reporting, seeing
from portal.casework.leads.reporting import Said
from portal.casework.leads.tables import Lead
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files


@pytest.fixture
def lead(portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
        said = Said(files.TOWNSHIP, "老人病了没人管。", "河边最后一家")
        made, _code = reporting.report(session, said, device="a", now=NOW)
        made.status = "verified"
        return made.id


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("steps", {"after": "informed", "sentence": " "}),
        ("steps", {"after": "reported", "sentence": "一句话。"}),
        ("steps", {"after": "king", "sentence": "一句话。"}),
        ("applications", {"person": "", "sentence": "一句话。"}),
        ("links", {"reference_no": "12", "sentence": "一句话。"}),
        ("mandates", {"person": "", "helper": "向红梅", "helper_phone": "13812340001"}),
        ("mandates", {"person": "石桂香", "helper": "向红梅", "helper_phone": "", "role": "cadre"}),
        ("mandates", {"person": "石桂香", "helper": "向红梅", "helper_phone": "1", "role": "cadre"}),
        ("mandates", {"person": "石桂香", "helper": "向红梅", "helper_phone": "13812340001", "role": "x"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_changes_nothing(app, portal, lead, act, form):
    clerk = signed_in(app, portal)
    answer = clerk.post(f"/desk/leads/{lead}/{act}", form)
    assert answer.status_code == 422
    assert "没有办成" in answer.text
    assert "河边最后一家" in answer.text
    with portal.database.reading() as session:
        kept = session.scalars(select(Lead)).one()
        assert (kept.status, kept.application_id, kept.mandate_id) == ("verified", None, None)


def test_helped_from_the_page(app, portal, lead):
    clerk = signed_in(app, portal)
    form = {
        "person": "石桂香",
        "helper": "向红梅",
        "helper_phone": "13812340001",
        "role": "assistant",
    }
    assert clerk.post(f"/desk/leads/{lead}/mandates", form).status_code == 303
    page = clerk.get(f"/desk/leads/{lead}").text
    assert seeing.LABELS["assisted"] in page
    assert "13812340001" not in page


def test_a_list_without_a_file_or_a_kind(app, portal, lead):
    clerk = signed_in(app, portal)
    assert clerk.post("/desk/leads", {"signal": "medical"}).status_code == 422
    assert clerk.post("/desk/leads", {"signal": "none"}).status_code == 422
