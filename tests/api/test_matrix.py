"""Every operation × every role × own and foreign division: no unexpected success, no foreign word.

The expected table stands in matrix.py, by hand. The fast half tries every pair that must get
in, and of those that must not every fourth in turn; the full half tries all.
"""

import json
import re
from typing import Any
from uuid import uuid4

import pytest

from api import tokens
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from tests.api import matrix
from tests.conftest import NOW
from tests.handover import files

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

SECRETS = {
    "name": "刘桂香", "number": "430923190001010010", "phone": "13800000009",
    "words": "老伴去年走了", "kin": "陈小雨",
}  # fmt: skip
"""Words of the file that nobody reads whose file it is not."""
NUMBERS = {"number", "phone"}
REVEALS = {
    "office.reveal", "desk.reveal", "office.copy", "desk_copy.whole",
}  # fmt: skip
"""Where the people who work on a file see its numbers whole, with a reason, on record."""
TURNED_AWAY = {401, 403, 404}
LATE = {400, 409, 413, 415, 422}
"""Refused for another cause before the role was looked at: no success, and nothing shown."""
IN_WHICH = {
    "office_survey": "surveying", "desk_survey": "surveying", "office_delegations": "surveying",
    "desk_delegations": "surveying", "office_aid": "emergency",
    "desk_aid": "emergency", "office_decisions": "county_review", "desk_decision": "county_review",
    "office_clock": "accepted", "desk_clock": "accepted", "office_referrals": "referral",
    "desk_referrals": "referral", "office.open_with_reason": "opened",
    "desk.open_with_reason": "opened", "office.accept": "asked", "desk.accept": "asked",
    "office_decisions.give_opinion": "first_review", "office_decisions.post_notice": "first_review",
    "office_decisions.end_notice": "public_notice", "office_decisions.send_up": "first_review",
    "office_decisions.receive_objection": "public_notice",
    "office_decisions.reinvestigate": "public_notice",
    "office_decisions.start_paying": "approved", "office_decisions.review_again": "paying",
    "office_decisions.ask": "reviewing", "office_decisions.adjust": "reviewing",
    "office_survey.plan": "accepted", "office_survey.ask": "accepted",
    "applications.withdraw": "asked", "cases.withdraw": "asked", "office_aid.drop": "approved",
    "office_aid.hand_out": "approved",
}  # fmt: skip
"""The status in which an act can be done, so that only the role can stand in its way."""
BODIES: dict[str, dict[str, Any]] = {
    "office.ask_for": {"items": [{"item": "other", "sentence": "请带户口本。"}]},
    "office.transfer": {"place": files.NEIGHBOUR, "sentence": "户口在梅城镇。"},
    "office.decline": {"reason": "duplicate", "sentence": "上月已有一份。"},
    "office.settle": {"place": files.NEIGHBOUR, "sentence": "户口在梅城镇。"},
    "office_clock.extend": {"reason": "hard_survey", "sentence": "两处房子都要查。"},
    "office_decisions.decide": {
        "kind": "denied",
        "sentence": "人均收入高。",
        "law": "社会救助法第45条",
    },
    "office_decisions.give_opinion": {"opinion": "fit", "sentence": "符合。"},
    "office_decisions.adjust": {"kind": "kept", "sentence": "没有变化。"},
    "applications.start": {"program_id": "tekun"},
}
FORM = {
    "sentence": "一句话。", "reason": "duplicate", "name": "李", "item": "other", "words": "一句话。",
    "place": files.NEIGHBOUR, "how": "phone", "on": "2026-11-22", "opinion": "fit", "amount": "100",
    "cause": "失火", "handling": "送米", "opinion_sentence": "一句话。", "law": "社会救助法第45条",
}  # fmt: skip
SESSIONS = {
    "auth.end",
    "me.sign_out_everywhere",
    "sign_in.leave_everywhere",
    "sign_in.leave",
    "desk.leave",
}


