"""`portal …` as an administrator types it."""

import re
import shutil

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from portal import demonstration, worker
from portal.assembly import open_portal
from portal.cli import main
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.handover.tables import IntakeDossier
from portal.people import staff
from portal.people.tables import Staff
from portal.policy.tables import Region


@pytest.fixture
def run(settings):
    """Run a command on the test's folder; its output."""

    def command(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--data", str(settings.data), *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    return command


@pytest.fixture(scope="module")
def demonstration_folder(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demonstration") / "data"
    shutil.copytree(template, folder)
    done = CliRunner().invoke(main, ["--data", str(folder), "init", "--demonstration"])
    assert done.exit_code == 0, (done.output, done.exception)
    return folder


@pytest.fixture
def demonstrated(settings, demonstration_folder):
    """The test's folder is that of a demonstration."""
    shutil.copytree(demonstration_folder, settings.data, dirs_exist_ok=True)


@pytest.fixture
def ask(settings):
    def scalar(statement: object) -> object:
        portal = open_portal(settings)
        with portal.database.reading() as session:
            found = session.scalar(statement)
        portal.database.engine.dispose()
        return found

    return scalar


def test_init_on_nothing_makes_everything_once(tmp_path):
    folder = str(tmp_path / "new")
    first = CliRunner().invoke(main, ["--data", folder, "init"])
    assert first.exit_code == 0, first.output
    assert "用户名：admin" in first.output
    again = CliRunner().invoke(main, ["--data", folder, "init"])
    assert again.exit_code == 0
    assert again.output == ""


def test_grants_are_made_up_only_when_there_are_any(run):
    for words in (("make-up-grants", "--dry-run"), ("make-up-grants",)):
        assert "看了0件有效的救助。" in run(*words)


def test_init_brings_places_down_to_the_village(run, ask):
    run("init")
    assert ask(select(func.count()).where(Region.level == "village")) > 40_000


def test_the_demonstration_has_staff_and_a_file_for_every_example(run, ask, settings, demonstrated):
    run("init", "--demonstration")
    portal = open_portal(settings)
    programs = portal.catalogue.programs.values()
    cases = sum(len(program.cases) for program in programs if program.has_form)
    assert ask(select(func.count()).select_from(Application)) == cases
    handed_in = ask(select(func.count()).where(Application.submission_no > 0))
    assert 0 < handed_in < cases
    for _ in range(20):
        worker.run_once(portal, now=utc_now())
    assert ask(select(func.count()).select_from(IntakeDossier)) == handed_in
    portal.database.engine.dispose()


def test_a_demonstration_clerk_signs_in_with_what_was_printed(run, settings, demonstrated):
    printed = "\n".join(demonstration.welcome(settings, now=utc_now()))
    password = re.search(r"dongping  密码 (\w+)", printed)[1]
    code = run("staff", "code", "dongping").strip()
    portal = open_portal(settings)
    with portal.database.writing() as session:
        assert (
            staff.prove(session, "dongping", password, code, now=utc_now()).username == "dongping"
        )
    portal.database.engine.dispose()


def test_the_passwords_are_for_the_owner_of_the_folder_only(run, settings, demonstrated):
    assert (settings.data / "demonstration.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "words", [("seed",), ("staff", "code", "dongping"), ("standin-office", "--once")], ids=" ".join
)
def test_production_knows_no_demonstration(run, monkeypatch, words):
    for name, value in {
        "PORTAL_MODE": "production", "PORTAL_URL": "https://x.cn", "PORTAL_SMS": "https",
        "PORTAL_SMS_URL": "https://sms.cn", "PORTAL_SMS_KEY": "k", "PORTAL_BACK_OFFICE": "none",
        "PORTAL_CHECK_PLATFORM": "off", "PORTAL_TRUSTED_PROXIES": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert "demonstration" in run(*words, code=1)


def test_production_with_a_standin_does_not_start(run, monkeypatch):
    monkeypatch.setenv("PORTAL_MODE", "production")
    assert "PORTAL_SMS is a stand-in" in run("init", code=1)


def test_staff_come_and_go(run, ask):
    made = run("staff", "add", "li", "--name", "李办事员", "--role", "township_clerk",
               "--division", "430923121")  # fmt: skip
    assert re.search(r"密码：\w{16}", made)
    assert "otpauth://totp/" in made
    assert run("staff", "add", "li", "--name", "x", "--role", "administrator", code=1)
    run("staff", "disable", "li")
    assert ask(select(Staff.active).where(Staff.username == "li")) is False
    assert made not in run("staff", "reset", "li")
    assert ask(select(Staff.active).where(Staff.username == "li")) is True


def test_staff_with_further_roles_and_a_phone(run, ask):
    run("staff", "add", "li", "--name", "李", "--role", "township_clerk", "--division", "430923121",
        "--also", "township_investigator", "--also", "township_reviewer",
        "--phone", "13812345678")  # fmt: skip
    assert ask(select(Staff.also)) == "township_investigator,township_reviewer"
    run("staff", "change", "li", "--alone", "--phone", "")
    assert ask(select(Staff.also)) == ""
    assert ask(select(Staff.phone_sealed)) is None
    assert "不能由一个人兼" in run("staff", "change", "li", "--also", "auditor", code=1)


def test_faults_are_told_in_a_line(run, tmp_path):
    assert run("staff", "disable", "nobody", code=1) == "Error: 没有这个用户名。\n"
    missing = CliRunner().invoke(main, ["--data", str(tmp_path / "none"), "worker"])
    assert missing.exit_code == 1
    assert "portal init" in missing.output


def test_verify_audit_says_it_and_exits_so(run, settings, demonstrated):
    assert f"完好：{settings.data / 'portal.sqlite'}" in run("verify-audit")
    portal = open_portal(settings)
    with portal.database.writing() as session:
        session.execute(text("UPDATE audit_entries SET actor='nobody' WHERE seq=1"))
    portal.database.engine.dispose()
    assert "被改动过" in run("verify-audit", code=1)


def test_no_folder_is_verified_by_looking_into_another_database(run, settings, monkeypatch):
    """A drill that says „fine" of the live record would be worse than none."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://portal:hush@db.cn/live")
    told = run("verify-audit", code=1)
    assert "portal.sqlite，DATABASE_URL 却是 db.cn:5432/live" in told
    assert "hush" not in told
    monkeypatch.setenv("PORTAL_MASTER_KEY", "A" * 43 + "=")
    trial = settings.data / "trial"
    for made in (False, True):
        if made:
            trial.mkdir()
        missing = CliRunner().invoke(main, ["--data", str(trial), "verify-audit"])
        assert missing.exit_code == 1
        assert "不在，或者是空的" in missing.output
        assert trial.exists() == made


def test_backup_and_restore(run, settings, tmp_path, demonstrated):
    words = tmp_path / "words"
    words.write_text("红薯 稻谷\n")
    file, target = str(tmp_path / "b"), tmp_path / "restored"
    assert "已备份" in run("backup", file, "--passphrase-file", str(words))
    assert "审计记录完好" in run("restore", file, str(target), "--passphrase-file", str(words))
    assert (target / "demonstration.json").exists()
    assert "不是空文件夹" in run(
        "restore", file, str(target), "--passphrase-file", str(words), code=1
    )


def test_check_policy_reads_every_program(run):
    assert {"dibao", "linshi"} <= set(run("check-policy").split())


def test_import_regions_twice_is_as_good_as_once(run, ask):
    count = select(func.count()).select_from(Region)
    before = ask(count)
    run("import-regions")
    assert ask(count) == before
