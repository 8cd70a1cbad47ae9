"""`portal doctor` says what is wrong with a live installation, and nothing when nothing is."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from shutil import copytree

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from portal import inspection, waiting, worker
from portal.assembly import Portal, catalogue
from portal.casework import intake_events, limits
from portal.casework.clock import heartbeat
from portal.casework.publicity import publishing
from portal.cli import main
from portal.contact import messages, sending
from portal.foundation import backup
from portal.foundation.settings import Mode, Settings
from portal.handover import broker
from portal.policy import loader
from portal.serving import free_port
from tests.conftest import NOW, on_postgres, on_server
from tests.deploy.front import Front
from tests.handover import files
from tests.handover.files import COUNTY
from tests.rules.code import ROOT
from tests.servers import empty_broker, start_redis


@pytest.fixture
def well(portal: Portal, tmp_path) -> Portal:
    """A worker has run, a backup was made, the folder is closed to others."""
    portal.settings.data.chmod(0o700)
    worker.run_once(portal, now=NOW)
    backup.make(portal.settings, tmp_path / "one.backup", passphrase="x y z", now=NOW)
    return portal


def said(settings: Settings, **later: float) -> str:
    found = inspection.inspect(settings, now=NOW + timedelta(**later))
    return "\n".join(("✗" if f.grave else "！") + f.words for f in found)


def test_a_demonstrations_county_says_how_long_a_grant_is_made_public(well: Portal) -> None:
    well.settings.demonstration.write_text("[]")
    assert "公布" not in said(well.settings)
    rule = limits.rule(catalogue(well.settings).find("dibao"), f"430000/{COUNTY}", publishing.STEP)
    assert rule is not None
    assert "演示" in rule.title + rule.source.document
    real = catalogue(replace(well.settings, mode=Mode.PRODUCTION)).find("dibao")
    assert limits.rule(real, f"430000/{COUNTY}", publishing.STEP) is None


def test_how_a_place_says_how_long(tmp_path) -> None:
    """The line of the runbook, as it stands there, is one that is read."""
    runbook = (ROOT / "deploy" / "RUNBOOK.md").read_text()
    [line] = [one for one in runbook.splitlines() if "step: publication" in one]
    copytree(loader.FOLDER / "programs", tmp_path / "programs")
    copytree(loader.FOLDER / "places", tmp_path / "places")
    file = tmp_path / "programs" / "dibao" / "program.yaml"
    text = file.read_text().replace("\ndeadlines:\n", f"\ndeadlines:\n  {line.strip()}\n")
    text = text.replace(
        "\nsources:\n",
        "\nsources:\n  county: {document: 县里的规定, date: 2026-07-01, confidence: V}\n",
    )
    file.write_text(text)
    rule = limits.rule(loader.load(tmp_path).find("dibao"), f"430000/{COUNTY}", publishing.STEP)
    assert rule is not None
    assert rule.days == 7


def only_demo(words: str) -> bool:
    return words.splitlines() == [
        "！现在是演示模式（PORTAL_MODE=demo）。真用时设成 production。",
        "！没有设公布多少天。批准后只印在村公示栏，网上不公布。",
    ]  # fmt: skip


def test_nothing_is_wrong(well: Portal) -> None:
    before = sorted(well.settings.data.rglob("*"))
    assert only_demo(said(well.settings))
    assert sorted(well.settings.data.rglob("*")) == before


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mode": Mode.PRODUCTION}, "✗设置不对：PORTAL_SMS is a stand-in"),
        ({"mode": Mode.PRODUCTION}, "✗设置不对：PORTAL_URL must begin with https://"),
        ({"queue": "kafka"}, "✗设置不对：PORTAL_QUEUE"),
        ({"redis_url": "redis://127.0.0.1:1/0"}, "✗Redis 连不上"),
        ({"queue": "amqp://a:b@127.0.0.1:1/"}, "✗消息队列连不上"),
        ({"blob_url": "s3://papers"}, "✗照片存储用不了：PORTAL_BLOBS"),
        ({"master_key": "c2hvcnQ="}, "✗打不开：the master key must be 32 bytes"),
    ],
)
def test_settings(well: Portal, wrong: dict[str, object], words: str) -> None:
    assert words in said(replace(well.settings, **wrong))


def test_files_others_can_read(well: Portal) -> None:
    well.settings.data.chmod(0o755)
    (well.settings.data / "master.key").chmod(0o644)
    words = said(well.settings)
    assert "！别的用户能进" in words
    assert "✗别的用户能读主密钥" in words


def test_a_disk_that_is_full_or_slow(well: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 100, "free": 4})
    monkeypatch.setattr(inspection.shutil, "disk_usage", lambda _path: usage)
    assert "✗" in said(well.settings)
    assert "只剩 4%" in said(well.settings)
    usage.free = 14
    assert "！" + str(well.settings.data) in said(well.settings)


def test_a_folder_that_is_not_there(tmp_path) -> None:
    words = said(Settings(data=tmp_path / "nowhere"))
    assert "请先 portal init" in words
    assert "no master key" in words


def test_a_migration_that_is_missing(well: Portal) -> None:
    with well.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0010'"))
    assert "请运行 portal init" in said(well.settings)


def test_a_worker_that_stopped_and_files_that_wait(well: Portal) -> None:
    file_id = files.draft(well, files.LEAST)
    files.add_photo(well, file_id, files.jpeg())
    files.submit(well, file_id)
    words = said(well.settings, minutes=20)
    assert "✗后台停了 20 分钟" in words
    assert "！有 1 份材料没送到窗口，最早的等了 20 分钟。" in words
    assert "！有照片等了" in words
    assert "✗有 1 份材料没送到窗口" in said(well.settings, minutes=61)


def test_a_worker_that_never_ran_and_no_backup(portal: Portal) -> None:
    words = said(portal.settings)
    assert "从来没有运行过" in words
    assert "还没有做过备份" in words


def test_a_backup_that_is_old(well: Portal) -> None:
    assert "！上次备份是 2.0 天前" in said(well.settings, days=2)
    assert "✗上次备份是 8.0 天前" in said(well.settings, days=8)


def test_a_photo_that_is_gone(well: Portal) -> None:
    file_id = files.draft(well, files.LEAST)
    files.add_photo(well, file_id, files.jpeg())
    for name in list(well.blobs.names()):
        well.blobs.delete(name)
    assert "✗少了 1 个照片或材料文件" in said(well.settings)


def test_texts_that_do_not_go_out(well: Portal) -> None:
    def refuse(_message: messages.Message) -> None:
        raise sending.NotSent

    for template, valid in (("progress", None), ("code_sign_in", 5)):
        with well.database.writing() as session:
            messages.queue_text(
                session, key_id=None, phone="13812345678", template=template,
                values={"code": "123456"}, now=NOW,
                expires_at=NOW + timedelta(minutes=valid) if valid else None,
            )  # fmt: skip
    sending.send_due(well.database, refuse, now=NOW)
    assert only_demo(said(well.settings, minutes=4))
    sending.send_due(well.database, refuse, now=NOW + timedelta(minutes=12))
    assert "✗短信发不出去：半小时里作废 1 条，最早的等了 12 分钟。" in said(
        well.settings, minutes=12
    )


def test_events_that_wait_for_one_before_them(
    well: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_events, "oldest_parked", lambda _session: NOW)
    assert only_demo(said(well.settings, minutes=4))
    assert "！外来回传缺了一件，后面的等了 20 分钟。" in said(well.settings, minutes=20)


def test_one_worker_of_two_that_stopped_and_a_step_that_fails(well: Portal) -> None:
    heartbeat.beat(well.database, "two", ["texts"], now=NOW + timedelta(minutes=7))
    words = said(well.settings, minutes=8)
    assert "！几个后台里 worker 停了 8 分钟。" in words
    assert "✗后台有几步一再出错：texts。" in words
    assert "请启动 portal worker" not in words


def test_a_master_key_being_changed_in_the_settings(well: Portal) -> None:
    old = (well.settings.data / "master.key").read_text().strip()
    new = base64.b64encode(b"n" * 32).decode()
    words = said(replace(well.settings, master_key=f"{new} {old}"))
    assert "！主密钥没有换完" in words


@pytest.mark.nginx
def test_a_certificate_that_runs_out(well: Portal, tmp_path) -> None:
    """The one of the tests is good for a day."""
    folder = tmp_path / "front"
    folder.mkdir()
    front = Front(folder, free_port())
    front.start()
    try:
        shown = replace(well.settings, public_url=f"https://127.0.0.1:{front.https}")
        ends = waiting._ends("127.0.0.1", front.https)
        soon = inspection.inspect(shown, now=ends - timedelta(days=20, hours=1))
        very = inspection.inspect(shown, now=ends - timedelta(hours=20))
    finally:
        front.stop()
    assert [f.grave for f in soon if "还有 20 天到期" in f.words] == [False]
    assert [f.grave for f in very if "还有 0 天到期" in f.words] == [True]
    assert "的证书（ConnectionRefusedError）" in said(shown)


@pytest.mark.redis
def test_a_redis_that_works_is_no_finding(well: Portal, tmp_path) -> None:
    server = start_redis(tmp_path)
    try:
        assert only_demo(said(replace(well.settings, redis_url=server.url)))
    finally:
        server.stop()


@pytest.mark.s3
def test_a_bucket_that_works_is_no_finding(well: Portal, in_bucket: Settings) -> None:
    assert only_demo(said(in_bucket))
    assert "照片存储用不了" in said(replace(in_bucket, s3_secret="wrong"))


@pytest.mark.rabbitmq
def test_queues_that_are_missing_or_hold_what_nobody_reads(well: Portal, broker_url: str) -> None:
    through = replace(well.settings, queue=broker_url)
    assert only_demo(said(through))
    asked = broker.Broker(broker_url)
    asked.publish(broker.DOSSIERS, "k", b"nonsense")
    taken = asked.take(broker.DOSSIERS)
    assert taken is not None
    asked.set_aside(taken)
    asked.close()
    assert "portal.dossiers.set-aside 里有 1 条读不懂的消息" in said(through)
    empty_broker(broker_url)
    assert "provision-queue" in said(through)


@pytest.fixture
def weak_postgres(settings: Settings) -> Iterator[None]:
    name = settings.database_url.rsplit("/", 1)[1]
    on_server(f"ALTER DATABASE {name} SET synchronous_commit = off")
    yield
    on_server(f"ALTER DATABASE {name} RESET synchronous_commit")


@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_a_database_that_may_forget(well: Portal, weak_postgres: None) -> None:
    words = said(well.settings)
    assert "✗数据库设置会丢数据" in words
    assert "synchronous_commit=off" in words


@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_clocks_that_differ(well: Portal) -> None:
    """The tests' own moment lies elsewhere than the server's clock."""
    assert "的钟差" in said(well.settings, days=30)


@pytest.mark.postgres
def test_a_database_that_is_not_there(tmp_path, template) -> None:
    gone = on_postgres(Settings(data=template), "never_made")
    assert "✗数据库查不了（OperationalError）" in said(gone)


def test_the_command_says_it_and_its_exit_code_too(template) -> None:
    done = CliRunner().invoke(main, ["--data", str(template), "doctor"])
    assert done.exit_code == 1
    assert "✗ 后台（portal worker）从来没有运行过。" in done.output
    assert "处要马上处理。" in done.output
