"""The clerk's pages over HTTP: who gets in, what is shown, what is recorded, what is done."""

import re

import pytest

from portal.casework import events
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
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
    assert "李主任" in after


def test_numbers_are_masked_and_looking_is_recorded(clerk, portal, file):
    page = text(clerk.get(f"/desk/files/{file}"))
    assert NUMBER not in page
    assert "13800000009" not in page
    assert lines(portal, "read.file") == 1
    refused = clerk.post(f"/desk/files/{file}/numbers", at=f"/desk/files/{file}")
    assert refused.status_code == 422
    assert NUMBER not in text(refused)
    assert lines(portal, "open.file") == 0
    shown = clerk.post(f"/desk/files/{file}/numbers", {"reason": "call"}, at=f"/desk/files/{file}")
    assert NUMBER in text(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    assert lines(portal, "open.file") == 1


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


def test_each_role_has_its_own_first_page(app, portal, clerk, file):
    wanted = {
        Role.TOWNSHIP_INVESTIGATOR: ("要调查", "取下一件"),
        Role.TOWNSHIP_REVIEWER: ("要初审", "取下一件"),
        Role.COUNTY_CHECKER: ("要核对", "取下一件"),
        Role.COUNTY_CONFIRMER: ("要审核确认", "取下一件"),
        Role.COUNTY_CLERK: ("等受理", "来回转办，要县里定"),
        Role.AUDITOR: ("等受理", "您的岗位只看不办"),
        Role.SUPERVISOR: ("各状态件数", "看单件"),
    }
    for role, words in wanted.items():
        region = files.TOWNSHIP if role.startswith("township") else files.COUNTY
        page = text(
            signed_in(app, portal, role.replace("_", "-"), role=role, region=region).get("/desk/")
        )
        for word in words:
            assert word in page, role
        assert ("取下一件" in page) is ("取下一件" in words), role


def test_the_bar_leads_only_where_something_is(clerk, app):
    page = text(clerk.get("/desk/"))
    paths = re.findall(
        r'<a href="(/desk/[a-z]*)"', page.split('class="rooms"')[1].split("</nav>")[0]
    )
    assert "/desk/" in paths
    assert "/desk/export" in paths
    for path in paths:
        assert clerk.get(path).status_code == 200, path


def test_the_list_is_narrowed_by_what_is_chosen(clerk, portal, file):
    with portal.database.reading() as session:
        number = session.get_one(Application, file).reference_no
    assert number in text(clerk.get(f"/desk/?words={number}"))
    assert number in text(clerk.get(f"/desk/?words={NUMBER}&status=submitted&program=dibao"))
    for query in (
        "program=tekun",
        "urgent=1",
        "status=paying",
        "words=1234567890",
        "investigator=x&mine=1",
    ):
        page = text(clerk.get(f"/desk/?{query}"))
        assert "没有符合的申请" in page
        assert number not in page


def test_a_supervisor_writes_a_reason_first(app, portal, clerk, file):
    boss = signed_in(app, portal, "boss", role=Role.SUPERVISOR, region="430900")
    with portal.database.reading() as session:
        number = session.get_one(Application, file).reference_no
    asked = boss.get(f"/desk/find?number={number}")
    assert asked.headers["Location"].endswith(f"/desk/files/{file}")
    page = text(boss.get(f"/desk/files/{file}"))
    assert "请先写明为什么看这一件" in page
    assert "刘桂香" not in page
    assert boss.get(f"/desk/files/{file}/form.pdf").status_code == 403
    assert boss.post(f"/desk/files/{file}/reasons", {"words": ""}).status_code == 422
    assert boss.post(f"/desk/files/{file}/reasons", {"words": "核实来信。"}).status_code == 303
    page = text(boss.get(f"/desk/files/{file}"))
    assert "刘桂香" in page
    for act in ("/accept", "/numbers", "/returns", "/investigator", "/copy"):
        assert f'{act}"' not in page, act


def test_an_auditor_reads_and_changes_nothing(app, portal, clerk, file):
    he = signed_in(app, portal, "he", role=Role.AUDITOR, region=files.COUNTY)
    page = text(he.get(f"/desk/files/{file}"))
    main = page.split('<main id="main"')[1]
    assert "刘桂香" in main
    assert 'method="post"' not in main
    for act in ("accept", "returns", "decline", "numbers", "copy", "transfer", "investigator"):
        assert he.post(f"/desk/files/{file}/{act}").status_code in (403, 409), act
    assert he.get("/desk/export").status_code == 403


def test_one_photo_again(clerk, portal):
    file_id = files.draft(portal, files.LEAST, phone="13812345604")
    photo = files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    cases.deliver(portal)
    at = f"/desk/files/{file_id}/photos/{photo}"
    refused = clerk.post(f"{at}/retake", {"sentence": " "})
    assert refused.status_code == 422
    assert '<details class="again" open>' in text(refused)
    done = clerk.post(f"{at}/retake", {"sentence": "号码看不清。", "next": "1"})
    assert done.headers["Location"].endswith(f"/desk/files/{file_id}#photo-1")
    assert "已请重拍：号码看不清。" in text(clerk.get(f"/desk/files/{file_id}"))
    for _twice in range(2):
        assert clerk.post(f"{at}/accept", {"next": "2"}).status_code == 303
    assert "看清了</span>" in text(clerk.get(f"/desk/files/{file_id}"))


def test_who_goes_to_see_them(app, portal, clerk, file):
    hire(portal, "chen", role=Role.TOWNSHIP_INVESTIGATOR, name="调查小陈")
    page = text(clerk.get(f"/desk/files/{file}"))
    chosen = re.search(r'<option value="([0-9a-f-]+)">调查小陈', page)[1]
    assert clerk.post(f"/desk/files/{file}/investigator", {"investigator": file}).status_code == 422
    assert (
        clerk.post(f"/desk/files/{file}/investigator", {"investigator": chosen}).status_code == 303
    )
    assert "<dt>调查人员</dt><dd>调查小陈</dd>" in text(clerk.get(f"/desk/files/{file}"))


def test_there_and_back_then_the_county_names_the_place(app, portal, clerk, file):
    neighbour = signed_in(app, portal, "wang", region=files.NEIGHBOUR)
    county = signed_in(app, portal, "zhao", region=files.COUNTY, role=Role.COUNTY_CLERK)
    here = f"/desk/files/{file}"
    clerk.post(f"{here}/transfer", {"place": files.NEIGHBOUR, "sentence": "户口在梅城。"})
    assert "退回东坪镇" in text(neighbour.get(here))
    assert neighbour.post(f"{here}/send-back", {"sentence": ""}).status_code == 422
    assert neighbour.post(f"{here}/send-back", {"sentence": "人在东坪。"}).status_code == 303
    page = text(clerk.get(here))
    assert "已经转过两次" in page
    assert f'href="{here}/transfer"' not in page
    assert "指定受理地" in text(county.get(here))
    said = {"place": files.NEIGHBOUR, "sentence": "户口在梅城。", "q": "梅城"}
    assert county.post(f"{here}/transfer", said).status_code == 303
    assert "县里已定在这里办" in text(neighbour.get(here))


def test_copying_and_taking_out(clerk, portal, file):
    page = text(clerk.get(f"/desk/files/{file}/copy"))
    assert NUMBER not in page
    assert clerk.post(f"/desk/files/{file}/copy", {"reason": "other"}).status_code == 422
    assert NUMBER in text(clerk.post(f"/desk/files/{file}/copy", {"reason": "enter"}))
    assert clerk.post("/desk/export", {"format": "csv", "reason": "enter"}).status_code == 422
    chosen = {"file": [str(file)], "format": "xlsx", "reason": "enter", "whole": "1"}
    taken = clerk.post("/desk/export", chosen)
    assert taken.status_code == 200
    assert taken.headers["Content-Disposition"].endswith('.xlsx"')
    assert lines(portal, "open.file") == 2


def test_no_key_means_two_things_on_one_page(clerk, file):
    for path in (
        "/desk/",
        f"/desk/files/{file}",
        f"/desk/files/{file}/copy",
        "/desk/export",
        "/desk/keys",
    ):
        keys = re.findall(r'data-key="([^"]+)"', text(clerk.get(path)))
        own = [*keys, "j", "k", "?", *(["o", "e", "p"] if path.endswith(str(file)) else [])]
        assert len(set(own)) == len(own), path


def test_the_keys_that_are_told_are_the_keys_there_are(clerk, file):
    told = set(re.findall(r"<kbd>([^<]+)</kbd>", text(clerk.get("/desk/keys"))))
    used = set(re.findall(r'data-key="([^"]+)"', text(clerk.get(f"/desk/files/{file}"))))
    assert used | {"n", "/", "j", "k", "o", "e", "p", "?"} <= told


def test_signing_out_ends_it(clerk):
    clerk.post("/desk/sign-out")
    assert clerk.get("/desk/").status_code == 303


def test_no_inline_style_and_no_inline_script(clerk, file):
    for path in ("/desk/", f"/desk/files/{file}", "/desk/sign-in"):
        page = text(clerk.get(path))
        assert " style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
