"""The line to WeChat: codes once, one token for all, faults with a way on, nothing said twice."""

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.contact import wechat_codes
from portal.contact.templates import CODES, OFFICE, TEMPLATES
from portal.contact.wechat import open_wechat, refusal
from portal.contact.wechat_line import PAUSE, SILENCES, NoAnswer, WechatFault
from portal.contact.wechat_tables import WechatToken
from portal.contact.wechat_templates import MOST_CHARACTERS, WORDS, read_template, values
from portal.foundation.errors import Busy, Forbidden, Invalid, TooOften
from portal.foundation.settings import WECHAT_HOME, Mode, WrongSettings
from tests.rules.code import ROOT, files

SEND, CHECK = "/cgi-bin/message/subscribe/send", "/wxa/msg_sec_check"
SESSION, TOKEN, CODE = "/sns/jscode2session", "/cgi-bin/stable_token", "/wxa/getwxacodeunlimit"


@pytest.fixture
def settings(settings, weixin):
    return replace(settings, wechat="standin", wechat_url=weixin.url)


@pytest.fixture
def line(portal, weixin, clock):
    """A line whose clock is the stand-in's and the test's."""
    weixin.state.clock = clock
    found = open_wechat(portal.settings, portal.database, clock=clock)
    return replace(found, line=replace(found.line, timeout=0.4))


def errcode(call, *args):
    with pytest.raises(WechatFault) as refused:
        call(*args)
    return refused.value.errcode


def test_a_code_is_good_once_and_for_five_minutes(line, weixin, clock):
    code = weixin.state.tap("alice")
    openid = line.openid(code)
    assert openid == weixin.state.openid("alice")
    assert errcode(line.openid, code) == 40163
    late = weixin.state.tap("alice")
    clock.forward(minutes=5, seconds=1)
    assert errcode(line.openid, late) == 40029
    assert errcode(line.openid, "somebody else's") == 40029


def test_the_phone_button_too(line, weixin):
    code = weixin.state.show_phone("13812345678")
    assert line.phone(code) == "13812345678"
    assert errcode(line.phone, code) == 40029


def test_one_token_for_all_processes_and_it_is_sealed(line, portal, weixin, clock):
    other = open_wechat(portal.settings, portal.database, clock=clock)
    token = line.tokens.current()
    assert other.tokens.current() == token
    assert weixin.state.calls.count(TOKEN) == 1
    with portal.database.reading() as session:
        assert token.encode() not in session.get_one(WechatToken, line.tokens.app_id).sealed


def test_it_is_renewed_early_and_by_one(line, weixin, clock):
    first = line.tokens.current()
    clock.forward(hours=1, minutes=56)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(line.tokens.current())) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert weixin.state.calls.count(TOKEN) == 2
    assert line.tokens.current() != first
    assert set(found) <= {first, line.tokens.current()}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_that_is_over_is_renewed_once(line, weixin, errcode):
    weixin.fails(CHECK, errcode=errcode)
    assert line.may_show(weixin.state.openid("alice"), "您好")
    assert weixin.state.calls.count(CHECK) == 2


def test_a_token_called_back_by_somebody_is_replaced(line, weixin, clock):
    old = line.tokens.current()
    weixin.state.tokens.clear()
    assert line.may_show(weixin.state.openid("alice"), "您好")
    assert line.tokens.current() != old


def test_refused_for_good_it_ends(line, weixin):
    weixin.fails(CHECK, errcode=42001, times=9)
    assert errcode(line.may_show, weixin.state.openid("alice"), "您好") == 42001
    assert weixin.state.calls.count(CHECK) == 2


@pytest.mark.parametrize(
    "how", [{"status": 502}, {"silence": 0.6}, {"errcode": -1}], ids=["502", "不出声", "忙"]
)
def test_only_what_may_be_repeated_is(line, weixin, how):
    weixin.fails(CHECK, **how)
    assert line.may_show(weixin.state.openid("alice"), "您好")
    weixin.fails(SESSION, **how)
    assert errcode(line.openid, weixin.state.tap("alice")) == -1
    assert weixin.state.calls.count(SESSION) == 1


def test_a_message_is_never_said_twice_by_itself(line, weixin):
    openid, template = weixin.state.openid("alice"), line.templates["submitted"]
    weixin.state.accept("alice", template.id, 2)
    weixin.fails(SEND, silence=0.6)
    said = {"what": "您的申请已受理", "todo": "点开看", "when": "2026年11月22日 09:00"}
    with pytest.raises(NoAnswer):
        line.send(openid, template, said, "pages/messages/messages")
    assert weixin.state.calls.count(SEND) == 1


def test_after_five_silences_the_line_rests(line, weixin, clock):
    weixin.fails(SESSION, status=502, times=99)
    for _ in range(SILENCES + 2):
        assert errcode(line.openid, "x") == -1
    assert weixin.state.calls.count(SESSION) == SILENCES
    weixin.state.faults.clear()
    clock.forward(seconds=PAUSE.total_seconds() + 1)
    assert line.openid(weixin.state.tap("alice"))


