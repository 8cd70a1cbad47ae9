"""What was signed without a signal: kept once, under the text read; what cannot stand holds up nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.filing import signatures
from portal.filing.signing_words import TEXT, TEXT_VERSION
from portal.filing.tables import Application, Document, Signature
from portal.foundation.audit_tables import AuditEntry
from portal.people import mandate_basis
from portal.people.mandate_tables import Mandate
from tests import sealing
from tests.api.helped import FILLED, STROKES, neighbour
from tests.api.test_sealed import key, mark, send
from tests.api.walk import Resident
from tests.conftest import NOW

OTHER = [[[5, 5], [90, 50], [10, 95]], [[1, 80], [30, 90], [60, 85], [70, 95], [90, 99]]]
SAID: dict[str, Any] = {
    "signer": "applicant", "name": "王秀英", "version": TEXT_VERSION, "strokes": STROKES,
    "at": int((NOW - timedelta(hours=3)).timestamp() * 1000),
}  # fmt: skip


@pytest.fixture
def who(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


@pytest.fixture
def file(who: Resident) -> str:
    found = who.start()
    who.fill_in(found)
    return found


def sign(who: Resident, file: str, **said: Any) -> Any:
    """As a phone sends it, sealed; nothing of it may be refused."""
    envelope = sealing.topic(key(who), mark(who), **{**SAID, **said})
    answer = send(who, f"/api/applications/{file}/signed?revision=0", envelope)
    assert answer.status_code == 200, answer.json
    assert answer.json["receipt"]["kind"] == "signed"
    return answer.json["again"]


def standing(who: Resident) -> list[tuple[str, str, list[Any]]]:
    """Signer, name and strokes of each that is in force."""
    with who.portal.database.reading() as session:
        rows = session.scalars(select(Signature).where(Signature.withdrawn_at.is_(None)))
        return [
            (
                one.signer,
                signatures.name_of(session, file_of(session, one), one),
                signatures.strokes_of(session, file_of(session, one), one),
            )
            for one in rows
        ]


def file_of(session: Any, one: Signature) -> Application:
    found: Application = session.get_one(Application, one.application_id)
    return found


def how_many(who: Resident) -> int:
    with who.portal.database.reading() as session:
        return len(session.scalars(select(Signature)).all())


def test_it_stands_under_the_text_read_and_twice_is_once(who: Resident, file: str) -> None:
    for _ in range(2):
        assert sign(who, file) == []
    assert sign(who, file, signer="member:r0", name="李大山", strokes=OTHER) == []
    assert sign(who, file) == [], "an old one again, after another signed"
    assert sorted(standing(who)) == [
        ("applicant", "王秀英", STROKES), ("member:r0", "李大山", OTHER),
    ]  # fmt: skip
    with who.portal.database.reading() as session:
        one = session.scalars(select(Signature).where(Signature.signer == "applicant")).one()
        assert (one.text, one.text_version, one.method) == (TEXT, TEXT_VERSION, "screen")
        noted = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "signature.given")
        ).first()
        assert (NOW - timedelta(hours=3)).isoformat() in str(noted), "when, by the phone's clock"


def test_a_clock_that_is_ahead_doubles_nothing(who: Resident, file: str) -> None:
    ahead = int((NOW + timedelta(days=400)).timestamp() * 1000)
    for _ in range(2):
        assert sign(who, file, at=ahead) == []
    assert how_many(who) == 1


CANNOT = {
    "授权书改了": ({"version": "2020-01"}, "申请人要再签一次。"),
    "没有这个人": ({"signer": "member:r9", "name": "别人"}, "有家人要再签一次。"),
    "换了名字": ({"signer": "member:r0", "name": "李小山"}, "家里第1个人要再签一次。"),
    "外面的人": ({"signer": "outside:1", "name": "王五"}, "有家人要再签一次。"),
    "没写成": ({"strokes": [[[1, 1]]]}, "申请人要再签一次。"),
}


@pytest.mark.parametrize(("said", "words"), CANNOT.values(), ids=list(CANNOT))
def test_what_cannot_stand_is_said_and_holds_up_nothing(
    who: Resident, file: str, said: dict[str, Any], words: str
) -> None:
    assert sign(who, file, **said) == [[f"/applications/{file}/signers", words]]
    assert standing(who) == []
    assert who.post(f"/api/applications/{file}/submission").status_code == 201


def test_what_was_said_since_stands(who: Resident, file: str) -> None:
    """Signed online, or taken back, after the hour the phone names."""
    path = f"/api/applications/{file}/signatures"
    online = {"signer": "applicant", "method": "screen", "text_version": TEXT_VERSION}
    assert who.post(path, {**online, "strokes": OTHER}).status_code == 201
    assert sign(who, file) == []
    assert [strokes for _signer, _name, strokes in standing(who)] == [OTHER]
    assert who.client.delete(f"{path}/applicant", headers=who.headers).status_code == 204
    assert sign(who, file) == []
    assert standing(who) == [], "taken back stays taken back"


def test_nobody_else_sends_it(app, portal, who: Resident, file: str) -> None:
    foreign = Resident(app.test_client(), portal, phone="13900000001").sign_in()
    envelope = sealing.topic(key(foreign), mark(foreign), **SAID)
    path = f"/api/applications/{file}/signed?revision=0"
    assert send(foreign, path, envelope).status_code == 404
    assert send(who, path, envelope).json["code"] == "sealed_for_another"
    assert standing(who) == []


def test_the_mandate_signed_on_the_helpers_phone(app, portal) -> None:
    zhang = neighbour(app, portal)
    zhang.begin()
    file = zhang.start_for()
    assert zhang.fill(file, **FILLED).status_code == 200
    yes = {"signer": "mandate", "name": "石桂香"}
    way = [[f"/helping/{zhang.mandate}/yes", "委托要请他再签一次。"]]
    assert sign(zhang, file, **yes, version="2020-01") == way
    assert basis(zhang) == (None, [])
    for _ in range(2):
        assert sign(zhang, file, **yes) == []
    assert basis(zhang) == ("screen", STROKES)
    assert sign(zhang, file, name="石桂香") == []
    assert [name for _signer, name, _strokes in standing(zhang)] == ["石桂香"]
    assert zhang.submit(file).status_code == 201


def basis(who: Any) -> tuple[str | None, list[Any]]:
    with who.portal.database.reading() as session:
        found = session.get_one(Mandate, UUID(who.mandate))
        return found.basis, mandate_basis.strokes_of(session, found)


def test_an_unsorted_photo_sent_again_as_a_paper_is_moved(who: Resident, file: str) -> None:
    """The answer to the first was lost, and meanwhile it was sorted on the phone."""
    first = who.add_photo(file, item="unsorted").json["id"]
    again = who.add_photo(file, item="id_card")
    assert (again.status_code, again.json["id"], again.json["item"]) == (201, first, "id_card")
    assert who.add_photo(file, item="unsorted").json["id"] == first
    with who.portal.database.reading() as session:
        assert session.scalars(select(Document.item)).all() == ["id_card"]
