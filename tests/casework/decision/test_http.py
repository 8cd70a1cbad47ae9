"""The same acts over HTTP: JSON for programs, one road and the refusals that matter."""

from datetime import timedelta

import pytest

from api import tokens
from portal.casework.decision import letters
from portal.people import consents
from portal.people.tables import Account, Staff
from tests.apps import app_over
from tests.casework import cases
from tests.casework.decision import offices as making
from tests.casework.decision.offices import FIT, GRANT, look, status


class Desk:
    """Calls in the name of one person after another."""

    def __init__(self, offices, file_id):
        self.offices, self.file_id = offices, file_id
        self.client = app_over(offices.portal, lambda: offices.now).test_client()

    def headers(self, who):
        with self.offices.portal.database.writing() as session:
            if who == "applicant":
                found = session.get_one(Account, cases.file_of(session, self.file_id).account_id)
                consents.give(session, found, consents.KINDS, now=self.offices.now)
            else:
                found = session.get_one(Staff, self.offices[who].id)
            token = tokens.issue(session, found, now=self.offices.now)
        return {"Authorization": f"Bearer {token}"}

    def post(self, who, noun, body=None, *, own=False, **more):
        room = "applications" if own else "office/applications"
        headers = self.headers(who) | more
        path = f"/api/{room}/{self.file_id}/{noun}"
        return self.client.post(path, json=body, headers=headers)

    def get(self, who, noun, *, own=False):
        room = "applications" if own else "office/applications"
        return self.client.get(f"/api/{room}/{self.file_id}/{noun}", headers=self.headers(who))


@pytest.fixture
def desk(offices):
    return Desk(offices, making.on_the_road(offices, "dibao", "surveyed"))


def test_the_road_of_a_grant_and_of_a_reduction(desk, offices):
    shown = desk.get("reviewer", "decision").json["decision"]
    assert shown["traces"][0]["trace"]["per_head"]["low"] == 10_000
    _granted_and_told(desk, offices, "dibao")
    assert desk.post("confirmer", "payment-starts").status_code == 201
    assert desk.post("chen", "reviews").status_code == 201
    less = {
        "kind": "reduced", "amount": 60_000, "sentence": "女儿上班了。", "law": "第47条",
        "reply": "已经考虑。",
    }  # fmt: skip
    silent = desk.post("confirmer", "adjustments", less)
    assert (silent.status_code, silent.json["code"]) == (409, "hearing_needed")
    ask = {
        "change": "reduced", "amount": 60_000, "sentence": "女儿上班了。", "law": "第47条",
        "answer_by": (offices.today + timedelta(days=20)).isoformat(),
    }  # fmt: skip
    assert desk.post("reviewer", "hearings", ask).status_code == 201
    assert desk.get("applicant", "decision", own=True).json["decision"]["hearing"]["heard"] is False
    key = {"Idempotency-Key": "one"}
    for _again in range(2):
        said = desk.post(
            "applicant", "hearing-statements", {"sentence": "请别减。"}, own=True, **key
        )
        assert said.status_code == 201
    assert len(said.json["decision"]["hearing"]["said"]) == 1
    assert desk.post("confirmer", "adjustments", less).status_code == 201
    letter = desk.get("applicant", "decision", own=True).json["decision"]["letters"][0]
    assert letter["kind"] == "reduced"
    own = desk.get("applicant", f"decisions/{letter['id']}/letter.pdf", own=True)
    assert own.data.startswith(b"%PDF")
    opened = look(offices, desk.file_id, lambda s, f: letters.of(s, f)[-1].opened_at)
    assert opened is not None


@pytest.mark.full
@pytest.mark.parametrize("program", ["dibian", "gangxing"])
def test_the_road_of_a_recognition_and_of_its_end(offices, program):
    desk = Desk(offices, making.on_the_road(offices, program, "surveyed"))
    _granted_and_told(desk, offices, program)
    assert desk.post("confirmer", "payment-starts").status_code == 201
    assert desk.post("chen", "reviews").status_code == 201
    end = {"change": "stopped", "sentence": "女儿上班了。", "law": "第47条"}
    asked = {**end, "answer_by": (offices.today + timedelta(days=20)).isoformat()}
    assert desk.post("reviewer", "hearings", asked).status_code == 201
    body = {"sentence": "我没有意见。"}
    said = desk.post("applicant", "hearing-statements", body, own=True, **{"Idempotency-Key": "a"})
    assert said.status_code == 201
    del end["change"]
    ended = desk.post("confirmer", "adjustments", {"kind": "stopped", **end, "reply": "好的。"})
    assert (ended.status_code, status(offices, desk.file_id)) == (201, "stopped")


def _granted_and_told(desk, offices, program):
    """From the survey to the delivered letter, posted in between where the law says so."""
    posts = any(d.step == "public_notice" for d in offices.portal.catalogue.find(program).deadlines)
    opinion = making.OPINIONS[program]
    assert desk.get("reviewer", "decision").json["decision"]["may"]["opinion"]
    handed = desk.post("chen", "first-reviews")
    assert (handed.status_code, handed.json["status"]) == (201, "first_review")
    assert desk.post("chen", "first-reviews").json["code"] == "move_not_allowed"
    assert desk.post("reviewer", "opinions", opinion).status_code == 201
    if posts:
        _posted(desk, offices)
    else:
        assert desk.post("reviewer", "county-submissions").status_code == 201
    same = {part: opinion[part] for part in ("category", "amount", "people")}
    made = desk.post("confirmer", "decisions", {"kind": "approved", **GRANT, **same})
    assert (made.status_code, made.json["status"]) == (201, "approved")
    (decision,) = desk.get("confirmer", "decisions").json
    pdf = desk.get("clerk", f"decisions/{decision['id']}/letter.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    told = {"how": "village", "day": offices.today.isoformat()}
    assert desk.post("clerk", f"decisions/{decision['id']}/deliveries", told).status_code == 201


def _posted(desk, offices):
    assert desk.post("clerk", "notices").status_code == 201
    early = desk.post("clerk", "notices/end")
    assert (early.status_code, early.json["code"]) == (409, "notice_not_over")
    offices.later(days=8)
    assert desk.post("clerk", "notices/end").status_code == 200


def test_who_may_not_is_refused_and_nothing_moves(desk, offices):
    body = {
        "first-reviews": None, "opinions": FIT, "notices": None, "notices/end": None, "county-submissions": None,
        "decisions": {"kind": "approved", **GRANT}, "reviews": None, "payment-starts": None,
        "adjustments": {"kind": "kept", "sentence": "维持。"},
        "objections": {"how": "phone", "sentence": "有车。"}, "reinvestigations": None,
        "hearings": {"change": "stopped", "sentence": "停。", "law": "第47条", "answer_by": "2027-01-01"},
        "near-kin": {"sentence": "亲戚。"},
        "county-visits": {"day": "2026-11-22", "staff": ["一", "二"], "sentence": "看过。"},
        "deaths": {"member": "applicant", "day": "2026-11-22"},
    }  # fmt: skip
    headers = desk.headers("applicant")
    checker = desk.headers("checker")
    for noun, sent in body.items():
        path = f"/api/office/applications/{desk.file_id}/{noun}"
        assert desk.client.post(path, json=sent, headers=headers).status_code in (403, 404), noun
        assert desk.client.post(path, json=sent).status_code == 401, noun
        if noun not in ("near-kin", "county-visits"):
            assert desk.client.post(path, json=sent, headers=checker).status_code in (403, 409), (
                noun
            )
    assert status(offices, desk.file_id) == "surveying"
