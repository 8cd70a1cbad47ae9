"""The mini-program at the API: signing in, the number, binding, subscriptions, push, papers."""

import json
import re
from dataclasses import replace
from hashlib import sha256

import pytest

from api.standin_wechat.pushing import envelope
from portal import worker
from portal.contact.wechat_codes import HOME
from portal.contact.wechat_push import Inlet, inlet_of
from portal.foundation.settings import Mode
from tests.api.walk import PHOTOS, Resident
from tests.conftest import NOW
from tests.people import assistants

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

SESSION, PHONE_CALL = "/sns/jscode2session", "/wxa/business/getuserphonenumber"
CHECK = "/wxa/msg_sec_check"
NUMBER = "13812345678"


@pytest.fixture
def settings(settings, weixin):
    return replace(settings, wechat="standin", wechat_url=weixin.url)


class Phone(Resident):
    """A phone with the mini-program."""

    def tap(self, weixin, user="alice"):
        answer = self.client.post(
            "/api/auth/wechat-sessions", json={"code": weixin.state.tap(user)}
        )
        assert answer.status_code == 201, answer.json
        self.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
        return answer.json

    def agree(self):
        texts = self.get("/api/me/consents").json
        given = {text["kind"]: text["version"] for text in texts}
        assert self.put("/api/me/consents", {"consents": given}).status_code == 200

    def phone_button(self, weixin, number=NUMBER):
        code = weixin.state.show_phone(number)
        return self.put("/api/me/wechat-phone", {"code": code})

    def accept(self, weixin, *moments, user="alice"):
        for moment in moments:
            weixin.state.accept(user, f"standin-{moment}")
        answers = {f"standin-{moment}": "accept" for moment in moments}
        return self.put("/api/me/wechat-subscriptions", {"answers": answers})


@pytest.fixture
def phone(client, portal):
    return Phone(client, portal)


@pytest.fixture
def web(app, portal):
    """The same person at the web pages' API, by number."""
    return Resident(app.test_client(), portal, NUMBER)


