"""A village assistant at the JSON API."""

from typing import Any
from uuid import UUID

from flask import Flask

from api import tokens
from api.known_device import HEADER
from portal.assembly import Portal
from portal.people import sign_in, totp
from portal.people.tables import Account
from tests.api.helped import Neighbour
from tests.conftest import NOW
from tests.people import assistants

PHONE, HEIR = "13900000001", "13900000002"


class Assistant(Neighbour):
    """`account` and `appointment` as the database has them."""

    account: UUID
    appointment: UUID
    address: str = ""

    def enrol(self) -> None:
        self.address = self.post("/api/roster/factor").json["address"]
        self.headers[HEADER] = self.prove(totp.code_at(self.address, NOW)).json["device"]

    def prove(self, code: str) -> Any:
        return self.post("/api/roster/devices", {"code": code})

    def lines(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.get(f"/api/roster{query}")
        assert answer.status_code == 200, answer.json
        return list(answer.json["households"])

    def add(self, name: str, group: str = "", **more: str) -> Any:
        self.keys.append("x")
        key = {"Idempotency-Key": f"r{len(self.keys)}"}
        return self.post("/api/roster/households", {"name": name, "group": group, **more}, **key)

    def help(self, entry: str) -> dict[str, Any]:
        made = self.post(f"/api/roster/households/{entry}/mandates")
        assert made.status_code == 201, made.json
        self.mandate = made.json["id"]
        return dict(made.json)


def assistant(
    app: Flask, portal: Portal, phone: str = PHONE, *, enrolled: bool = True, **how: Any
) -> Assistant:
    with portal.database.writing() as session:
        appointment = assistants.appoint(session, phone, now=NOW, **how).id
    made = Assistant(app.test_client(), portal, phone=phone)
    made.sign_in()
    made.appointment = appointment
    with portal.database.reading() as session:
        account = sign_in.find_account(session, phone)
        assert account is not None
        made.account = account.id
    if enrolled:
        made.enrol()
    return made


def signed_in_anew(li: Assistant) -> None:
    """A new session after every one was ended; the device is told as before."""
    with li.portal.database.reading() as session:
        token = tokens.issue(session, session.get_one(Account, li.account), now=NOW)
    li.headers["Authorization"] = f"Bearer {token}"
