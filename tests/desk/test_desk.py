"""The clerk's pages over HTTP: who gets in, what is shown, what is recorded, what is done."""

import pytest

from portal.casework import events
from portal.filing.tables import Application
from portal.foundation.audit import AuditEntry
from portal.people.access import Role
from tests.casework import cases
from tests.desk.clerks import Clerk, hire, signed_in
from tests.handover import files

NUMBER = "430923190001010010"


@pytest.fixture
def clerk(app, portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
    return signed_in(app, portal)


@pytest.fixture
def file(portal):
    file_id = files.draft(portal, files.MORE)
    files.sign(portal, file_id)
    files.submit(portal, file_id)
    cases.deliver(portal)
    return file_id


def text(answer):
    return answer.get_data(as_text=True)


def lines(portal, action):
    with portal.database.reading() as session:
        return session.query(AuditEntry).filter_by(action=action).count()


def status(portal, file_id):
    with portal.database.reading() as session:
        return session.get_one(Application, file_id).status


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/counts", "/desk/files/{}", "/desk/files/{}/form.pdf",
             "/desk/files/{}/transfer", "/desk/files/{}/photos/{}"]
)  # fmt: skip
def test_nobody_gets_in_without_signing_in(client, portal, file, path):
    answer = client.get(path.format(file, file))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/desk/sign-in")


def test_a_wrong_code_says_nothing_about_which_part(app, portal, clerk):
    password, uri = hire(portal, "wang")
    other = Clerk(app.test_client())
    for name, secret in (("wang", "wrong"), ("nobody", password)):
        answer = other.sign_in(name, secret, uri)
        assert answer.status_code == 422
        assert "用户名、密码或动态码不对。" in text(answer)


def test_ten_wrong_tries_close_the_door_for_a_while(app, portal):
    password, uri = hire(portal, "wang", region="430923103")
    other = Clerk(app.test_client())
    for _ in range(10):
        assert other.sign_in("wang", "wrong", uri).status_code == 422
    assert other.sign_in("wang", password, uri).status_code == 429


def test_the_whole_way_of_a_file(clerk, portal, file):
    assert "取下一件" in text(clerk.get("/desk/"))
    taken = clerk.post("/desk/next")
    assert taken.headers["Location"].endswith(f"/desk/files/{file}")
    page = text(clerk.get(f"/desk/files/{file}"))
    for words in (
        "刘桂香",
        "在手机上签",
        "强度：",
        "一次性告知补正",
        "不予受理",
        "转办",
        "老伴去年走了",
    ):
        assert words in page
    done = clerk.post(f"/desk/files/{file}/accept")
    assert done.headers["Location"] == "/desk/?done=accepted"
    assert status(portal, file) == "accepted"
    after = text(clerk.get(f"/desk/files/{file}"))
    assert "/accept" not in after
    assert "民发〔2021〕57号" not in after
    assert "李主任" in after