class Trial:
    """The world, the manual, and who said what."""

    def __init__(self, app, portal):
        self.app, self.portal = app, portal
        self.world = matrix.build(portal)
        self.table = matrix.table()
        self.spec = app.test_client().get("/api/openapi.json").json
        self.tokens: dict[str, dict[str, str]] = {}
        self.faults: list[str] = []
        self.tried = 0
        self.consent()

    def consent(self):
        for name in matrix.RESIDENTS:
            texts = self.app.test_client().get("/api/me/consents", headers=self.as_(name)).json
            given = {"consents": {text["kind"]: text["version"] for text in texts}}
            self.app.test_client().put("/api/me/consents", json=given, headers=self.as_(name))

    def as_(self, name: str, *, fresh: bool = False) -> dict[str, str]:
        actor_id = self.world.actors[name]
        if actor_id is None:
            return {}
        if fresh or name not in self.tokens:
            with self.portal.database.reading() as session:
                token = tokens.issue(session, matrix.account(session, actor_id), now=NOW)
            self.tokens[name] = {"Authorization": f"Bearer {token}"}
        return self.tokens[name]

    def try_(self, rule, method: str, name: str) -> None:
        """One request, and what is wrong with its answer."""
        answer = self.app.test_client().open(
            self.path(rule), method=method, headers=self.as_(name), **self.body(rule, method)
        )
        self.tried += 1
        who = self.table[rule.endpoint]
        away = answer.status_code in TURNED_AWAY or (
            answer.status_code == 303 and "sign-in" in answer.headers.get("Location", "")
        )
        where = f"{method} {rule.rule} ({rule.endpoint}) as {name}: {answer.status_code}"
        if name not in who and not away and answer.status_code not in LATE:
            self.faults.append(f"{where}, let in")
        if name in who and who != matrix.EVERYBODY and away and not self.lacks(rule, answer):
            self.faults.append(f"{where}, turned away")
        if answer.status_code >= 500:
            self.faults.append(f"{where}, broken")
        if told := self.told(answer, rule.endpoint, name):
            self.faults.append(f"{where} tells {sorted(told)}")
        if rule.endpoint in SESSIONS:
            self.as_(name, fresh=True)

    def lacks(self, rule, answer) -> bool:
        """A thing within the file that is not there, or a state it must be in first."""
        inner = rule.arguments - {
            "application_id",
            "program_id",
            "version",
            "item",
            "key",
            "signer",
        }
        spent = answer.status_code == 403 and rule.endpoint in SPENT
        return spent or (answer.status_code == 404 and bool(inner or rule.endpoint in MAY_LACK))

    def told(self, answer, endpoint: str, name: str) -> set[str]:
        """Which of the file's words stand in the answer and must not be read by this person."""
        kind = answer.headers.get("Content-Type", "")
        if "json" in kind:
            text = json.dumps(json.loads(answer.get_data() or b"null"), ensure_ascii=False)
        elif kind.startswith("text/"):
            text = answer.get_data(as_text=True)
        else:
            return set()
        found = {key for key, word in SECRETS.items() if word in text}
        if name == matrix.OWNER or endpoint == "sign_in.outbox":
            return set()
        desk = name in matrix.READS and endpoint.startswith("desk")
        if desk or (name in matrix.READS | matrix.own("S") and name in self.table[endpoint]):
            return found & NUMBERS - (NUMBERS if endpoint in REVEALS else set())
        return found

    def path(self, rule) -> str:
        room = rule.endpoint.partition(".")[0]
        state = IN_WHICH.get(rule.endpoint) or IN_WHICH.get(
            rule.endpoint.replace("desk_decision.", "office_decisions.").replace("desk_", "office_")
        ) or IN_WHICH.get(room, "submitted")  # fmt: skip
        known = {
            "application_id": str(self.world.files[state]), "document_id": str(self.world.photo),
            "program_id": "dibao", "version": "x", "name": "x", "which": "thumbnail",
            "item": "bank_account", "key": "applicant", "signer": "applicant",
            "kind": "sensitive", "code": "123456",
        }  # fmt: skip
        path = rule.rule
        for argument in rule.arguments:
            value = known.get(argument, "00000000-0000-4000-8000-000000000000")
            path = re.sub(rf"<[^<>]*\b{argument}>", value, path)
        return path

    def body(self, rule, method: str) -> dict[str, Any]:
        if method == "GET":
            return {}
        if not rule.rule.startswith("/api"):
            return {"data": FORM}
        if rule.endpoint == "office.export":
            named = [str(self.world.files["accepted"])]
            return {"json": {"applications": named, "format": "csv", "reason": "enter"}}
        if rule.endpoint in BODIES:
            return {"json": BODIES[rule.endpoint]}
        path = re.sub(r"<(?:[^<>:]*:)?([^<>]+)>", r"{\1}", rule.rule)
        content = self.spec["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {})
        schema = content.get("content", {}).get("application/json", {}).get("schema")
        return {} if schema is None else {"json": self.example(schema)}

    def example(self, schema: dict[str, Any]) -> Any:
        """The least that fits; new identifiers each time."""
        while "$ref" in schema:
            schema = self.spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if "enum" in schema:
            return next(value for value in schema["enum"] if value is not None)
        if kind == "object":
            wanted = schema.get("required", [])
            return {
                k: self.example(v) for k, v in schema.get("properties", {}).items() if k in wanted
            }
        if kind == "array":
            return [self.example(schema.get("items", {}))]
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return True
        known = {
            "uuid": str(uuid4()),
            "date": "2026-11-23",
            "date-time": "2026-11-24T01:00:00+00:00",
        }
        return known.get(schema.get("format", ""), "一句话。")


MAY_LACK = {
    "office.form", "desk.form", "checks.one", "check_result.read", "desk.find_one",
    "opinions.follow_up", "desk_opinions.follow_up",
    "office_referrals.ask", "office_referrals.record", "desk_referrals.ask",
    "desk_referrals.record", "office_survey.sign", "desk_survey.sign", "applications.unsign",
    "passing_page.ask", "check_result.dispute", "check_result.ask_other_time",
    "office_delegations.take_back", "desk_delegations.take_back",
    "signing.withdraw", "office_households.add", "desk_household.add",
}  # fmt: skip
"""What the body names may not be there: answered 404, as for a file of others."""


SPENT = {"desk_places.transfer"}
"""Done once: after the window has passed the file on, the county has nothing to settle."""
MANY = 12
"""Open to so many roles: the fast half tries some of them."""


def routes(app, *, pages: bool):
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, sorted(r.methods))):
        if rule.endpoint == "asset" or (rule.rule.startswith("/api") is pages):
            continue
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method


