"""What the county is shown about helpers: coincidences and counts, never a verdict, to few people."""

import pytest

from api import tokens
from portal.casework.signals import NOT_A_VERDICT
from portal.filing.mark_tables import Mark
from portal.foundation.audit_tables import AuditEntry
from portal.people import staff
from portal.people.access import Role
from tests.api.helped import FILLED, neighbour
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files

ACCOUNT = {"account_number": "6217001234567890123"}
AT, API = "/desk/signals", "/api/office/signals"


@pytest.fixture
def helper(app, portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
    return neighbour(app, portal)


@pytest.fixture
def two(helper) -> list[str]:
    """Two households of one helper with the same account, phone and photo, both handed in."""
    made = []
    for person in ("石桂香", "李大山"):
        helper.begin(person=person)
        file = helper.start_for()
        assert helper.fill(file, **FILLED, **ACCOUNT).status_code == 200
        helper.add_photo(file, item="unsorted")
        assert helper.submit(file).status_code == 201
        made.append(file)
    return made


def clerk(app, portal, role=Role.COUNTY_CLERK, region=files.COUNTY, username="qin"):
    return signed_in(app, portal, username, role=role, region=region, name="秦科长")


def test_the_page_says_it_is_no_verdict_beside_every_line(two, app, portal) -> None:
    page = clerk(app, portal).get(AT).text
    assert NOT_A_VERDICT in page
    for words in ("同一个收款账号", "同一个电话", "同一张照片"):
        assert words in page
    assert page.count("这不是结论") == 1 + 3 + 1
    for file in two:
        assert f'href="/desk/files/{file}"' in page
    assert "张*，尾号0002" in page
    assert "张三" not in page
    for name in ("石桂香", "李大山", FILLED["applicant_id_number"], ACCOUNT["account_number"]):
        assert name not in page
    with portal.database.reading() as session:
        looked = session.query(AuditEntry).filter_by(action="signals.looked").all()
        assert len(looked) == 1
        assert "430923" in looked[0].detail


LOOKERS = [
    (Role.COUNTY_CONFIRMER, "430923", 200, True),
    (Role.SUPERVISOR, "430900", 200, True),
    (Role.AUDITOR, "430923", 200, True),
    (Role.COUNTY_CLERK, "430481", 200, False),
    (Role.TOWNSHIP_CLERK, files.TOWNSHIP, 403, False),
    (Role.TOWNSHIP_REVIEWER, files.TOWNSHIP, 403, False),
    (Role.COUNTY_CHECKER, "430923", 403, False),
]


def test_few_people_look(two, app, portal) -> None:
    for number, (role, region, status, seen) in enumerate(LOOKERS):
        answer = clerk(app, portal, role=role, region=region, username=f"q{number}").get(AT)
        assert answer.status_code == status, role
        assert ("同一张照片" in answer.text) is seen, role


def test_a_draft_is_nobodys_coincidence_and_a_photo_taken_out_neither(helper, app, portal) -> None:
    drafts, photos = [], []
    for person in ("石桂香", "李大山"):
        helper.begin(person=person)
        drafts.append(helper.start_for())
        number = "13800000071" if person == "石桂香" else "13800000072"
        assert helper.fill(drafts[-1], **{**FILLED, "phone": number}).status_code == 200
        photos.append(helper.add_photo(drafts[-1], item="other").json["id"])
    who = clerk(app, portal)
    assert "几户有相同的（0）" in who.get(AT).text, "drafts"
    address = f"/api/applications/{drafts[0]}/documents/{photos[0]}"
    assert helper.delete(address).status_code == 204
    for file in drafts:
        assert helper.submit(file).status_code == 201
    page = who.get(AT).text
    assert "几户有相同的（0）" in page
    assert "张*，尾号0002" in page, "counted all the same"
    with portal.database.reading() as session:
        assert session.query(Mark).filter_by(kind="photo").count() == 1


def test_the_same_in_json(two, app, portal, helper) -> None:
    with portal.database.writing() as session:
        made, *_factors = staff.add(session, "qin", "秦", Role.COUNTY_CLERK, "430923", now=NOW)
        headers = {"Authorization": f"Bearer {tokens.issue(session, made, now=NOW)}"}
    found = app.test_client().get(API, headers=headers).json
    assert found["note"] == NOT_A_VERDICT
    assert {one["kind"] for one in found["shared"]} == {"account", "phone", "photo"}
    assert all(sorted(one["applications"]) == sorted(two) for one in found["shared"])
    (counts,) = found["helpers"]
    assert (counts["households"], counts["submitted"], counts["called"]) == (2, 2, "张*，尾号0002")
    assert helper.get(API).status_code == 403
    assert app.test_client().get(API).status_code == 401
