"""The portal's own keys are changed while people are signed in: who has stolen one has nothing of it."""

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

from api import cookies, tokens
from portal.assembly import Portal
from portal.cli import main
from portal.foundation import vault
from portal.foundation.clock import utc_now
from portal.handover import embedded, outbox, receipts
from portal.handover.tables import OutboxRow
from portal.people import sessions, sign_in
from portal.people.tables import Account
from tests.conftest import Clock
from tests.handover import files

Change = Callable[..., Result]
Entered = dict[str, str]


@pytest.fixture
def change(portal: Portal, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Change:
    """The command; the minute in which other processes go on with the key they know is over."""
    clock.now = utc_now()
    monkeypatch.setattr(vault, "_BELIEVED", 0.0)

    def run(*words: str) -> Result:
        given = ["--data", str(portal.settings.data), "new-own-key", *words]
        environ = {"DATABASE_URL": portal.settings.database_url}
        return CliRunner().invoke(main, given, env=environ)

    return run


@pytest.fixture
def entered(portal: Portal, change: Change, clock: Clock) -> Entered:
    with portal.database.writing() as session:
        account = sign_in.open_account(session, "13812345678", now=clock.now)
        return {
            "access": tokens.issue(session, account, now=clock.now),
            "refresh": sessions.issue(session, account=account, now=clock.now),
        }


def me(client: FlaskClient, access: str) -> int:
    return client.get("/api/me", headers={"Authorization": f"Bearer {access}"}).status_code


def refresh(client: FlaskClient, token: str) -> tuple[int, dict[str, str]]:
    answer = client.post("/api/auth/sessions/refresh", json={"refresh_token": token})
    return answer.status_code, answer.get_json()


def stolen(portal: Portal, key: bytes, now: datetime) -> str:
    """What a thief signs with the key before."""
    with portal.database.reading() as session, pytest.MonkeyPatch.context() as patched:
        patched.setattr(tokens.vault, "own_key", lambda _session, _purpose: key)
        return tokens.issue(session, session.scalars(select(Account)).one(), now=now)


def test_a_new_key_for_sign_ins_signs_nobody_out(
    client: FlaskClient, portal: Portal, change: Change, entered: Entered, clock: Clock
) -> None:
    with portal.database.reading() as session:
        old = vault.own_key(session, "tokens")
    status, before = refresh(client, entered["refresh"])
    assert status == 200
    assert change("tokens").exit_code == 0
    assert me(client, entered["access"]) == 200, "its ten minutes"
    again = refresh(client, entered["refresh"])[1]
    assert again["refresh_token"] == before["refresh_token"], "an answer lost is given again"
    clock.forward(minutes=11)
    assert me(client, stolen(portal, old, clock.now)) == 401
    status, after = refresh(client, before["refresh_token"])
    assert (status, me(client, after["access_token"])) == (200, 200)


def test_at_once_everybody_signs_in_again(
    client: FlaskClient, portal: Portal, change: Change, entered: Entered, clock: Clock
) -> None:
    with portal.database.reading() as session:
        old = vault.own_key(session, "tokens")
    assert change("tokens", "--at-once").exit_code == 0
    assert me(client, entered["access"]) == 401
    assert me(client, stolen(portal, old, clock.now)) == 401
    assert refresh(client, entered["refresh"])[0] == 401
    with portal.database.writing() as session:
        account = session.scalars(select(Account)).one()
        assert me(client, tokens.issue(session, account, now=clock.now)) == 200


@pytest.mark.parametrize(("words", "status"), [((), 303), (("--at-once",), 403)])
def test_a_page_that_lay_open(
    client: FlaskClient,
    portal: Portal,
    change: Change,
    clock: Clock,
    words: tuple[str, ...],
    status: int,
) -> None:
    """Its form still goes out under the old key, or not; what phones keep is still theirs."""
    page = client.get("/sign-in").text
    [token, *_] = re.findall(r'name="csrf" value="(\w{32})"', page)
    with portal.database.writing() as session:
        account = sign_in.open_account(session, "13812345678", now=clock.now)
        number = account.id
        who = cookies.mark(session, number)
    assert change("csrf", *words).exit_code == 0
    sent = {"csrf": token, "phone": "13987654321"}
    assert client.post("/sign-in", data=sent).status_code == status
    [fresh, *_] = re.findall(r'name="csrf" value="(\w{32})"', client.get("/sign-in").text)
    assert fresh != token
    for _again in range(2):
        assert change("csrf", *words).exit_code == 0
        with portal.database.reading() as session:
            assert cookies.mark(session, number) == who
    clock.forward(days=31)
    assert client.post("/sign-in", data=sent).status_code == 403


def test_receipts_of_before_are_still_verified(
    portal: Portal, change: Change, clock: Clock
) -> None:
    """Also the queue's, when it answers a file again that it had before."""
    file_id = files.draft(portal, files.LEAST)
    given = json.dumps(files.submit(portal, file_id))
    outbox.drain(portal, lambda k, d: embedded.deliver(portal, k, d, now=clock.now), now=clock.now)
    with portal.database.writing() as session:
        row = session.scalars(select(OutboxRow)).one()
        assert row.delivered_at is not None
        queue = row.receipt
        row.delivered_at = row.receipt = None
    for signer in ("receipt", "intake"):
        told = change(signer)
        assert told.exit_code == 0, told.output
        assert change(signer, "--at-once").exit_code == 1
    assert outbox.drain(
        portal, lambda k, d: embedded.deliver(portal, k, d, now=clock.now), now=clock.now
    ) == 1  # fmt: skip
    with portal.database.reading() as session:
        assert session.scalars(select(OutboxRow.receipt)).one() == queue
        assert receipts.verified_by(given, keys=receipts.public_keys(session, "receipt"))
        fresh = json.dumps(receipts.signed(session, "receipt", {"key": "x"}))
        with pytest.raises(receipts.WrongReceipt):
            receipts.verified(given, key=receipts.public_key(session, "receipt"))
        assert receipts.verified(fresh, key=receipts.public_key(session, "receipt"))
        assert receipts.verified_by(fresh, keys=receipts.public_keys(session, "receipt"))
        with pytest.raises(receipts.WrongReceipt):
            receipts.verified_by(given, keys=receipts.public_keys(session, "intake"))


def test_the_index_is_not_among_them(change: Change) -> None:
    assert change("index").exit_code == 2