def run(trial, *, pages: bool, share: int) -> None:
    lines = list(routes(trial.app, pages=pages))
    before = standing(trial.portal)
    number = 0
    for rule, method in lines:
        for name in sorted(matrix.EVERYBODY - trial.table[rule.endpoint]):
            number += 1
            if number % share == 0:
                trial.try_(rule, method, name)
    assert standing(trial.portal) == before, "somebody who may not changed something"
    for rule, method in lines:
        who = sorted(trial.table[rule.endpoint])
        few = share if len(who) > MANY else 1
        for name in who[:: few * 2] if few > 1 else who:
            trial.try_(rule, method, name)


def standing(portal):
    with portal.database.reading() as session:
        files_now = sorted((str(a.id), a.status, a.region_code) for a in session.query(Application))
        return files_now, session.query(CaseEvent).count()


def test_the_table_has_every_operation(app):
    """When this fails: write the new endpoint into matrix.WHO, in the line of those it is for."""
    there = {rule.endpoint for rule in app.url_map.iter_rules()} - {"asset"}
    assert there - set(matrix.table()) == set(), "without a line"
    assert set(matrix.table()) - there == set(), "gone"


def test_every_operation_for_every_role(app, portal):
    trial = Trial(app, portal)
    run(trial, pages=False, share=4)
    assert trial.tried > 800
    assert not trial.faults, "\n".join(trial.faults)


@pytest.mark.full
@pytest.mark.parametrize("pages", [False, True], ids=["JSON", "网页"])
def test_every_operation_for_every_role_all_of_them(app, portal, pages):
    trial = Trial(app, portal)
    run(trial, pages=pages, share=1)
    assert trial.tried > 3000
    assert not trial.faults, "\n".join(trial.faults)
