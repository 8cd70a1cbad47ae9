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
    trusted_proxies=1,
)
KEY = "A" * 43 + "="
S3 = {"blob_url": "s3://b", "s3_endpoint": "https://s3.cn", "s3_key": "k", "s3_secret": "s"}


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
        pytest.param({"public_url": "https://"}, "and a name", id="网址没有名字"),
        pytest.param({"trusted_proxies": 0}, "no limit would hold", id="人人像是本机"),
        pytest.param({"queue": "amqp://u:p@192.0.2.3/"}, "amqps://", id="队列没有加密"),
        pytest.param({"queue": "amqp://u:p@[fd00::1]/"}, "amqps://", id="队列没有加密六"),
        pytest.param({"queue": "amqps://guest:guest@h.cn/"}, "guest", id="队列的默认用户"),
        pytest.param(S3 | {"s3_endpoint": "http://s3.cn"}, "_S3_ENDPOINT", id="照片没有加密"),
    ],
)
def test_production_refuses(change, word):
    with pytest.raises(WrongSettings, match=word):
        replace(GOOD, **change).check()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sms_url": "http://127.0.0.1:9000/"}, id="本机的网关"),
        pytest.param({"queue": "amqps://u:p@mq.cn/v"}, id="队列"),
        pytest.param({"queue": "amqp://u:p@rabbitmq/"}, id="同一台机器的队列"),
        pytest.param(S3, id="照片在别处"),
        pytest.param(S3 | {"s3_endpoint": "http://seaweedfs:8333"}, id="照片在同一台机器"),
        pytest.param({"master_key": f"{KEY} {KEY}"}, id="正在换主密钥"),
        pytest.param({"bind": "127.0.0.1:8000,192.0.2.5:8000,[::1]:8000"}, id="几个地址"),
        pytest.param({"wechat": "https", "wechat_app_id": "a", "wechat_app_secret": "s"}, id="微信"),
        pytest.param({"check_platform": "https", "check_url": "https://h.cn", "check_key": "k"}, id="核对"),
        pytest.param({"queue": "amqps://u:p@h.cn/", "queue_signer": KEY, "queue_reader": KEY}, id="外面的窗口"),
    ],
)  # fmt: skip
def test_production_takes(change):
    replace(GOOD, **change).check()


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sms": "htps"}, "PORTAL_SMS=htps: standin or https"),
        ({"sms_url": "http://sms.cn"}, "PORTAL_SMS_URL must begin with https"),
        ({"sms_url": "https://"}, "PORTAL_SMS_URL must begin with https"),
        ({"back_office": "standin-office"}, "PORTAL_BACK_OFFICE"),
        ({"check_platform": "of"}, "PORTAL_CHECK_PLATFORM=of"),
        ({"check_platform": "https", "check_url": "http://h.cn", "check_key": "k"}, "_CHECK_URL"),
        ({"wechat": "on"}, "PORTAL_WECHAT=on: off or standin or https"),
        ({"wechat_push_key": "short"}, "PORTAL_WECHAT_PUSH_KEY"),
        ({"queue": "kafka"}, "PORTAL_QUEUE"),
        ({"queue": "amqps://u:p@h.cn/", "queue_signer": KEY}, "PORTAL_QUEUE_READER"),
        ({"queue": "amqps://u:p@h.cn/", "queue_signer": "x", "queue_reader": KEY}, "_SIGNER"),
        ({"queue_signer": KEY, "queue_reader": KEY}, "amqps://… only"),
        ({"master_key": "abc"}, "PORTAL_MASTER_KEY"),
        ({"master_key": "c2hvcnQ="}, "PORTAL_MASTER_KEY"),
        ({"master_key": " "}, "PORTAL_MASTER_KEY"),
        ({"database_url": "mysql://x"}, "DATABASE_URL"),
        ({"redis_url": "memcached://x"}, "REDIS_URL"),
        ({"blob_url": "/mnt/photos"}, "PORTAL_BLOBS"),
        (S3 | {"s3_secret": ""}, "PORTAL_S3_SECRET"),
        ({"bind": "8000"}, "PORTAL_BIND"),
        ({"bind": "0.0.0.0:80000"}, "PORTAL_BIND"),
        ({"processes": 0}, "PORTAL_PROCESSES"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)  # fmt: skip
def test_no_mode_starts_with_what_means_nothing(mode, change, word):
    with pytest.raises(WrongSettings, match=word):
        replace(GOOD, mode=mode, **change).check()


def test_every_fault_is_named_at_once():
    with pytest.raises(WrongSettings) as refused:
        Settings(data=Path("x"), mode=Mode.PRODUCTION, crash_at="S1").check()
    assert len(str(refused.value).splitlines()) == 6


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
