"""Photos taken in one go and sorted afterwards: nothing sent twice, nothing blocked, nothing mixed."""

import re
from hashlib import sha256
from uuid import UUID

import pytest

from portal.filing import applications
from portal.filing.tables import Application, Document, Signature
from portal.handover import frozen
from portal.people import sign_in
from portal.people.access import Actor, Role
from tests.api.helped import neighbour, the
from tests.api.walk import PHOTOS, Resident
from tests.conftest import NOW

CARD, BILL, PAGE = "bank_L1_00.jpg", "bill_L1_00.jpg", "id_front_L1_00.jpg"


@pytest.fixture
def resident(app, portal) -> Resident:
    return Resident(app.test_client(), portal).sign_in()


@pytest.fixture
def draft(resident) -> str:
    return resident.start()


def pile(who, file: str, *names: str) -> list[str]:
    """Photos put on the pile; their ids."""
    made = [who.add_photo(file, name=name, item="unsorted") for name in names or (CARD,)]
    assert [one.status_code for one in made] == [201] * len(made)
    return [one.json["id"] for one in made]


def put(who, file: str, photo: str, item: str):
    return who.put(f"/api/applications/{file}/documents/{photo}", {"item": item})


def items(who, file: str) -> list[str]:
    return sorted(one["item"] for one in who.get(f"/api/applications/{file}/documents").json)


def test_sorted_without_sending_again(resident, draft, portal) -> None:
    card, bill = pile(resident, draft, CARD, BILL)
    blobs = _blobs(portal)
    assert put(resident, draft, card, "bank_account").json["item"] == "bank_account"
    assert put(resident, draft, bill, "medical_bills").status_code == 200
    assert put(resident, draft, bill, "other").json["id"] == bill, "and to another once more"
    assert items(resident, draft) == ["bank_account", "other"]
    assert _blobs(portal) == blobs


def test_the_same_photo_twice_becomes_one(resident, draft) -> None:
    (card,) = pile(resident, draft)
    sorted_one = put(resident, draft, card, "bank_account").json["id"]
    again = pile(resident, draft)
    assert again == [sorted_one], "it has its place already"
    other = resident.add_photo(draft, name=CARD, item="other").json["id"]
    assert put(resident, draft, other, "bank_account").json["id"] == sorted_one
    assert items(resident, draft) == ["bank_account"]
    digest = sha256((PHOTOS / CARD).read_bytes()).hexdigest()
    address = f"/api/applications/{draft}/uploads/{digest}"
    asked = resident.client.get(address, headers={**resident.headers, "Upload-Item": "unsorted"})
    assert asked.json["document"]["id"] == sorted_one, "a phone that heard no answer sends nothing"


def test_no_such_paper(resident, draft) -> None:
    (card,) = pile(resident, draft)
    for item in ("", "nothing", "x" * 65, None, 7):
        answer = put(resident, draft, card, item)
        assert answer.status_code == 422, item
        assert "item" in answer.json["fields"], item
    assert items(resident, draft) == ["unsorted"]


def test_a_photo_never_leaves_its_application(resident, draft, app, portal) -> None:
    (card,) = pile(resident, draft)
    other = resident.start("linshi", key="start-2")
    assert put(resident, other, card, "other").status_code == 404
    stranger = neighbour(app, portal, phone="13800000004")
    assert put(stranger, draft, card, "other").status_code == 404
    theirs = stranger.start("linshi", key="start-3")
    assert put(stranger, theirs, card, "other").status_code == 404
    with portal.database.reading() as session:
        assert str(session.get_one(Document, UUID(card)).application_id) == draft


def test_unsorted_ones_go_along_and_block_nothing(resident, draft, portal) -> None:
    resident.fill_in(draft)
    card, _bill = pile(resident, draft, CARD, BILL)
    resident.add_photo(draft, name=BILL, item="other")
    given = resident.post(f"/api/applications/{draft}/submission")
    assert given.status_code == 201
    assert [p["title"] for p in given.json["receipt"]["photos"]] == ["其他材料"] * 2
    assert items(resident, draft) == ["other", "other"]
    with portal.database.reading() as session:
        file = applications.find(session, UUID(draft), actor=_owner(session, draft))
        body = frozen.contents(session, file, 1)
        assert {one["item"] for one in body["documents"]} == {"other"}
    moved = put(resident, draft, card, "bank_account")
    assert (moved.status_code, moved.json["code"]) == (409, "handed_in")


def test_what_somebody_signed_stays_where_it_was_signed(resident, draft, portal) -> None:
    resident.fill_in(draft)
    page = resident.add_photo(draft, name=PAGE, item="signed_page").json["id"]
    signed = {"signer": "applicant", "method": "paper", "text_version": "2026-11"}
    signed["document_id"] = page
    assert resident.post(f"/api/applications/{draft}/signatures", signed).status_code == 201
    refused = put(resident, draft, page, "other")
    assert (refused.status_code, refused.json["code"]) == (409, "signed_on")
    gone = resident.client.delete(
        f"/api/applications/{draft}/signatures/applicant", headers=resident.headers
    )
    assert gone.status_code == 204
    assert put(resident, draft, page, "other").status_code == 200
    with portal.database.reading() as session:
        assert session.query(Signature).one().withdrawn_at is not None


