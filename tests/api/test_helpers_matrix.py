"""Every applicant operation of the API, tried by helpers whose mandate stands, and by those
whose does not: revoked, over, of another scope or village, suspended. No unexpected success."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from api import tokens
from portal.assembly import Portal
from portal.filing.tables import Application
from portal.people import appointments, mandates, sign_in
from portal.people.identity import Phone
from portal.people.tables import Account, Household
from tests.api.assisted import assistant
from tests.api.helped import FILLED, STROKES, Neighbour, neighbour, the
from tests.conftest import NOW
from tests.people import assistants

NOBODY = "00000000-0000-4000-8000-000000000000"
_OURS = ("/api/applications/{application_id}", "/api/mandates/{mandate_id}", "/api/households/{")
CONSENT = "2026-11"
BODIES: dict[tuple[str, str], Any] = {
    ("put", "/api/applications/{application_id}/answers"): {
        "revision": 99, "answers": {"phone": "13800000078"},
    },
    ("post", "/api/applications/{application_id}/signatures"): {
        "signer": "applicant", "method": "screen", "text_version": CONSENT, "strokes": STROKES,
    },
    ("put", "/api/applications/{application_id}/signed"): {
        "signer": "applicant", "version": CONSENT, "strokes": STROKES, "at": 0,
    },
    ("put", "/api/applications/{application_id}/documents/{document_id}"): {"item": "id_card"},
    ("post", "/api/mandates/{mandate_id}/confirmations"): {"method": "screen", "strokes": STROKES},
    ("post", "/api/mandates/{mandate_id}/claim"): {"proof": "010010"},
    ("post", "/api/households/{household_id}/applications"): {"programs": ["tekun"]},
    ("put", "/api/households/{household_id}/answers"): {
        "since": 2**50, "page": "contact", "answers": {"phone": "13800000078"},
    },
}  # fmt: skip
"""What to send so that only access can refuse it."""

NEVER = {
    ("post", "/api/applications/{application_id}/withdrawal"),
    ("delete", "/api/applications/{application_id}/signatures/{signer}"),
    ("get", "/api/applications/{application_id}/bundle.zip"),
}
"""Refused even to a helper whose mandate stands."""

Operation = tuple[str, str]
_ENDS = frozenset(
    {("delete", "/api/mandates/{mandate_id}"), ("delete", "/api/applications/{application_id}")}
)
_CLOSED = {"not_found", "invalid", "wrong_type", "type_not_allowed"}
SAYING_YES = frozenset({("post", "/api/mandates/{mandate_id}/confirmations")})
"""How a household that waits to be asked is opened, and nothing else opens it."""
HARMLESS = {("delete", "/api/mandates/{mandate_id}")}
"""Ending one's own mandate, again, changes nothing."""


@dataclass
class Scene:
    """A filled-in draft and a file handed in, of one household, and who is about it."""

    portal: Portal
    app: Flask
    helper: Neighbour
    draft: str
    sent: str
    photo: str
    other: Neighbour


@pytest.fixture
def scene(app, portal) -> Scene:
    helper = neighbour(app, portal)
    helper.begin()
    sent = helper.start_for()
    assert helper.fill(sent, **FILLED).status_code == 200
    assert helper.submit(sent).status_code == 201
    draft = helper.start_for("linshi")
    photo = helper.add_photo(draft, item="other").json["id"]
    other = neighbour(app, portal, phone="13800000004")
    other.begin(person="别村人")
    other.start_for()
    return Scene(portal, app, helper, draft, sent, photo, other)


def operations(app: Flask) -> list[tuple[str, str]]:
    """(method, path) of everything about one file, one household, one mandate."""
    paths = app.extensions["openapi"].spec.to_dict()["paths"]
    return [
        (method, path)
        for path, item in sorted(paths.items())
        if path.startswith(_OURS)
        for method in sorted(set(item) & {"get", "post", "put", "delete"})
    ]


def attempts(
    scene: Scene, who: Neighbour, file: str, spared: frozenset[Operation] = frozenset()
) -> Iterator[tuple[tuple[str, str], Any]]:
    """Each operation on this file, answered. Whoever deletes does so last."""
    found = operations(scene.app)
    for method, path in sorted(found, key=lambda one: one[0] == "delete"):
        if who is scene.helper and (method, path) in spared:
            continue
        yield (method, path), call(scene, who, method, path, file)