def test_nobody_there(portal):
    nowhere = replace(portal.settings, wechat_url="http://127.0.0.1:9")
    with pytest.raises(NoAnswer):
        open_wechat(nowhere, portal.database).openid("x")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(40029, Invalid), (40163, Invalid), (40226, Forbidden), (45009, TooOften), (45011, TooOften),
     (-1, Busy), (40013, Busy), (40125, Busy)],
)  # fmt: skip
def test_every_no_is_a_sentence_and_a_way_on(code, kind):
    said = refusal(WechatFault(code))
    assert type(said) is kind
    assert re.fullmatch(r"[\u4e00-\u9fff，。]+", said.message)
    assert re.search("再点一次|手机号", said.message)


def test_what_weixin_says_stands_in_no_error_text():
    fault = WechatFault(40125, "invalid appsecret, rid: 1-2-3")
    assert "rid" not in refusal(fault).message


def test_a_message_carries_fixed_words_and_a_time_only(clock):
    for words in WORDS.values():
        said = values(words, now=clock())
        assert max(len(said["what"]), len(said["todo"])) <= MOST_CHARACTERS
        assert said["when"] == "2026年11月22日 09:00"
        assert not re.search(r"低保|特困|临时|确认|批准|元", said["what"] + said["todo"])


def test_codes_and_what_is_for_offices_never_go_by_weixin():
    assert WORDS.keys() & (CODES | OFFICE) == set()
    assert WORDS.keys() <= TEMPLATES.keys()


def test_a_template_may_call_its_places_otherwise():
    assert read_template("abc").keys["what"] == "thing1"
    assert read_template("abc/thing4/thing7/time2").keys["when"] == "time2"
    with pytest.raises(WrongSettings):
        read_template("abc/thing4")


def test_a_code_for_print_is_made_once(line, portal, weixin, clock):
    told = wechat_codes.scene("433127103001", "dibao")
    first = wechat_codes.picture(line, portal.database, told, now=clock())
    assert first.startswith(b"\x89PNG")
    assert wechat_codes.picture(line, portal.database, told, now=clock()) == first
    assert weixin.state.calls.count(CODE) == 1
    body = weixin.state.shown[-1]["body"]
    assert (body["scene"], body["page"]) == ("r=433127103001&p=dibao", wechat_codes.HOME)


def test_without_weixin_paper_has_no_such_code(line, portal, weixin, clock):
    assert wechat_codes.picture(None, portal.database, "r=", now=clock()) is None
    weixin.fails(CODE, status=502, times=9)
    assert wechat_codes.picture(line, portal.database, "r=", now=clock()) is None


def test_a_link_is_renewed_before_it_ends(line, portal, clock):
    first = wechat_codes.link(line, portal.database, "r=4331", now=clock())
    assert wechat_codes.link(line, portal.database, "r=4331", now=clock()) == first
    later = clock() + timedelta(days=26)
    assert wechat_codes.link(line, portal.database, "r=4331", now=later) != first


@pytest.mark.parametrize("scene", [("4331; x", ""), ("4331", "x" * 30)], ids=["字符", "长度"])
def test_a_scene_that_weixin_would_refuse_is_refused_here(scene):
    with pytest.raises(ValueError, match="no scene"):
        wechat_codes.scene(*scene)


def test_words_for_others(line, weixin):
    openid = weixin.state.openid("alice")
    assert line.may_show(openid, "我们村的低保名单")
    assert not line.may_show(openid, "这是违规内容")
    assert json.loads(json.dumps(weixin.state.shown[0]["body"]))["content"] == "我们村的低保名单"


def test_no_picture_ever_goes_to_weixin():
    """Identity papers are nobody else's: the portal does not know the calls that take pictures."""
    paths = [p for p in files("portal", "api") if "standin_wechat" not in str(p)]
    calls = re.compile(r"media_check|img_sec_check|imgSecCheck|upload_?media", re.I)
    assert {str(p.relative_to(ROOT)) for p in paths if calls.search(Path(p).read_text())} == set()


def test_production_knows_one_address_only(settings):
    real = replace(settings, mode=Mode.PRODUCTION, wechat="https", wechat_url="")
    for url in ("http://127.0.0.1:1", "https://api.weixin.qq.com.example.cn", f"{WECHAT_HOME}/x"):
        with pytest.raises(WrongSettings, match="PORTAL_WECHAT_URL"):
            replace(real, wechat_url=url).check()
        with pytest.raises(WrongSettings, match="PORTAL_WECHAT_URL"):
            open_wechat(replace(real, wechat_url=url), None)
    assert open_wechat(real, None).line.base == WECHAT_HOME
    with pytest.raises(WrongSettings, match="off, standin or https"):
        open_wechat(replace(settings, wechat="on"), None)