def test_numbers_are_masked_and_looking_is_recorded(clerk, portal, file):
    page = text(clerk.get(f"/desk/files/{file}"))
    assert NUMBER not in page
    assert "13800000009" not in page
    assert lines(portal, "read.file") == 1
    assert lines(portal, "view.number") == 0
    shown = clerk.post(f"/desk/files/{file}/numbers", at=f"/desk/files/{file}")
    assert NUMBER in text(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    assert lines(portal, "view.number") == 1


def test_a_foreign_clerk_finds_nothing(app, portal, clerk, file):
    other = signed_in(app, portal, "wang", region=files.NEIGHBOUR)
    assert "没有等受理的申请" in text(other.get("/desk/"))
    here = f"/desk/files/{file}"
    for path in (here, f"{here}/form.pdf", f"{here}/transfer", f"{here}/photos/{file}"):
        assert other.get(path).status_code == 404
    for act in ("accept", "returns", "decline", "alert", "transfer", "numbers", "release"):
        assert other.post(f"{here}/{act}").status_code == 404
    assert status(portal, file) == "submitted"
    assert lines(portal, "read.file") == 0


def test_the_list_of_what_is_missing(clerk, portal, file):
    form = {"item": ["bank_account"], "say.bank_account": "请拍有卡号的一面。"}
    answer = clerk.post(f"/desk/files/{file}/returns", form)
    assert answer.headers["Location"] == "/desk/?done=returned"
    with portal.database.reading() as session:
        application = session.get_one(Application, file)
        [asked] = events.corrections(session, application)
        assert events.sentence(session, application, asked) == "请拍有卡号的一面。"


def test_an_empty_list_comes_back_with_what_was_typed(clerk, portal, file):
    form = {"item": ["bank_account"], "say.bank_account": " ", "say.other": "留着"}
    answer = clerk.post(f"/desk/files/{file}/returns", form)
    assert answer.status_code == 422
    assert "请写一句话，说清要补什么。" in text(answer)
    assert 'value="留着"' in text(answer)
    assert status(portal, file) == "submitted"


def test_declining_needs_one_of_three_reasons(clerk, portal, file):
    refused = clerk.post(
        f"/desk/files/{file}/decline", {"reason": "incomplete", "sentence": "缺。"}
    )
    assert refused.status_code == 422
    said = {"reason": "duplicate", "sentence": "上月已有一份。"}
    assert clerk.post(f"/desk/files/{file}/decline", said).status_code == 303
    assert status(portal, file) == "not_accepted"


def test_sending_it_to_the_right_place(clerk, portal, file):
    here = f"/desk/files/{file}/transfer"
    assert "梅城镇" in text(clerk.get(f"{here}?q=安化 梅城"))
    assert "没有找到" in text(clerk.get(f"{here}?q=没有的地方"))
    wrong = clerk.post(here, {"place": files.TOWNSHIP, "sentence": "去。", "q": "梅城"})
    assert wrong.status_code == 422
    said = {"place": files.NEIGHBOUR, "sentence": "户口在梅城镇。"}
    assert clerk.post(here, said).headers["Location"] == "/desk/?done=transferred"
    assert clerk.get(f"/desk/files/{file}").status_code == 404


def test_an_alert_stands_on_every_page_until_it_is_answered(clerk, portal, file):
    with portal.database.writing() as session:
        session.get_one(Application, file).alert = "food"
    assert clerk.get("/desk/counts").json == {"alerts": 1, "waiting": 1}
    for path in ("/desk/", f"/desk/files/{file}"):
        assert "急：1件没人答复" in text(clerk.get(path))
        assert "没饭吃" in text(clerk.get(path))
    said = {"name": "李主任", "sentence": "中午送了米和油。"}
    assert clerk.post(f"/desk/files/{file}/alert", said).status_code == 303
    assert clerk.get("/desk/counts").json["alerts"] == 0


def test_a_colleague_reads_and_cannot_decide(app, portal, clerk, file):
    clerk.post("/desk/next")
    other = signed_in(app, portal, "wang")
    assert text(other.post("/desk/next")) is not None
    page = text(other.get(f"/desk/files/{file}"))
    assert "同事正在看这一件" in page
    assert "/accept" not in page
    assert other.post(f"/desk/files/{file}/accept").status_code == 409
    clerk.post(f"/desk/files/{file}/release")
    assert other.post(f"/desk/files/{file}/accept").status_code == 303


def test_the_form_comes_from_the_dossier(clerk, portal, file):
    answer = clerk.get(f"/desk/files/{file}/form.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert lines(portal, "read.form") == 1


def test_a_form_on_its_way_is_said_to_be(clerk, portal):
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    assert clerk.get(f"/desk/files/{file_id}/form.pdf").status_code == 404
    assert "件在路上" in text(clerk.get("/desk/"))


def test_the_county_reads_only(app, portal, clerk, file):
    county = signed_in(app, portal, "zhao", region=files.COUNTY, role=Role.COUNTY_CLERK)
    assert "取下一件" not in text(county.get("/desk/"))
    assert "/accept" not in text(county.get(f"/desk/files/{file}"))
    assert county.post(f"/desk/files/{file}/accept").status_code == 403


def test_an_administrator_sees_no_files(app, portal, clerk, file):
    boss = signed_in(app, portal, "boss", role=Role.ADMINISTRATOR)
    assert boss.get("/desk/").status_code == 403
    assert boss.get(f"/desk/files/{file}").status_code == 403


def test_a_form_without_our_token_is_refused(clerk, portal, file):
    answer = clerk.client.post(f"/desk/files/{file}/accept", data={})
    assert answer.status_code == 403
    assert status(portal, file) == "submitted"


def test_signing_out_ends_it(clerk):
    clerk.post("/desk/sign-out")
    assert clerk.get("/desk/").status_code == 303


def test_no_inline_style_and_no_inline_script(clerk, file):
    for path in ("/desk/", f"/desk/files/{file}", "/desk/sign-in"):
        page = text(clerk.get(path))
        assert " style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
