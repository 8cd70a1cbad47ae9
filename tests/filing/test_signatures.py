"""Signatures: four ways, every adult, never a child, never in an emergency."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.contact import messages
from portal.filing import applications, signatures
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import sign_in
from portal.people.access import Actor, Role
from tests.conftest import NOW

STROKES = [[[10, 10], [40, 60], [80, 20]], [[20, 80], [30, 90], [60, 85], [70, 95], [90, 100]]]
MEMBERS = [
    {"row": "r0", "name": "李大山", "id_number": "430923195407120017", "relation": "spouse"},
    {"row": "r1", "name": "李小花", "birth_date": "2015-06-01", "relation": "grandchild"},
    {"row": "r2", "name": "李强", "relation": "dependent_child"},
]


@pytest.fixture
def session(portal: Portal) -> Iterator[Session]:
    with portal.database.writing() as open_session:
        yield open_session


@pytest.fixture
def actor(session: Session) -> Actor:
    return Actor(Role.APPLICANT, sign_in.open_account(session, "13812345678", now=NOW).id)


@pytest.fixture
def application(portal: Portal, session: Session, actor: Actor) -> Application:
    program = portal.catalogue.find("dibao")
    application = applications.start(session, program, account_id=actor.id, actor=actor, now=NOW)
    answers = {"applicant_name": "王秀英", "members": _with_valid_numbers(MEMBERS)}
    applications.save_answers(
        session, application, program, answers, revision=0, actor=actor, now=NOW
    )
    return application


def _with_valid_numbers(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    found = []
    for member in members:
        number = member.get("id_number")
        if number:
            total = sum(w * int(d) for w, d in zip(weights, number[:17], strict=True))
            member = {**member, "id_number": number[:17] + "10X98765432"[total % 11]}
        found.append(member)
    return found


def test_every_adult_is_asked_and_no_child(portal, session, application) -> None:
    program = portal.catalogue.find("dibao")
    asked = signatures.needed(session, application, program, now=NOW)
    assert [s.name for s in asked] == ["王秀英", "李大山", "李强"]


def test_nobody_is_asked_in_an_emergency(portal, session, application) -> None:
    application.urgent = True
    program = portal.catalogue.find("dibao")
    assert signatures.needed(session, application, program, now=NOW) == []


def test_strokes_are_kept_sealed_under_the_text_read(portal, session, application, actor) -> None:
    program = portal.catalogue.find("dibao")
    made = signatures.sign_on_screen(
        session, application, program, "member:r0", STROKES, actor=actor, now=NOW
    )
    assert signatures.strokes_of(session, application, made) == STROKES
    assert signatures.name_of(session, application, made) == "李大山"
    assert made.text_digest == signatures.text_digest()
    assert json.dumps(STROKES).encode() not in (made.strokes_sealed or b"")
    assert audit.verify(session) == []


def test_signing_again_replaces(portal, session, application, actor) -> None:
    program = portal.catalogue.find("dibao")
    for _ in range(2):
        signatures.sign_at_visit(session, application, program, "applicant", actor=actor, now=NOW)
    assert len(signatures.of(session, application)) == 1


def test_code_on_the_own_phone_is_a_signature(portal, session, application, actor) -> None:
    program = portal.catalogue.find("dibao")
    phone = "13987654321"
    signatures.request_code(session, application, program, "member:r2", phone, device="d", now=NOW)
    code = re.findall(r"[0-9]{6}", messages.latest(session)[0].text)[0]
    wrong = "000000" if code != "000000" else "000001"
    with pytest.raises(Invalid):
        signatures.sign_by_code(
            session, application, program, "member:r2", phone, wrong, actor=actor, now=NOW
        )
    made = signatures.sign_by_code(
        session, application, program, "member:r2", phone, code, actor=actor, now=NOW
    )
    assert made.method == "code"


@pytest.mark.parametrize(
    ("strokes", "code"),
    [
        ([], "signature_empty"),
        ([[[5, 5]]], "signature_empty"),
        ([[[5, 5]] * 50], "signature_empty"),
        ([[["a", 1]]], "signature_invalid"),
        ([[[1, 2, 3]]], "signature_invalid"),
        ([[[True, 1]] * 20], "signature_invalid"),
        ({"a": 1}, "signature_invalid"),
        ([[[1, 10**6]]], "signature_invalid"),
        ([[[0, 0], [50, 50]] * 5] * 401, "signature_invalid"),
    ],
)
def test_what_is_no_signature_is_refused(
    portal, session, application, actor, strokes, code
) -> None:
    program = portal.catalogue.find("dibao")
    with pytest.raises(Invalid) as refusal:
        signatures.sign_on_screen(
            session, application, program, "applicant", strokes, actor=actor, now=NOW
        )
    assert refusal.value.code == code


def test_nobody_else_signs(portal, session, application, actor) -> None:
    program = portal.catalogue.find("dibao")
    for stranger in ("member:r1", "member:r9", "somebody"):
        with pytest.raises(NotFound):
            signatures.sign_at_visit(session, application, program, stranger, actor=actor, now=NOW)


def test_a_closed_file_is_not_signed(portal, session, application, actor) -> None:
    application.status = "denied"
    with pytest.raises(Conflict):
        signatures.sign_at_visit(
            session, application, portal.catalogue.find("dibao"), "applicant", actor=actor, now=NOW
        )
