"""A neighbour at the JSON API, filling in for somebody who has no phone."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask

from portal.assembly import Portal
from portal.people import mandates, revoke_codes
from portal.people.mandate_tables import Mandate
from tests.api.walk import ANSWERS, Resident

PERSON: dict[str, Any] = {
    "kind": "neighbour", "person": "石桂香", "relation": "邻居", "helper": "张三", "phone": "",
    "why": "眼睛看不清",
}  # fmt: skip
FILLED: dict[str, Any] = {
    **{k: v for k, v in ANSWERS.items() if k not in ("filled_in_by", "applicant_name", "phone")},
    "phone": "13800000077",
}
STROKES = [[[10, 10], [40, 60], [80, 20]], [[20, 80], [30, 90], [60, 85], [70, 95], [90, 100]]]


@dataclass
class Neighbour(Resident):
    """`mandate` and `application` of the household last begun."""

    mandate: str = ""
    keys: list[str] = field(default_factory=list)

    def begin(self, **said: Any) -> dict[str, Any]:
        """A household of somebody else, and the mandate to help it."""
        self.keys.append("x")
        made = self.post(
            "/api/mandates", {**PERSON, **said}, **{"Idempotency-Key": f"m{len(self.keys)}"}
        )
        assert made.status_code == 201, made.json
        self.mandate = made.json["id"]
        return dict(made.json)

    def start_for(self, program: str = "dibao") -> str:
        """A draft for the household begun last."""
        self.keys.append("x")
        made = self.post(
            "/api/applications", {"program_id": program, "mandate_id": self.mandate},
            **{"Idempotency-Key": f"a{len(self.keys)}"},
        )  # fmt: skip
        assert made.status_code == 201, made.json
        return str(made.json["id"])

    def fill(self, application: str, **answers: Any) -> Any:
        """Save over whatever revision there is."""
        now = self.get(f"/api/applications/{application}/answers").json
        body = {"revision": now["revision"], "answers": answers or FILLED}
        return self.put(f"/api/applications/{application}/answers", body)

    def submit(self, application: str) -> Any:
        return self.post(f"/api/applications/{application}/submission")

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers=self.headers)


def neighbour(app: Flask, portal: Portal, phone: str = "13800000002") -> Neighbour:
    made = Neighbour(app.test_client(), portal, phone=phone)
    made.sign_in()
    return made


def the(portal: Portal, mandate: str, **changes: Any) -> None:
    """Set what a test wants of a mandate."""
    with portal.database.writing() as session:
        row = session.get_one(Mandate, UUID(mandate))
        for name, value in changes.items():
            setattr(row, name, value)


def code_of(portal: Portal, mandate: str) -> str:
    with portal.database.reading() as session:
        return revoke_codes.opened(session, session.get_one(Mandate, UUID(mandate)))


def flags_of(portal: Portal, mandate: str) -> set[str]:
    with portal.database.reading() as session:
        return set(session.get_one(Mandate, UUID(mandate)).flags)


assert mandates