def call(scene: Scene, who: Neighbour, method: str, path: str, file: str) -> Any:
    values = {
        "application_id": file, "mandate_id": scene.helper.mandate, "document_id": scene.photo,
        "signer": "applicant", "which": "prepared", "household_id": household(scene),
    }  # fmt: skip
    address = re.sub(r"{(\w+)}", lambda m: values.get(m[1], NOBODY), path)
    body = BODIES.get((method, path))
    headers = {**who.headers, "Idempotency-Key": uuid4().hex}
    return who.client.open(address, method=method.upper(), json=body, headers=headers)


def household(scene: Scene) -> str:
    with scene.portal.database.reading() as session:
        return str(session.get_one(Application, UUID(scene.draft)).household_id)


def test_the_table_is_about_operations_there_are(app) -> None:
    found = set(operations(app))
    assert len(found) >= 20
    assert set(BODIES) | NEVER | HARMLESS <= found


def test_a_mandate_that_stands_opens_what_it_names_and_no_more(scene) -> None:
    """The control: the same calls succeed, but for those no helper may make."""
    opened, refused = set(), set()
    for file in (scene.draft, scene.sent):
        for operation, answer in attempts(scene, scene.helper, file, spared=_ENDS):
            assert answer.status_code < 500, (operation, answer.json)
            (opened if answer.status_code < 300 else refused).add(operation)
            if operation in NEVER:
                assert answer.json["code"] == "helper_never", operation
    for path in ("", "/answers", "/documents", "/signatures", "/timeline", "/submission"):
        assert ("get", "/api/applications/{application_id}" + path) in opened
    for path in ("/submission", "/signatures", "/signers/{signer}/links"):
        assert ("post", "/api/applications/{application_id}" + path) in opened
    assert not NEVER & opened


Undo = dict[str, Any]
_STANDING: Undo = {
    "revoked_at": None, "ends_at": None, "started_at": NOW, "programs": [], "kind": "neighbour",
    "flags": [],
}  # fmt: skip


def _revoked(scene: Scene) -> Neighbour:
    the(scene.portal, scene.helper.mandate, revoked_at=NOW)
    return scene.helper


def _over(scene: Scene) -> Neighbour:
    the(scene.portal, scene.helper.mandate, ends_at=NOW)
    return scene.helper


def _not_begun(scene: Scene) -> Neighbour:
    the(scene.portal, scene.helper.mandate, started_at=NOW + timedelta(seconds=1))
    return scene.helper


def _decided(scene: Scene) -> Neighbour:
    with scene.portal.database.writing() as session:
        for file in (scene.draft, scene.sent):
            row = session.get_one(Application, UUID(file))
            row.decided_at = NOW - timedelta(days=60)
    return scene.helper


def _other_scope(scene: Scene) -> Neighbour:
    the(scene.portal, scene.helper.mandate, programs=["yiliao"])
    return scene.helper


def _other_village(scene: Scene) -> Neighbour:
    return scene.other


def _former_owner(scene: Scene) -> Neighbour:
    """Who helped before: the household has come to its own account, the mandate was ended."""
    with scene.portal.database.writing() as session:
        owner = sign_in.open_account(session, "13800000005", now=NOW)
        row = session.get_one(Application, UUID(scene.draft))
        session.get_one(Household, row.household_id).account_id = owner.id
        for file in (scene.draft, scene.sent):
            session.get_one(Application, UUID(file)).account_id = owner.id
    return _revoked(scene)


def _suspended(scene: Scene) -> Neighbour:
    """Given to a village assistant who was suspended; signed in again."""
    the(scene.portal, scene.helper.mandate, kind="assistant")
    with scene.portal.database.writing() as session:
        one = assistants.appoint(session, scene.helper.phone, now=NOW)
        appointments.suspend(session, one, actor="test", now=NOW)
        helper = session.get_one(Account, one.account_id)
        token = tokens.issue(session, helper, now=NOW)
    scene.helper.headers["Authorization"] = f"Bearer {token}"
    return scene.helper


