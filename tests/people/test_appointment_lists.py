"""Assistants appointed from a list: line by line, all or nothing, and by single commands."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal import assistant_commands, cli
from portal.foundation.clock import utc_now
from portal.foundation.settings import Mode
from portal.people import appointment_lists, appointments, second_factor, sign_in
from portal.people.appointment_tables import Appointment
from portal.people.identity import Phone
from portal.policy.spreadsheets import NotRead
from tests.people import assistants
from tests.policy.test_directory import as_csv, as_xlsx

pytestmark = pytest.mark.sqlite_first
HEAD = ["地区代码", "姓名", "手机", "组", "从", "到"]
GOOD = ["", "李协理", "13900000001", "3组、第四组", "2026-11-01", "2027年10月31日"]


@pytest.fixture
def village(portal):
    with portal.database.reading() as session:
        return assistants.villages(session)[0]


def read(portal, file):
    with portal.database.reading() as session:
        return appointment_lists.plan(session, file)


def bring_in(portal, file, now):
    with portal.database.writing() as session:
        made = appointment_lists.plan(session, file)
        appointment_lists.carry_out(session, made, actor="portal", now=now)
    return made


def test_read_written_and_read_again(portal, tmp_path, village, now):
    file = as_csv(tmp_path, [village, *GOOD[1:]], head=HEAD)
    assert len(bring_in(portal, file, now).added) == 1
    with portal.database.reading() as session:
        (one,) = session.scalars(select(Appointment)).all()
        assert one.groups == ["3组", "4组"]
        assert one.started_at.isoformat() == "2026-10-31T16:00:00+00:00"
        assert one.ends_at is not None
        assert one.ends_at.isoformat() == "2027-10-31T16:00:00+00:00", "the last day counts whole"
    again = read(portal, file)
    assert (again.added, again.changed, again.same) == ((), (), 1)
    moved = as_csv(tmp_path, [village, *GOOD[1:3], "", "", ""], head=HEAD)
    assert len(bring_in(portal, moved, now).changed) == 1


def test_as_spreadsheets_keep_numbers(portal, tmp_path, village):
    row = [float(village), "李协理", 13900000001.0, 3, None, None, "备注"]
    made = read(portal, as_xlsx(tmp_path, row, head=[*HEAD, "备注"]))
    assert not made.faults
    assert made.added[0].phone == Phone("13900000001")
    assert made.unused == ("备注",)


@pytest.mark.parametrize(
    ("change", "words"),
    [({0: "999999"}, "没有这个地区"), ({0: "430923121"}, "要写在村"), ({1: ""}, "请填姓名"),
     ({2: "0737-1234567"}, "手机"), ({2: ""}, "手机"), ({3: "组" * 21}, "太长"),
     ({4: "下个月"}, "日期写成"), ({5: "2026-13-01"}, "日期写成"), ({5: "2026-10-01"}, "在开始日期前面")],
)  # fmt: skip
def test_one_wrong_line_is_named_and_nothing_is_written(portal, tmp_path, village, change, words):
    right = [village, *GOOD[1:]]
    wrong = [change.get(n, cell) for n, cell in enumerate(right)]
    made = read(portal, as_csv(tmp_path, right[:2] + ["13900000002"], wrong, head=HEAD))
    (fault,) = made.faults
    assert fault.line == 3
    assert words in fault.words


def test_twice_the_same_and_none_at_all(portal, tmp_path, village):
    right = [village, *GOOD[1:]]
    made = read(portal, as_csv(tmp_path, right, right, head=HEAD))
    assert str(made.faults[0]) == "第3行：和第2行重复。"
    assert read(portal, as_csv(tmp_path, head=HEAD)).faults
    with pytest.raises(NotRead, match="姓名、手机"):
        read(portal, as_csv(tmp_path, right, head=["地区代码", "姓名"]))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_code_is_told_only_in_the_demonstration(portal, settings, now):
    with portal.database.writing() as session:
        account = sign_in.open_account(session, "13900000001", now=now)
        second_factor.begin(session, account, now=now)
        wanted = second_factor.present_code(session, account, now=utc_now())
    asked = ["--data", str(settings.data), "assistants", "code", "13900000001"]
    told = CliRunner().invoke(cli.main, asked)
    assert re.fullmatch(r"[0-9]{6}\n", told.output)
    assert len(wanted) == 6
    production = replace(settings, mode=Mode.PRODUCTION)
    refused = CliRunner().invoke(assistant_commands.code, ["13900000001"], obj=production)
    assert refused.exit_code == 1
    assert "只有演示时" in refused.output


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_commands(portal, settings, tmp_path, village):
    run = lambda *words: CliRunner().invoke(cli.main, ["--data", str(settings.data), *words])  # noqa: E731
    rows = [[village, "李协理", "13900000001"], [village, "王协理", "13900000002", "5组"]]
    file = as_csv(tmp_path, *rows, head=HEAD)
    dry = run("appoint-assistants", str(file), "--dry-run")
    assert (dry.exit_code, "试运行，没有写入：新增 2 人" in dry.output) == (0, True), dry.output
    assert run("assistants", "suspend", "13900000001").exit_code == 1
    done = run("appoint-assistants", str(file))
    assert "已任命：新增 2 人" in done.output
    bad = run("appoint-assistants", str(as_csv(tmp_path, ["1", "甲", "2"], head=HEAD)))
    assert (bad.exit_code, "第2行：没有这个地区" in bad.output) == (1, True)
    assert run("assistants", "suspend", "13900000001").output == "已停用。\n"
    assert run("assistants", "hand-over", "13900000002", "13900000001").exit_code == 1
    assert run("assistants", "resume", "13900000001").output == "已恢复。\n"
    assert run("assistants", "reset-factor", "13900000001").output == "动态码已重设。\n"
    handed = run("assistants", "hand-over", "13900000002", "13900000001")
    assert handed.output == "已交接，要问 0 户。\n", handed.output
    with portal.database.reading() as session:
        (gone,) = appointments.of_phone(session, Phone("13900000002"))
        assert gone.ends_at is not None
        (heir,) = appointments.of_phone(session, Phone("13900000001"))
        assert heir.groups == []
