"""Emergency aid, the petty fund and referrals by the desk's pages, as clerks press them."""

import re
from types import SimpleNamespace
from uuid import UUID

import pytest

from portal.casework.aid import grants, ledger
from portal.casework.referral import departments
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.people.access import Role
from portal.people.tables import Staff
from tests.casework import cases
from tests.casework.aid import boxes
from tests.casework.referral import ways
from tests.desk.clerks import Clerk, signed_in
from tests.handover import files

SMALL = {
    "person": "姓名不详，男，约60岁",
    "cause": "桥下受冻",
    "amount": "200",
    "handling": "当面给",
}
FIRST = {"cause": "失火", "amount.1": "500", "amount.2": "300", "due.2": "2026-12-10",
         "form.2": "transfer", "document": "县文件，镇限额2000元"}  # fmt: skip


@pytest.fixture
def clerk(app, portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
    return signed_in(app, portal)


@pytest.fixture
def county(app, portal, clerk):
    return signed_in(
        app, portal, "peng", region=files.COUNTY, role=Role.COUNTY_CONFIRMER, name="老彭"
    )


@pytest.fixture
def department(app, portal, clerk):
    found = signed_in(
        app, portal, "long", region=files.COUNTY, role=Role.DEPARTMENT_CLERK, name="小龙"
    )
    with portal.database.writing() as session:
        member = session.query(Staff).filter_by(username="long").one()
        departments.assign(session, portal.catalogue, member.id, ["县住建局"], now=boxes.NOW)
    return found


def text(answer):
    return answer.get_data(as_text=True)


def fund(portal):
    with portal.database.reading() as session:
        found = ledger.fund_of(session, files.TOWNSHIP)
        return SimpleNamespace(id=found.id, balance=found.balance)


def opened(clerk: Clerk, county: Clerk, portal, amount="5000"):
    asked = {"kind": "opening", "amount": amount, "reason": "县里拨付"}
    assert clerk.post("/desk/ledger/requests", asked, at="/desk/ledger").status_code == 303
    here = f"/desk/ledger/{fund(portal).id}"
    found = re.search(rf"{here}/requests/([0-9a-f-]+)/confirmations", text(county.get(here)))
    done = county.post(f"{here}/requests/{found[1]}/confirmations", at=here)
    assert done.status_code == 303
    return here


def file_of(portal, answer):
    found = re.search(r"file=([0-9a-f-]+)", answer.headers["Location"])
    with portal.database.reading() as session:
        file = session.get_one(Application, UUID(found[1]))
        session.expunge(file)
        return file


def test_a_box_is_asked_for_and_confirmed_and_pays_at_the_window(clerk, county, portal):
    here = opened(clerk, county, portal)
    assert fund(portal).balance == 500_000
    page = text(clerk.get("/desk/aid"))
    assert "现有5000.00元" in page
    assert "只登记这四项" in page
    done = clerk.post("/desk/aid/small", {**SMALL, "from_box": "1", "finish": "1"}, at="/desk/aid")
    assert done.status_code == 303
    assert file_of(portal, done).status == "closed"
    assert fund(portal).balance == 480_000
    book = text(clerk.get(here))
    assert "各笔合计与结余相符" in book
    assert "4800.00" in book
    assert "申请编号" in text(clerk.get(f"{here}/lines.csv"))


def test_pressed_twice_it_is_given_once(clerk, portal):
    form = {**SMALL, "key": "0b6c3df2-7c8e-4f0a-9a44-4d1b7c3f3a11"}
    first, second = (clerk.post("/desk/aid/small", form, at="/desk/aid") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    with portal.database.reading() as session:
        assert session.query(Application).count() == 1


def test_a_wrong_amount_comes_back_with_what_was_typed(clerk, portal):
    for amount, words in (("两百", "金额只填数字"), ("9000", "最多740元"), ("0", "大于零")):
        answer = clerk.post("/desk/aid/small", {**SMALL, "amount": amount}, at="/desk/aid")
        assert answer.status_code == 422
        assert words in text(answer)
        assert "桥下受冻" in text(answer)
    with portal.database.reading() as session:
        assert session.query(Application).count() == 0


def test_an_alert_is_answered_by_aid_in_one_press(clerk, portal):
    file_id = boxes.called(portal)
    here = f"/desk/files/{file_id}"
    assert "小额快救：一次办完" in text(clerk.get(here))
    done = clerk.post(f"{here}/small-aid", SMALL, at=here)
    assert done.headers["Location"].endswith(f"{here}#aid")
    page = text(clerk.get(here))
    assert "小额快救 200元" in page
    assert "没饭吃" not in page.split("<main")[0]
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        assert (file.status, file.alert) == ("aided", None)


def test_aid_first_papers_later_and_the_plan_of_parts(clerk, portal):
    file_id = boxes.called(portal)
    here = f"/desk/files/{file_id}"
    lacking = clerk.post(f"{here}/first-aid", {**FIRST, "document": ""}, at=here)
    assert lacking.status_code == 422
    assert "哪个文件" in text(lacking)
    assert clerk.post(f"{here}/first-aid", FIRST, at=here).status_code == 303
    page = text(clerk.get(here))
    assert "2026年12月10日发" in page
    assert "补不齐不收回救助" in page
    early = clerk.post(f"{here}/aid-closings", {"sentence": "办结"}, at=here)
    assert "还有没发完的" in text(early)
    part = re.search(r"aid-parts/([0-9a-f-]+)/payments", page)[1]
    assert (
        clerk.post(f"{here}/aid-parts/{part}/payments", {"to": "本人"}, at=here).status_code == 303
    )
    paper = {"item": "signed", "state": "cannot", "words": "人已离开"}
    assert clerk.post(f"{here}/aid-papers", paper, at=here).status_code == 303
    assert clerk.post(f"{here}/aid-closings", {"sentence": "办结"}, at=here).status_code == 303
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        assert file.status == "closed"
        assert sum(g.paid for g in grants.of(session, file)) == 80_000


def test_the_countys_conference_is_recorded_and_lifts_the_limit(clerk, county, portal):
    file_id = boxes.called(portal)
    here = f"/desk/files/{file_id}"
    clerk.post(f"{here}/first-aid", FIRST, at=here)
    assert clerk.post(f"{here}/conferences", {"reason": "还没地方住"}, at=here).status_code == 303
    assert "等县里一事一议" in text(county.get("/desk/aid"))
    page = text(county.get(here))
    held = re.search(r"conferences/([0-9a-f-]+)/minutes", page)[1]
    minutes = {"held_on": "2026-11-22", "people": "民政、住建", "amount": "600",
               "words": "同意再给。", "sentence": "几家商量，再给600元。"}  # fmt: skip
    at = f"{here}/conferences/{held}/minutes"
    assert county.post(at, {**minutes, "words": ""}, at=here).status_code == 422
    assert county.post(at, minutes, at=here).status_code == 303
    assert "还剩600.00元" in text(clerk.get(here))
    again = {"cause": "失火", "amount.1": "600", "conference_id": held}
    assert clerk.post(f"{here}/first-aid", again, at=here).status_code == 303


def test_a_book_is_closed_undone_and_read_only_where_it_belongs(app, clerk, county, portal):
    here = opened(clerk, county, portal)
    short = clerk.post(f"{here}/closings", {"counted": "4990", "counted_with": "王会计"}, at=here)
    assert "少10元" in text(short)
    whole = {"counted": "4990", "counted_with": "王会计", "explanation": "找零"}
    assert clerk.post(f"{here}/closings", whole, at=here).status_code == 303
    clerk.post("/desk/aid/small", {**SMALL, "from_box": "1"}, at="/desk/aid")
    line = re.findall(r"lines/([0-9a-f-]+)/corrections", text(clerk.get(here)))[-1]
    undone = clerk.post(f"{here}/lines/{line}/corrections", {"reason": "记错"}, at=here)
    assert undone.status_code == 303
    assert fund(portal).balance == 500_000
    other = signed_in(app, portal, "wang", region=files.NEIGHBOUR)
    for path in (here, f"{here}/lines.csv"):
        assert other.get(path).status_code == 404
    assert "还没有开账" in text(other.get("/desk/ledger"))
    assert "东坪镇" in text(county.get("/desk/ledger"))
    with portal.database.reading() as session:
        assert session.query(AuditEntry).filter_by(action="read.fund").count()


def test_a_need_is_referred_and_only_its_department_reads_it(
    app, clerk, county, department, portal
):
    file_id = cases.accepted(portal)
    here = f"/desk/files/{file_id}"
    page = text(clerk.get(f"{here}/referrals?program=zhufang"))
    assert "只能转下面这几项" in page
    said = {"program": "zhufang", "field": ["applicant_name", "phone"], "sentence": "墙裂了。",
            "say.house_words": "后墙裂了"}  # fmt: skip
    assert clerk.post(f"{here}/referrals", said, at=here).status_code == 303
    assert "县住建局" in text(clerk.get(here))
    listed = text(department.get("/desk/referrals"))
    at = "/desk/referrals/" + re.search(r"/desk/referrals/([0-9a-f-]{36})", listed)[1]
    shown = text(department.get(at))
    assert "后墙裂了" in shown
    assert "刘桂香" in shown
    assert "13800000009" not in shown
    assert str(file_id) not in shown
    assert department.post(f"{at}/numbers", at=at).status_code == 422
    assert "13800000009" in text(department.post(f"{at}/numbers", {"reason": "call"}, at=at))
    assert department.get(here).status_code == 403
    assert department.get("/desk/").headers["Location"] == "/desk/referrals"
    assert department.post(f"{at}/receipts", at=at).status_code == 303
    result = {"result": "helped", "sentence": "已列入危房改造。"}
    assert county.post(f"{at}/results", result, at=at).status_code == 403
    assert department.post(f"{at}/results", result, at=at).status_code == 303
    assert "已列入危房改造" in text(clerk.get(here))
    with portal.database.reading() as session:
        read = session.query(AuditEntry).filter_by(subject=file_id)
        assert {"read.referral", "view.referral"} <= {line.action for line in read}


def test_a_sheet_and_a_way_are_printed(clerk, portal):
    file_id = ways.filed(portal, "yiliao", ways.ILL)
    here = f"/desk/files/{file_id}"
    said = {"program": "yiliao", "field": ["applicant_name"], "sentence": "住院花费大。"}
    assert clerk.post(f"{here}/referrals", said, at=here).status_code == 303
    at = re.search(r"/desk/referrals/[0-9a-f-]{36}", text(clerk.get(here)))[0]
    assert clerk.get(f"{at}/sheet.pdf").data.startswith(b"%PDF")
    assert clerk.get("/desk/ways/jiaoyu.pdf").data.startswith(b"%PDF")
    assert "请替他们记在这里" in text(clerk.get(at))


def test_charity_waits_for_the_person(clerk, portal):
    file_id = cases.accepted(portal)
    here = f"/desk/files/{file_id}"
    page = text(clerk.get(f"{here}/referrals?program=cishan"))
    assert "要先问本人" in page
    said = {"program": "cishan", "field": ["phone"], "sentence": "想有人来看看。"}
    refused = clerk.post(f"{here}/referrals", said, at=here)
    assert refused.status_code == 422
    assert "要先问本人愿不愿意" in text(refused)
    assert clerk.post(f"{here}/referral-consents", said, at=here).status_code == 303
    assert "等本人答复" in text(clerk.get(here))
    record = {"program": "cishan", "field": ["phone"], "how": "visit", "agrees": "yes"}
    assert clerk.post(f"{here}/referral-consents/records", record, at=here).status_code == 303
    assert clerk.post(f"{here}/referrals", said, at=here).status_code == 303


def test_a_household_without_a_file_is_referred_from_the_list(clerk, department, portal):
    page = text(clerk.get("/desk/referrals/new?program=zhufang"))
    assert "用得着的才勾" in page
    said = {"program": "zhufang", "say.applicant_name": "张大爷", "sentence": "走访看到。"}
    done = clerk.post("/desk/referrals/new", said, at="/desk/referrals")
    assert done.status_code == 303
    assert "张大爷" in text(department.get(done.headers["Location"]))


def test_nobody_gets_in_without_signing_in(client):
    for path in ("/desk/aid", "/desk/ledger", "/desk/referrals", "/desk/ways/jiaoyu.pdf"):
        assert client.get(path).headers["Location"].endswith("/desk/sign-in"), path