def _dismissed(scene: Scene) -> Neighbour:
    helper = _suspended(scene)
    with scene.portal.database.writing() as session:
        for one in appointments.of_phone(session, Phone(helper.phone)):
            one.suspended_at, one.ends_at = None, NOW
    return helper


def _not_asked_yet(scene: Scene) -> Neighbour:
    """The work was handed over; the person has not said yes to the new assistant."""
    the(scene.portal, scene.helper.mandate, flags=[mandates.WAITS])
    return scene.helper


def _other_assistant(scene: Scene) -> Neighbour:
    """An assistant in office, second factor and all, of the household's village and others."""
    return assistant(scene.app, scene.portal)


WHO = {
    "停用的协理员": _suspended, "不再当协理员": _dismissed, "还没问过本人": _not_asked_yet,
    "别的协理员": _other_assistant, "取消了": _revoked, "到期了": _over, "还没开始": _not_begun, "别的事项": _other_scope,
    "别的村": _other_village, "决定满六十天": _decided, "已经归本人": _former_owner,
}  # fmt: skip


def test_no_unexpected_success(scene) -> None:
    tried = 0
    for name, make in WHO.items():
        the(scene.portal, scene.helper.mandate, **_STANDING)
        helper = make(scene)
        spared = SAYING_YES if make is _not_asked_yet else frozenset()
        for file in (scene.draft, scene.sent):
            for operation, answer in attempts(scene, helper, file, spared):
                of_file = "{application_id}" in operation[1]
                if operation in HARMLESS or (not of_file and make in (_decided, _other_scope)):
                    continue
                tried += 1
                said = (name, operation, answer.json)
                assert answer.status_code in {400, 403, 404, 409, 415, 422}, said
                if of_file:
                    assert answer.status_code in {404, 415, 422}, said
                    assert answer.json["code"] in _CLOSED, said
    assert tried >= 200


ACTS: list[tuple[list[str], str, str, bool]] = [
    (["fill"], "put", "/answers", True),
    (["submit", "follow"], "put", "/answers", False),
    (["submit", "follow"], "post", "/signatures", False),
    (["submit", "follow"], "post", "/signers/{signer}/links", False),
    (["fill", "follow"], "post", "/submission", False),
    (["fill", "submit"], "get", "/timeline", False),
    (["follow"], "get", "/timeline", True),
    (["follow"], "get", "/submission", True),
    (["fill"], "get", "/submission", False),
    (["follow"], "get", "/messages", True),
    (["fill", "submit"], "get", "/messages", False),
    (["follow"], "get", "/decision", True),
    (["fill", "submit"], "get", "/decision", False),
]


def test_what_a_mandate_does_not_name(scene) -> None:
    for acts, method, path, allowed in ACTS:
        the(scene.portal, scene.helper.mandate, acts=acts)
        file = scene.sent if method == "get" else scene.draft
        full = "/api/applications/{application_id}" + path
        answer = call(scene, scene.helper, method, full, file)
        said = (acts, method, path, answer.json)
        if allowed:
            assert answer.status_code < 300, said
        else:
            assert answer.status_code == 403, said
            assert answer.json["code"] == "out_of_scope", said


def test_what_was_answered_before_is_not_said_again_once_it_is_over(scene) -> None:
    """The same key once more: a repeat is a read, and that is over as well."""
    key, body = {"Idempotency-Key": "once"}, {"programs": ["tekun"]}
    path = f"/api/households/{household(scene)}/applications"
    first = scene.helper.post(path, body, **key)
    assert first.status_code == 201
    assert scene.helper.post(path, body, **key).json == first.json
    the(scene.portal, scene.helper.mandate, revoked_at=NOW)
    assert scene.helper.post(path, body, **key).status_code == 404


def test_it_is_looked_up_at_every_request(scene) -> None:
    """One and the same token, before and after; in the next request it is over."""
    address = f"/api/applications/{scene.draft}/answers"
    assert scene.helper.get(address).status_code == 200
    assert scene.helper.delete(f"/api/mandates/{scene.helper.mandate}").status_code == 204
    assert scene.helper.get(address).status_code == 404
    body = {"revision": 99, "answers": {"phone": "13800000079"}}
    assert scene.helper.put(address, body).status_code == 404
    assert scene.helper.add_photo(scene.draft).status_code == 404
