"""Access tokens: forged, misused and outlived ones are refused, every one."""

import base64
import hmac
import json
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest

from api import tokens
from portal.foundation import vault
from portal.foundation.errors import SignInNeeded
from portal.people import sign_in
from portal.people.access import Role


@pytest.fixture
def session(portal):
    with portal.database.writing() as session:
        yield session


@pytest.fixture
def account(session, now):
    return sign_in.open_account(session, "13812345678", now=now)


@pytest.fixture
def forge(session, account, now):
    """A token as ours but for what is given; None leaves a claim or header out."""

    def run(*, key=None, alg="HS256", headers=None, **claims):
        own = vault.own_key(session, "tokens")
        begins = int(now.timestamp())
        body = {
            "iss": tokens.ISSUER, "aud": "resident", "sub": str(account.id), "iat": begins,
            "nbf": begins, "exp": begins + 600, "jti": str(uuid4()), "sv": 1,
        } | claims  # fmt: skip
        head = {"typ": "at+jwt", "kid": tokens._kid(own)} | (headers or {})
        return signed(head, body, own if key is None else key, alg)

    return run


def signed(head, body, key, alg):
    """By hand: the library refuses to make most of what is tried here."""
    head = {name: value for name, value in ({"alg": alg} | head).items() if value is not None}
    body = {name: value for name, value in body.items() if value is not None}
    text = f"{packed(head)}.{packed(body)}"
    digest = hmac.digest(key, text.encode(), f"sha{alg[2:]}")
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_our_own_token_speaks_for_the_account(session, account, now):
    actor = tokens.verify(session, tokens.issue(session, account, now=now), now=now)
    assert (actor.role, actor.id, actor.proved) == (Role.APPLICANT, account.id, True)


def test_the_forgery_tool_itself_makes_good_tokens(session, forge, account, now):
    assert tokens.verify(session, forge(), now=now).id == account.id


def test_nothing_personal_is_inside(session, account, now):
    text = tokens.issue(session, account, now=now)
    body = jwt.decode(text, options={"verify_signature": False})
    assert set(body) == {"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sv"}


ATTACKS = {
    "无过期时间": {"exp": None},
    "无签发时间": {"iat": None},
    "无生效时间": {"nbf": None},
    "无受众": {"aud": None},
    "无签发者": {"iss": None},
    "无主体": {"sub": None},
    "无编号": {"jti": None},
    "无会话版本": {"sv": None},
    "别的签发者": {"iss": "elsewhere"},
    "别的受众": {"aud": "intake"},
    "受众列表": {"aud": ["resident", "desk"]},
    "居民冒充工作台": {"aud": "desk"},
    "主体不是编号": {"sub": "admin"},
    "主体是别人": {"sub": str(uuid4())},
    "版本太新": {"sv": 2},
    "版本是零": {"sv": 0},
    "版本是文字": {"sv": "1"},
    "版本是真值": {"sv": True},
    "版本是小数": {"sv": 1.0},
    "编号是数字": {"jti": 7},
    "类型是刷新": {"headers": {"typ": "rt+jwt"}},
    "类型是普通": {"headers": {"typ": "JWT"}},
    "没有类型": {"headers": {"typ": None}},
    "别的密钥号": {"headers": {"kid": "other"}},
    "没有密钥号": {"headers": {"kid": None}},
    "密钥号是路径": {"headers": {"kid": "../../dev/null"}},
    "自带密钥": {"headers": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    "密钥网址": {"headers": {"jku": "https://evil.example/jwks"}},
    "证书网址": {"headers": {"x5u": "https://evil.example/x5u"}},
    "关键扩展": {"headers": {"crit": ["exp"]}},
    "别的密钥": {"key": b"k" * 32},
    "空密钥": {"key": b""},
    "公钥当密钥": {"key": b"k" * 64},
    "更长的算法": {"alg": "HS512"},
    "三百八十四": {"alg": "HS384"},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_forged(session, forge, now, attack):
    with pytest.raises(SignInNeeded) as refused:
        tokens.verify(session, forge(**ATTACKS[attack]), now=now)
    assert refused.value.code == "token_invalid"


@pytest.mark.parametrize(
    ("iat", "nbf", "exp"),
    [
        pytest.param(-601, -601, -1, id="过期"),
        pytest.param(-600, -600, 0, id="刚过期"),
        pytest.param(0, 0, 601, id="太长"),
        pytest.param(0, 0, 315_360_000, id="十年"),
        pytest.param(60, 60, 600, id="将来签发"),
        pytest.param(0, 60, 600, id="将来生效"),
        pytest.param(10, 0, 10, id="零秒"),
        pytest.param(0.5, 0, 600, id="小数"),
    ],
)
def test_out_of_time(session, forge, now, iat, nbf, exp):
    zero = int(now.timestamp())
    with pytest.raises(SignInNeeded):
        tokens.verify(session, forge(iat=zero + iat, nbf=zero + nbf, exp=zero + exp), now=now)


def test_good_until_ten_minutes_have_gone(session, account, now):
    text = tokens.issue(session, account, now=now)
    tokens.verify(session, text, now=now + timedelta(seconds=599))
    with pytest.raises(SignInNeeded):
        tokens.verify(session, text, now=now + timedelta(seconds=600))


def test_without_a_signature(session, forge, now):
    head, body, signature = forge().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    none = packed({"alg": "none", "typ": "at+jwt"})
    mixed = packed({"alg": "nOnE", "typ": "at+jwt"})
    swapped = packed(claims | {"sv": 9})
    broken = [
        f"{none}.{body}.", f"{none}.{body}.{signature}", f"{mixed}.{body}.", f"{head}.{body}.",
        f"{head}.{body}", f"{head}.{swapped}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.{signature}.{signature}", "", ".", "..", "a.b.c", "中.文.字", "x" * 5000,
        f"{packed([])}.{body}.{signature}", f"{head}.{packed('x')}.{signature}",
    ]  # fmt: skip
    for text in broken:
        with pytest.raises(SignInNeeded):
            tokens.verify(session, text, now=now)


def test_signing_out_ends_access_tokens_at_once(session, account, now):
    text = tokens.issue(session, account, now=now)
    refresh = sign_in.issue(session, account=account, now=now)
    sign_in.end(session, refresh, now=now)
    with pytest.raises(SignInNeeded):
        tokens.verify(session, text, now=now)
