"""Settings: read once, refused when they contradict the mode."""

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
        pytest.param({"crash_at": "S1"}, "PORTAL_CRASH_AT", id="测试用的崩溃点"),
        pytest.param({"public_url": "http://jiuzhu.example.cn"}, "https://", id="没有加密"),
        pytest.param({"sms_url": ""}, "PORTAL_SMS_URL", id="短信没有地址"),
        pytest.param({"sms_key": ""}, "PORTAL_SMS_KEY", id="短信没有密钥"),
    ],
)
def test_production_refuses(change, word):
    with pytest.raises(WrongSettings, match=word):
        replace(GOOD, **change).check()


def test_every_fault_is_named_at_once():
    with pytest.raises(WrongSettings) as refused:
        Settings(data=Path("x"), mode=Mode.PRODUCTION, crash_at="S1").check()
    assert len(str(refused.value).splitlines()) == 4


@pytest.mark.parametrize(
    "environ", [{"PORTAL_MODE": "prod"}, {"PORTAL_TRUSTED_PROXIES": "many"}], ids=["mode", "number"]
)
def test_what_cannot_be_understood_is_refused(environ):
    with pytest.raises(WrongSettings, match=next(iter(environ))):
        from_environment(environ)


@pytest.mark.parametrize("plain", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_postgres_goes_through_psycopg_3(plain):
    assert from_environment({"DATABASE_URL": plain}).url == "postgresql+psycopg://u:p@h/d"


def test_a_child_process_gets_the_same_settings():
    settings = replace(
        from_environment({}), data=Path("/srv/x"), public_url="http://127.0.0.1:8123"
    )
    assert from_environment(to_environment(settings, {})) == settings