def test_a_mandate_paper_sorted_by_mistake_is_no_mandate(app, portal) -> None:
    helper = neighbour(app, portal)
    helper.begin()
    file = helper.start_for()
    (photo,) = pile(helper, file)
    assert put(helper, file, photo, "proxy_letter").status_code == 200
    assert _basis(helper) == "paper"
    assert put(helper, file, photo, "bank_account").status_code == 200
    assert _basis(helper) is None


def test_what_a_mandate_does_not_open_is_not_sorted(app, portal) -> None:
    helper = neighbour(app, portal)
    helper.begin()
    file = helper.start_for()
    (photo,) = pile(helper, file)
    the(portal, helper.mandate, acts=["submit", "follow"])
    assert put(helper, file, photo, "other").json["code"] == "out_of_scope"
    the(portal, helper.mandate, acts=["fill", "submit", "follow"], revoked_at=NOW)
    assert put(helper, file, photo, "other").status_code == 404


def test_in_a_family_it_lies_under_the_paper_in_every_draft(resident, portal) -> None:
    """As a photo taken for that paper would; and not under the one it was under before."""
    body = {"programs": ["dibao", "linshi"]}
    made = resident.post("/api/households", body, **{"Idempotency-Key": "h1"})
    assert made.status_code == 201, made.json
    first, second = (one["id"] for one in made.json["applications"])
    (photo,) = pile(resident, first)
    assert items(resident, second) == []
    both = sorted(_papers(portal, "dibao") & _papers(portal, "linshi"))
    only = sorted(_papers(portal, "dibao") - _papers(portal, "linshi"))
    assert put(resident, first, photo, both[0]).status_code == 200
    assert items(resident, second) == [both[0]]
    assert put(resident, first, photo, only[0]).status_code == 200
    assert (items(resident, first), items(resident, second)) == ([only[0]], [])


def test_the_page_without_a_script(resident, draft, app, portal) -> None:
    card, bill, _page = pile(resident, draft, CARD, BILL, PAGE)
    browser = _browser(app, portal, resident)
    shown = browser.get(f"/applications/{draft}/photos").text
    assert "先拍，后分" in shown
    assert "分一分（3张）" in shown
    asked = browser.get(f"/applications/{draft}/sorting").text
    assert asked.count("<fieldset") == 3
    csrf = asked.partition('name="csrf" value="')[2].partition('"')[0]
    chosen = {"csrf": csrf, f"to.{card}": "bank_account", f"to.{bill}": "medical_bills"}
    left = browser.post(f"/applications/{draft}/sorting", data=chosen)
    assert left.headers["Location"] == f"/applications/{draft}/sorting", "one is left"
    done = browser.post(f"/applications/{draft}/sorting", data={"csrf": csrf})
    assert done.headers["Location"] == f"/applications/{draft}/photos"
    assert items(resident, draft) == ["bank_account", "medical_bills", "unsorted"]
    shown = browser.get(f"/applications/{draft}/photos").text
    assert f"/applications/{draft}/sorting?photo={card}" in shown
    one = {"csrf": csrf, "one": "1", "photo": card, f"to.{card}": "other"}
    moved = browser.post(f"/applications/{draft}/sorting", data=one)
    assert moved.headers["Location"] == f"/applications/{draft}/photos"
    strange = browser.post(f"/applications/{draft}/sorting", data={**one, f"to.{card}": "nothing"})
    assert (strange.status_code, "没有这项材料" in strange.text) == (422, True)
    for data in ({"to.x": "other"}, {f"to.{draft}": "other"}):
        wrong = browser.post(f"/applications/{draft}/sorting", data={"csrf": csrf, **data})
        assert (wrong.status_code, "没有这张照片" in wrong.text) == (404, True)


def test_the_pile_of_a_family_that_applies_for_two_things(resident, app, portal) -> None:
    body = {"programs": ["dibao", "linshi"]}
    made = resident.post("/api/households", body, **{"Idempotency-Key": "h1"}).json
    home, drafts = made["id"], [one["id"] for one in made["applications"]]
    browser = _browser(app, portal, resident)
    shown = browser.get(f"/household/{home}/photos").text
    assert shown.count("<h2>先拍，后分</h2>") == 1
    (first,) = re.findall(rf'href="/applications/([0-9a-f-]+)/sorting\?home={home}"', shown)
    assert first in drafts
    (card,) = pile(resident, first)
    asked = browser.get(f"/applications/{first}/sorting?home={home}").text
    csrf = asked.partition('name="csrf" value="')[2].partition('"')[0]
    chosen = {"csrf": csrf, "home": home, f"to.{card}": "bank_account"}
    done = browser.post(f"/applications/{first}/sorting", data=chosen)
    assert done.headers["Location"] == f"/household/{home}/photos"


def _papers(portal, program: str) -> set[str]:
    return {rule.item for rule in portal.catalogue.find(program).documents}


def _blobs(portal) -> set[str]:
    with portal.database.reading() as session:
        return {one.sent_blob for one in session.query(Document)}


def _basis(helper):
    return helper.get("/api/mandates").json["helping"][0]["basis"]


def _owner(session, draft: str):
    return Actor(Role.APPLICANT, session.get_one(Application, UUID(draft)).account_id)


def _browser(app, portal, resident):
    browser = app.test_client()
    with portal.database.writing() as session:
        account = sign_in.find_account(session, resident.phone)
        browser.set_cookie("refresh", sign_in.issue(session, account=account, now=NOW))
    return browser
