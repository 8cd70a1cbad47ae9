"""A son working away signs by a link: it opens his page, once, for three days, and nothing else."""

import re
from uuid import UUID

import pytest

from portal.contact import messages
from portal.filing.tables import Signature
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from tests.api.helped import STROKES, neighbour, the
from tests.api.walk import ANSWERS, Resident
from tests.conftest import NOW

SON = "member:r2"
MEMBERS = [
    {"row": "r0", "name": "李大山", "relation": "spouse"},
    {"row": "r2", "name": "李强", "relation": "dependent_child"},
]
VERSION = "2026-11"


@pytest.fixture
def owner(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


@pytest.fixture
def file(owner) -> str:
    made = owner.start()
    owner.fill_in(made, **{**ANSWERS, "members": MEMBERS})
    return made


def link(who, file: str, signer: str = SON) -> str:
    made = who.post(f"/api/applications/{file}/signers/{signer}/links")
    assert made.status_code == 201, made.json
    return "/" + made.json["url"].split("/", 3)[3]


def post(client, path: str, **body):
    """As a browser without a script: first the page, then its form."""
    page = client.get(path.removesuffix("/withdrawal"))
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    return client.post(path, data={"csrf": found[1] if found else "", **body})


def signed(owner, file: str) -> dict[str, str | None]:
    return {s["key"]: s["method"] for s in owner.get(f"/api/applications/{file}/signatures").json}


def test_it_opens_one_page_and_no_other(app, owner, file) -> None:
    away, path = app.test_client(), link(owner, file)
    page = away.get(path)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "李强" in page.text
    assert "王*英" in page.text
    for secret in ("王秀英", "李大山", ANSWERS["applicant_id_number"], ANSWERS["phone"], file):
        assert secret not in page.text
    for other in ("", "/answers", "/documents", "/signatures", "/timeline"):
        assert away.get(f"/api/applications/{file}{other}").status_code == 401
    assert away.get(f"/applications/{file}/tasks").status_code == 303


def test_signed_by_hand_it_holds_everything(app, owner, file, portal) -> None:
    away, path = app.test_client(), link(owner, file)
    strokes = str(STROKES).replace(" ", "")
    done = post(away, path, method="screen", text_version=VERSION, strokes=strokes)
    assert "您签好了" in done.text
    assert signed(owner, file) == {"applicant": None, "member:r0": None, SON: "screen"}
    with portal.database.reading() as session:
        made = session.query(Signature).one()
        assert (made.via, made.mandate_id, made.device) == ("link", None, "computer")
        assert made.text.startswith("家庭经济状况核对授权书")
        row = session.query(AuditEntry).filter_by(action="signature.given").one()
        assert row.actor == f"signer:{file}/{SON}"
        assert audit.verify(session) == []
    assert post(away, f"{path}/withdrawal").status_code == 200
    assert signed(owner, file)[SON] is None


def test_signed_by_a_code_to_the_own_phone(app, owner, file, portal) -> None:
    away, path, phone = app.test_client(), link(owner, file), "13987654321"
    asked = post(away, path, method="code", text_version=VERSION, phone=phone)
    assert "短信里的6个数字" in asked.text
    with portal.database.reading() as session:
        text = next(m.text for m in messages.latest(session) if m.phone == phone)
    code = re.findall("[0-9]{6}", text)[0]
    post(away, path, method="code", text_version=VERSION, phone=phone, code=code)
    assert signed(owner, file)[SON] == "code"


def test_sent_again_the_one_before_is_dead(app, owner, file) -> None:
    first = link(owner, file)
    second, other = link(owner, file), link(owner, file, "member:r0")
    away = app.test_client()
    assert [away.get(path).status_code for path in (first, second, other)] == [404, 200, 200]


@pytest.mark.parametrize(("hours", "status"), [(71.9, 200), (72, 404)])
def test_after_three_days_it_is_over(app, owner, file, clock, hours, status) -> None:
    path = link(owner, file)
    clock.forward(hours=hours)
    assert app.test_client().get(path).status_code == status


def test_a_guessed_link_opens_nothing(app, owner, file) -> None:
    path = link(owner, file)
    away = app.test_client()
    assert away.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert away.get("/sign/x").status_code == 404


def test_a_link_signs_for_nobody_else(app, owner, file) -> None:
    away, path = app.test_client(), link(owner, file)
    post(
        away, path, method="screen", text_version=VERSION, strokes=str(STROKES), signer="applicant"
    )
    assert signed(owner, file)["applicant"] is None
    assert signed(owner, file)[SON] == "screen"


def test_an_older_text_is_read_again_first(app, owner, file) -> None:
    answer = post(
        app.test_client(), link(owner, file), method="screen", text_version="2020-01",
        strokes=str(STROKES),
    )  # fmt: skip
    assert answer.status_code == 409
    assert signed(owner, file)[SON] is None


def test_a_helpers_links_end_with_the_mandate(app, portal) -> None:
    helper = neighbour(app, portal)
    helper.begin()
    file = helper.start_for()
    path, away = link(helper, file, "applicant"), app.test_client()
    assert away.get(path).status_code == 200
    the(portal, helper.mandate, revoked_at=NOW)
    assert away.get(path).status_code == 404


def test_nobody_links_a_foreign_file(app, owner, file, portal) -> None:
    stranger = Resident(app.test_client(), portal, phone="13900000001").sign_in()
    assert stranger.post(f"/api/applications/{file}/signers/{SON}/links").status_code == 404
    assert owner.post(f"/api/applications/{file}/signers/member:r9/links").status_code == 404
    assert UUID(file)