def no(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert re.search(r"[\u4e00-\u9fff]", answer.json["message"])
    return answer.json


def test_signing_in_needs_no_number(phone, weixin):
    said = phone.tap(weixin)
    assert (said["phone_known"], said["needs_proof"]) == (False, False)
    assert phone.tap(weixin)["consents_missing"] == ["general", "sensitive", "handover"]
    me = phone.get("/api/me").json
    assert (me["phone"], me["wechat"]) == (None, True)


def test_the_openid_and_weixins_secrets_are_told_to_nobody(phone, weixin):
    texts = json.dumps([phone.tap(weixin), phone.get("/api/me").json])
    assert weixin.state.openid("alice") not in texts
    assert weixin.state.secret not in texts
    assert "session_key" not in texts
    assert "openid" not in texts


BAD = [
    {}, {"code": ""}, {"code": "x" * 300}, {"code": None}, {"code": 7}, [], {"openid": "oX"},
    {"code": "x", "openid": "oX"},
]  # fmt: skip


def test_bad_bodies_and_an_openid_of_the_clients_own(phone, weixin):
    for body in BAD:
        answer = phone.client.post("/api/auth/wechat-sessions", json=body)
        assert no(answer, 422, "invalid")["fields"], body
    assert weixin.state.calls == []


def test_used_over_and_foreign_codes(phone, weixin):
    code = weixin.state.tap("alice")
    sign_in = phone.client.post
    assert sign_in("/api/auth/wechat-sessions", json={"code": code}).status_code == 201
    for bad in (code, "foreign", weixin.state.show_phone(NUMBER)):
        answer = no(sign_in("/api/auth/wechat-sessions", json={"code": bad}), 422, "wechat_code")
        assert "再点一次" in answer["fields"]["code"][0]


FAULTS = [
    ({"errcode": 45009}, 429, "wechat_busy"), ({"errcode": 40226}, 403, "wechat_blocked"),
    ({"errcode": -1}, 503, "wechat_down"), ({"status": 502}, 503, "wechat_down"),
    ({"errcode": 40125}, 503, "wechat_down"),
]  # fmt: skip


def test_every_fault_says_another_way(phone, weixin):
    for how, status, code in FAULTS:
        weixin.fails(SESSION, **how)
        tapped = {"code": weixin.state.tap("a")}
        answer = phone.client.post("/api/auth/wechat-sessions", json=tapped)
        assert "手机号" in no(answer, status, code)["message"]


def test_off_it_says_so(client):
    """A portal without WeChat."""
    client.application.extensions["portal"] = replace(
        client.application.extensions["portal"], wechat=None
    )
    answer = client.post("/api/auth/wechat-sessions", json={"code": "x"})
    assert "手机号" in no(answer, 409, "wechat_off")["message"]
    assert client.get("/api/wechat/templates").json == {
        "submitted": [], "correction": [], "decision": [],
    }  # fmt: skip
    assert client.get("/wechat/push").status_code == 404


def test_the_phone_button(phone, weixin):
    phone.tap(weixin)
    said = phone.phone_button(weixin).json
    assert said == {"phone": "138****5678", "joined": False}
    assert phone.tap(weixin)["phone_known"] is True
    assert phone.get("/api/me").json["phone"] == "138****5678"
    no(phone.phone_button(weixin, "13900000001"), 409, "phone_set")
    used = weixin.state.show_phone(NUMBER)
    weixin.fails(PHONE_CALL, errcode=40029)
    no(phone.put("/api/me/wechat-phone", {"code": used}), 422, "wechat_code")


def test_two_empty_accounts_become_one_and_the_phone_stays_signed_in(phone, web, weixin):
    web.sign_in()
    phone.tap(weixin)
    phone.agree()
    draft = phone.start()
    said = phone.phone_button(weixin).json
    assert said["joined"] is True
    assert phone.get("/api/me").status_code == 401
    phone.headers = {"Authorization": f"Bearer {said['session']['access_token']}"}
    assert [a["id"] for a in phone.get("/api/applications").json] == [draft]
    assert [a["id"] for a in web.get("/api/applications").json] == [draft]
    repeated = phone.post(
        "/api/applications", {"program_id": "dibao"}, **{"Idempotency-Key": "start-1"}
    )
    assert (repeated.status_code, repeated.json["id"]) == (201, draft)


def test_a_number_with_files_asks_for_a_code_by_text_and_then_all_is_one(phone, web, weixin):
    web.sign_in()
    filed = web.start()
    phone.tap(weixin)
    phone.agree()
    draft = phone.start("linshi", key="start-2")
    no(phone.phone_button(weixin), 409, "sms_code_needed")
    assert [a["id"] for a in phone.get("/api/applications").json] == [draft]
    bound = web.post("/api/me/wechat", {"code": weixin.state.tap("alice")})
    assert bound.json == {"joined": True}
    phone.tap(weixin)
    assert {a["id"] for a in phone.get("/api/applications").json} == {filed, draft}


def test_binding_and_letting_go(phone, web, weixin):
    web.sign_in()
    assert web.post("/api/me/wechat", {"code": weixin.state.tap("alice")}).json == {"joined": False}
    assert phone.tap(weixin)["phone_known"] is True
    assert web.client.delete("/api/me/wechat", headers=web.headers).status_code == 204
    assert phone.tap(weixin)["phone_known"] is False
    no(phone.client.delete("/api/me/wechat", headers=phone.headers), 409, "phone_needed")


def test_letting_go_on_the_page(phone, web, weixin):
    web.sign_in()
    web.post("/api/me/wechat", {"code": weixin.state.tap("alice")})
    page = web.client.get("/me", headers=web.headers).get_data(as_text=True)
    assert "解除微信" in page
    assert web.client.post("/me/wechat/unbind", headers=web.headers).status_code == 303
    assert web.get("/api/me").json["wechat"] is False
    assert "解除微信" not in web.client.get("/me", headers=web.headers).get_data(as_text=True)


def test_a_recycled_number_neither_binds_nor_unbinds(phone, web, weixin, clock):
    """Half a year later somebody else has the number: WeChat's owner keeps the way in."""
    web.sign_in()
    web.start()
    web.post("/api/me/wechat", {"code": weixin.state.tap("alice")})
    clock.forward(days=181)
    other = Resident(web.client.application.test_client(), web.portal, NUMBER)
    other.client.post("/api/auth/sms-codes", json={"phone": NUMBER})
    body = {"phone": NUMBER, "code": other.code()}
    session = other.client.post("/api/auth/sessions", json=body).json
    assert session["needs_proof"]
    other.headers = {"Authorization": f"Bearer {session['access_token']}"}
    no(other.post("/api/me/wechat", {"code": weixin.state.tap("mallory")}), 403, "proof_needed")
    no(other.client.delete("/api/me/wechat", headers=other.headers), 403, "proof_needed")
    assert phone.tap(weixin)["phone_known"] is False
    assert len(phone.get("/api/applications").json) == 1
    assert other.get("/api/me").status_code == 401


def test_the_buttons_number_shows_its_next_holder_nothing(phone, web, weixin):
    phone.tap(weixin)
    phone.agree()
    phone.start()
    assert phone.phone_button(weixin).status_code == 200
    web.client.post("/api/auth/sms-codes", json={"phone": NUMBER})
    said = web.client.post("/api/auth/sessions", json={"phone": NUMBER, "code": web.code()}).json
    assert said["needs_proof"]
    web.headers = {"Authorization": f"Bearer {said['access_token']}"}
    no(web.get("/api/applications"), 403, "proof_needed")
    assert phone.get("/api/applications").status_code == 401
    assert phone.tap(weixin)["needs_proof"] is False
    assert len(phone.get("/api/applications").json) == 1
    assert web.get("/api/me").status_code == 401


def test_an_assistants_number_asks_for_a_code_by_text(phone, web, portal, weixin, clock):
    """WeChat may have the number of whoever had it before: a village's names wait behind it."""
    with portal.database.writing() as session:
        assistants.appoint(session, NUMBER, now=clock())
    phone.tap(weixin)
    no(phone.phone_button(weixin), 409, "sms_code_needed")
    assert phone.get("/api/mandates").json["roster"] is False
    web.sign_in()
    assert web.get("/api/mandates").json["roster"] is True
    no(phone.phone_button(weixin), 409, "sms_code_needed")
    assert web.post("/api/me/wechat", {"code": weixin.state.tap("alice")}).json == {"joined": True}
    assert phone.tap(weixin)["factor_needed"] is True


def test_appointed_later_the_button_had_named_the_number(phone, web, portal, weixin, clock):
    phone.tap(weixin)
    assert phone.phone_button(weixin).status_code == 200
    with portal.database.writing() as session:
        assistants.appoint(session, NUMBER, now=clock())
    assert phone.get("/api/mandates").json["roster"] is False
    no(phone.phone_button(weixin), 409, "sms_code_needed")
    web.sign_in()
    assert web.get("/api/mandates").json["roster"] is True


def test_words_another_resident_reads_are_shown_to_weixin_first(phone, weixin):
    phone.tap(weixin)
    phone.agree()
    assert helping(phone, "m1").status_code == 201
    [asked] = [one["body"]["content"] for one in weixin.state.shown if one["path"] == CHECK]
    assert asked == "张邻居\n邻居"
    refused = no(helping(phone, "m2", relation="这是违规内容"), 422, "words_refused")
    assert set(refused["fields"]) == {"helper", "relation"}
    for key, how in (("m3", {"errcode": 45009}), ("m4", {"status": 502, "times": 9})):
        weixin.fails(CHECK, **how)
        assert helping(phone, key, relation="这是违规内容").status_code == 201, how


def helping(phone, key, **more):
    said = {"kind": "neighbour", "person": "田老大", "helper": "张邻居", "relation": "邻居", **more}
    return phone.post("/api/mandates", said, **{"Idempotency-Key": key})


def test_answers_that_are_none(phone, weixin):
    phone.tap(weixin)
    for answers in (
        {}, {"nothing": "accept"}, {"standin-submitted": "yes"}, {"standin-submitted": None}, [],
    ):  # fmt: skip
        no(phone.put("/api/me/wechat-subscriptions", {"answers": answers}), 422, "invalid")


def test_handed_in_without_a_number_it_is_told_in_weixin(phone, portal, weixin):
    phone.tap(weixin)
    phone.agree()
    assert phone.accept(weixin, "submitted").status_code == 204
    file = phone.start()
    phone.fill_in(file)
    assert phone.post(f"/api/applications/{file}/submission").status_code == 201
    worker.run_once(portal, now=NOW)
    assert weixin.sent() == [(weixin.state.openid("alice"), "申请已提交，尚未受理")]
    said = json.dumps(weixin.state.outbox, ensure_ascii=False)
    assert not re.search(r"王秀英|13812345678|430923|低保|最低生活保障", said)


def test_a_photo_from_wx_upload_file_sent_twice_is_one(phone, weixin):
    phone.tap(weixin)
    phone.agree()
    file = phone.start()
    data = (PHOTOS / "bank_L1_00.jpg").read_bytes()
    phone.headers["Idempotency-Key"] = "photo-1"
    sent = [
        phone.send(file, data, item="bank_account", digest=sha256(data).hexdigest())
        for _ in range(2)
    ]
    assert [one.status_code for one in sent] == [201, 201]
    assert sent[0].json["id"] == sent[1].json["id"]
    assert [call for call in weixin.state.calls if "media" in call] == []


def test_what_is_signed_under_and_the_receipt_for_the_album(phone, weixin):
    phone.tap(weixin)
    phone.agree()
    file = phone.start()
    phone.fill_in(file)
    words = phone.get(f"/api/applications/{file}/signing-text").json
    assert words["title"] == "家庭经济状况核对授权书"
    assert "我说的情况是真实的。" in words["lines"]
    outside = phone.get(f"/api/applications/{file}/signing-text?signer=outside:x").json
    assert outside["lines"][0] != words["lines"][0]
    assert phone.get(f"/api/applications/{file}/receipt.png").status_code in (404, 409)
    phone.post(f"/api/applications/{file}/submission")
    picture = phone.get(f"/api/applications/{file}/receipt.png")
    assert picture.content_type == "image/png"
    width = int.from_bytes(picture.data[16:20])
    assert (picture.data[:4], width) == (b"\x89PNG", 750)


def test_a_link_from_outside(client, weixin):
    said = client.get("/api/wechat/link?region=430923103&program=dibao").json
    assert said["url"].startswith("https://wxaurl.cn/")
    assert weixin.state.shown[-1]["body"]["query"] == "r=430923103&p=dibao"
    assert client.get("/api/wechat/link").status_code == 200
    assert client.get("/api/wechat/link?region=999").status_code == 404
    assert client.get("/api/wechat/link?program=none").status_code == 404


def test_the_village_poster_has_the_code_of_that_village(client, weixin):
    with_code = client.get("/guide/poster.pdf?region=430923103")
    assert with_code.data.startswith(b"%PDF")
    body = weixin.state.shown[-1]["body"]
    assert (body["scene"], body["page"]) == ("r=430923103", HOME)
    weixin.fails("/wxa/getwxacodeunlimit", status=502, times=9)
    without = client.get("/guide/poster.pdf?region=430923")
    assert without.data.startswith(b"%PDF")


# push


def push(client, event, *, inlet, now=NOW):
    query, body = envelope(event, inlet, now=now)
    return client.post("/wechat/push", query_string=query, data=body)


def test_weixin_switches_a_message_off(phone, portal, weixin, clock):
    phone.tap(weixin)
    phone.accept(weixin, "submitted")
    event = {
        "ToUserName": "gh_1", "FromUserName": weixin.state.openid("alice"), "CreateTime": 1,
        "MsgType": "event", "Event": "subscribe_msg_change_event",
        "List": {"TemplateId": "standin-submitted", "SubscribeStatusString": "reject"},
    }  # fmt: skip
    inlet = inlet_of(portal.settings)
    for _ in range(2):
        assert push(phone.client, event, inlet=inlet).data == b"success"
    phone.agree()
    file = phone.start()
    phone.fill_in(file)
    phone.post(f"/api/applications/{file}/submission")
    worker.run_once(portal, now=NOW)
    assert weixin.sent() == []


def test_who_is_not_weixin_is_refused_in_our_shape(client, portal, clock):
    inlet = inlet_of(portal.settings)
    for other in (replace(inlet, token="x"), replace(inlet, app_id="wxother")):
        no(push(client, {}, inlet=other), 403, "wechat_signature")
    no(client.post("/wechat/push", data=b"{}"), 403, "wechat_signature")
    no(client.get("/wechat/push?echostr=1"), 403, "wechat_signature")
    query, body = envelope({"MsgType": "event"}, inlet, now=NOW)
    clock.forward(minutes=11)
    no(client.post("/wechat/push", query_string=query, data=body), 403, "wechat_signature")


def test_nothing_may_be_pushed_without_a_token_and_a_key(settings):
    real = replace(settings, wechat="https", wechat_app_id="wx1", wechat_app_secret="s")
    assert inlet_of(real) is None
    assert inlet_of(replace(real, wechat_push_token="t")) is None
    full = replace(real, wechat_push_token="t", wechat_push_key="k" * 43)
    assert inlet_of(full) == Inlet("t", "k" * 43, "wx1")


# the stand-in in the demonstration


def test_the_standin_is_mounted_in_a_demonstration_only(settings, portal, clock):
    from api import create_app

    def tap(changed):
        app = create_app(replace(portal, settings=changed), clock=clock)
        return app.test_client().post("/dev/wechat/__fake__/login", json={"user": "a"}).status_code

    assert tap(settings) == 200
    assert tap(replace(settings, wechat="off")) == 404
    assert tap(replace(settings, mode=Mode.PRODUCTION)) == 404
