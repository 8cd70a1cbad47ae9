"""Settings: read once, refused when they contradict the mode."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from portal.foundation.settings import (
    Mode,
    Settings,
    WrongSettings,
    from_environment,
    to_environment,
)

GOOD = Settings(
    data=Path("/srv/portal"),
    mode=Mode.PRODUCTION,
    public_url="https://jiuzhu.example.cn",
    sms="https",
    sms_url="https://sms.example.cn/send",
    sms_key="k",
    back_office="none",
    check_platform="off",
)


def test_an_empty_environment_is_a_demonstration_on_sqlite():
    settings = from_environment({})
    settings.check()
    assert settings.mode is Mode.DEMO
    assert settings.url.startswith("sqlite:///")
    assert not settings.secure


def test_good_production_settings_pass():
    GOOD.check()
    assert GOOD.secure


@pytest.mark.parametrize(
    ("change", "word"),
    [
        pytest.param({"sms": "standin", "sms_url": "", "sms_key": ""}, "PORTAL_SMS", id="短信替身"),
        pytest.param({"back_office": "standin"}, "PORTAL_BACK_OFFICE", id="后台替身"),
        pytest.param({"check_platform": "standin"}, "PORTAL_CHECK_PLATFORM", id="核对替身"),
        pytest.param({"check_platform": "https"}, "PORTAL_CHECK_URL", id="核对没有地址"),
        pytest.param({"crash_at": "S1"}, "PORTAL_CRASH_AT", id="测试用的崩溃点"),
        pytest.param({"public_url": "http://jiuzhu.example.cn"}, "https://", id="没有加密"),
        pytest.param({"sms_url": ""}, "PORTAL_SMS_URL", id="短信没有地址"),
        pytest.param({"wechat": "standin"}, "PORTAL_WECHAT is a stand-in", id="微信替身"),
        pytest.param({"wechat": "https"}, "_APP_SECRET", id="微信没有密钥"),
        pytest.param({"wechat_url": "https://wx.example.cn"}, "PORTAL_WECHAT_URL", id="别处的微信"),
        pytest.param({"sms_key": ""}, "PORTAL_SMS_KEY", id="短信没有密钥"),
    ],
)
def test_production_refuses(change, word):
    with pytest.raises(WrongSettings, match=word):
        replace(GOOD, **change).check()


def test_every_fault_is_named_at_once():
    with pytest.raises(WrongSettings) as refused:
        Settings(data=Path("x"), mode=Mode.PRODUCTION, crash_at="S1").check()
    assert len(str(refused.value).splitlines()) == 5


@pytest.mark.parametrize(
    "environ", [{"PORTAL_MODE": "prod"}, {"PORTAL_TRUSTED_PROXIES": "many"}], ids=["mode", "number"]
)
def test_what_cannot_be_understood_is_refused(environ):
    with pytest.raises(WrongSettings, match=next(iter(environ))):
        from_environment(environ)


@pytest.mark.parametrize("plain", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_postgres_goes_through_psycopg_3(plain):
    assert from_environment({"DATABASE_URL": plain}).url == "postgresql+psycopg://u:p@h/d"


def test_a_demonstration_plays_wechat_and_production_does_not_unless_told():
    assert from_environment({}).wechat == "standin"
    assert from_environment({"PORTAL_MODE": "production"}).wechat == "off"
    assert from_environment({"PORTAL_WECHAT": "off"}).wechat == "off"


def test_a_child_process_gets_the_same_settings():
    settings = replace(
        from_environment({}), data=Path("/srv/x"), public_url="http://127.0.0.1:8123"
    )
    assert from_environment(to_environment(settings, {})) == settings


def test_what_a_small_office_does_not_have_is_not_loaded():
    code = (
        "import sys, portal.cli, portal.worker, api; "
        "print([m for m in ('redis', 'pika', 'obstore') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
