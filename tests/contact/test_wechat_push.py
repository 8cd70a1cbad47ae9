"""What WeChat pushes: its own examples open, anything else is refused, a repeat changes nothing."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from api.standin_wechat.pushing import encrypted, envelope
from portal.contact.wechat_push import Inlet, decrypted, forget_old, is_first, signature
from portal.foundation.errors import Forbidden

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
INLET = Inlet("AAAAA", KEY, "wxba5fad812f8e6fb9")
EVENT = {"ToUserName": "gh_1", "FromUserName": "oX", "CreateTime": 1, "MsgType": "event"}
OFFICIAL = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2L"
    "dJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6u"
    "x5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJ"
    "pXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCz"
    "pu9GhglF2PE="
)
"""The ciphertext of WeChat's published example, whose content is XML."""


@pytest.mark.parametrize(
    ("parts", "digest"),
    [
        (("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        (("spamtest", "1409735669", "1320562132", OFFICIAL),
         "5d197aaffba7e9b25a30732f161a50dee96bd5fa"),
    ],
    ids=["GET", "POST", "加密"],
)  # fmt: skip
def test_weixins_own_examples_of_the_signature(parts, digest):
    assert signature(*parts) == digest


def test_weixins_own_example_of_the_encryption_opens():
    plain = decrypted(OFFICIAL, key=KEY, app_id="wx2c2769f8efd9abc2").decode()
    assert "<Content><![CDATA[abcdteT]]></Content>" in plain
    with pytest.raises(ValueError, match="another mini-program"):
        decrypted(OFFICIAL, key=KEY, app_id="wx0000000000000000")


def test_the_word_back_as_in_weixins_example():
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696", "echostr": "4375120948345356249",
        "timestamp": "1714036504", "nonce": "1514711492",
    }  # fmt: skip
    then = datetime.fromtimestamp(1714036504, UTC)
    assert INLET.greet(query, now=then) == "4375120948345356249"
    with pytest.raises(Forbidden):
        INLET.greet(query, now=then + timedelta(minutes=11))
    with pytest.raises(Forbidden):
        INLET.greet({**query, "nonce": "1"}, now=then)


def test_there_and_back(now):
    query, body = envelope(EVENT, INLET, now=now)
    assert INLET.open(query, body, now=now) == EVENT


@pytest.mark.parametrize("minutes", [-11, 11], ids=["早", "晚"])
def test_old_ones_are_refused(now, minutes):
    query, body = envelope(EVENT, INLET, now=now)
    with pytest.raises(Forbidden):
        INLET.open(query, body, now=now + timedelta(minutes=minutes))


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
@pytest.mark.parametrize("said", ["", "0", "１２３", "9" * 30], ids=["空", "零", "全角", "长"])
def test_nothing_of_the_query_may_differ(now, name, said):
    query, body = envelope(EVENT, INLET, now=now)
    with pytest.raises(Forbidden):
        INLET.open({**query, name: said}, body, now=now)


def body_of(sealed):
    return json.dumps({"Encrypt": sealed}).encode()


@pytest.mark.parametrize(
    "sealed",
    ["", "AAAA", "不是", base64.b64encode(bytes(64)).decode(), encrypted(b"[1]", INLET),
     encrypted(b"no json", INLET), encrypted(b"{}", Inlet("AAAAA", KEY, "wxother")), 7, None],
    ids=["空", "短", "汉字", "零", "列表", "不是JSON", "别人的", "数字", "无"],
)  # fmt: skip
def test_rightly_signed_rubbish_is_refused_too(now, sealed):
    stamp = str(int(now.timestamp()))
    signed = signature("AAAAA", stamp, "1", str(sealed))
    query = {"timestamp": stamp, "nonce": "1", "msg_signature": signed}
    with pytest.raises(Forbidden):
        INLET.open(query, body_of(sealed), now=now)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"<xml/>"])
def test_no_envelope_at_all(now, body):
    with pytest.raises(Forbidden):
        INLET.open({}, body, now=now)


def test_every_altered_byte_is_found(now):
    query, body = envelope(EVENT, INLET, now=now)
    sealed = json.loads(body)["Encrypt"]
    for at in range(0, len(sealed), 7):
        other = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(Forbidden):
            INLET.open(query, body_of(other), now=now)


def test_a_repeat_is_known_for_two_days(portal, now):
    def first(event, at=now):
        with portal.database.writing() as session:
            forget_old(session, now=at)
            return is_first(session, event, now=at)

    assert [first(EVENT), first(EVENT), first({**EVENT, "CreateTime": 2})] == [True, False, True]
    assert first(EVENT, now + timedelta(days=3))
