"""The same acts as forms: what was typed stays when it is refused; the resident's own pages."""

import re

import pytest

from portal.casework.decision import letters
from portal.policy.lifecycle import Status
from tests.casework.decision import offices as making
from tests.casework.decision.offices import look, status
from tests.casework.decision.test_http import Desk

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is decided is the same on both databases; what is kept is tried on both elsewhere."""

OPINION = {
    "opinion": "fit", "category": "rural", "people": "2", "amount": "770",
    "sentence": "收入低于标准。", "basis": "",
}  # fmt: skip


class Forms(Desk):
    def press(self, who, noun, **form):
        path = f"/desk/files/{self.file_id}/{noun}"
        return self.client.post(path, data=form, headers=self.headers(who))

    def page(self, who):
        answer = self.client.get(f"/desk/files/{self.file_id}", headers=self.headers(who))
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def mine(self, tail="", form=None):
        path, headers = f"/applications/{self.file_id}{tail}", self.headers("applicant")
        if form is not None:
            return self.client.post(path, data=form, headers=headers)
        return self.client.get(path, headers=headers)


@pytest.fixture
def desk(offices):
    return Forms(offices, making.on_the_road(offices, "dibao", "surveyed"))


def text(answer):
    return answer.get_data(as_text=True)


def test_from_opinion_to_letter_by_forms(desk, offices):
    page = desk.page("reviewer")
    assert "写初审意见" in page
    assert "至少每月485元" in page
    assert "湖南省民政厅 对省十四届人大三次会议0076号建议的答复" in page
    assert "写初审意见" not in desk.page("clerk")
    refused = desk.press("reviewer", "opinions", **OPINION)
    assert refused.status_code == 422
    assert "请写依据" in text(refused)
    assert "收入低于标准。" in text(refused)
    wrong = desk.press("reviewer", "opinions", **OPINION | {"amount": "七百"})
    assert "请填多少元" in text(wrong)
    assert (
        desk.press("reviewer", "opinions", **OPINION | {"basis": "县里今年的标准。"}).status_code
        == 303
    )
    assert desk.press("clerk", "notices").status_code == 303
    early = desk.press("clerk", "notices/end")
    assert early.status_code == 422
    assert "公示还没满期" in text(early)
    offices.later(days=8)
    assert desk.press("clerk", "notices/end").status_code == 303
    grant = {
        "kind": "approved", "category": "rural", "people": "2", "amount": "770",
        "recheck": "yearly", "sentence": "同意。",
    }  # fmt: skip
    assert "予以确认" in desk.page("confirmer")
    assert desk.press("confirmer", "decisions", **grant | {"recheck": ""}).status_code == 422
    assert desk.press("confirmer", "decisions", **grant).status_code == 303
    assert status(offices, desk.file_id) == Status.APPROVED
    decision_id = look(offices, desk.file_id, lambda s, f: letters.of(s, f)[-1].id)
    assert f"decisions/{decision_id}/letter.pdf" in desk.page("clerk")
    delivered = desk.press(
        "clerk", f"decisions/{decision_id}/deliveries", how="post", day=offices.today.isoformat()
    )
    assert delivered.status_code == 303
    assert "邮寄" in desk.page("confirmer")


def test_the_resident_reads_prints_and_answers(offices):
    desk = Forms(offices, making.on_the_road(offices, "dibao", "reviewing"))
    offices.asked(desk.file_id, "reduced", 60_000)
    assert "现在不能减发、停发" in desk.page("confirmer")
    assert 'id="reduced"' not in desk.page("confirmer")
    case = text(desk.mine())
    assert "想减少您的救助金" in case
    assert "不说，也不会减、不会停" in case
    empty = desk.mine("/hearing", {"sentence": " "})
    assert empty.status_code == 422
    assert "请写清楚" in text(empty)
    assert desk.mine("/hearing", {"sentence": "还不够用。"}).status_code == 303
    assert "还不够用。" in text(desk.mine("/hearing"))
    assert 'id="reduced"' in desk.page("confirmer")
    (path,) = set(re.findall(r"/decisions/[0-9a-f-]{36}", text(desk.mine())))
    letter = text(desk.mine(path))
    for words in ("予以确认为农村低保", "钱怎么算的", "不服怎么办", "期限以告知书写的为准"):
        assert words in letter
    assert desk.mine(f"{path}/letter.pdf").data.startswith(b"%PDF")


def test_kin_have_a_register_and_objections_have_no_name(offices):
    desk = Forms(offices, making.on_the_road(offices, "dibao", "opinion"))
    assert desk.press("clerk", "near-kin", sentence="是村主任的叔叔。").status_code == 303
    register = desk.client.get("/desk/near-kin", headers=desk.headers("county"))
    assert "是村主任的叔叔。" in text(register)
    assert "还没去" in text(register)
    desk.press("reviewer", "notices")
    sent = desk.press(
        "clerk",
        "objections",
        how="phone",
        sentence="他家开店。",
        told="有人说您家开店。",
        name="老张",
    )
    assert sent.status_code == 303
    assert "老张" in desk.page("clerk")
    seen = text(desk.mine("/objections"))
    assert "有人说您家开店。" in seen
    assert "老张" not in seen
    assert "只公示这几样" in text(desk.mine())
    assert desk.press("chen", "reinvestigations").status_code == 303
    visit = {"day": offices.today.isoformat(), "staff": ["彭科长", "老吴"], "sentence": "属实。"}
    assert desk.press("county", "county-visits", **visit).status_code == 303
    assert "县里已入户" in desk.page("county")


def test_a_form_without_its_act_decides_nothing(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    desk = Forms(offices, file_id)
    for room in ("decisions", "adjustments"):
        for kind in ("", "sold"):
            sent = desk.press("confirmer", room, kind=kind, sentence="一句话。", law="第45条")
            assert sent.status_code == 422, (room, kind)
    assert making.status(offices, file_id) == "county_review"
