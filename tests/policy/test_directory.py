"""Whom to call in a place, and how offices bring their lists in."""

import contextlib
import csv
import io
import time
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal import cli
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import NotFound
from portal.policy import directory, regions, roster
from portal.policy.tables import Region, Window

PATH = "430000/430900/430923/430923121"
HEAD = ["地区代码", "类别", "名称", "电话", "时间", "地址", "来源"]
WINDOW = ["430923121", "窗口", "东坪镇窗口", "0737-0000001", "周一到周五", "镇政府一楼", "演示"]
COUNTY = ["430923", "热线", "安化县热线", "0737-0000003", "", "", "演示"]
HELPER = ["430923121001", "协理员", "演示协理员", "010-00000000", "白天", "", "演示"]


def as_csv(folder: Path, *rows: list[str], encoding: str = "utf-8", head: list[str] = HEAD) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    file = folder / "list.csv"
    file.write_bytes(text.getvalue().encode(encoding))
    return file


def as_xlsx(folder: Path, *rows: list[object], head: list[str] = HEAD) -> Path:
    book = openpyxl.Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def bring_in(portal, file: Path, now) -> roster.Plan:
    with portal.database.writing() as session:
        made = roster.plan(session, file)
        if not made.faults:
            roster.carry_out(session, made, actor="portal", now=now)
    return made


@pytest.fixture
def village(portal):
    """A village of 东坪镇."""
    with portal.database.reading() as session:
        return session.scalars(
            select(Region.code).where(Region.parent_code == "430923121").order_by(Region.code)
        ).first()


def test_the_nearest_answers(portal, tmp_path, now, village):
    helper = [village, *HELPER[1:]]
    bring_in(portal, as_csv(tmp_path, WINDOW, COUNTY, helper), now)
    with portal.database.reading() as session:
        found = lambda path: directory.for_place(session, path)  # noqa: E731
        assert found(f"{PATH}/{village}").name == "演示协理员"
        assert found(PATH).phone == "0737-0000001"
        assert found("430000/430900/430923/430923118").name == "安化县热线"
        assert found("430000/430900") == directory.EVERYWHERE
        assert found("") == directory.EVERYWHERE
        assert (
            directory.for_place(session, f"{PATH}/{village}", kinds=directory.OFFICES).kind
            == "window"
        )
        names = [c.name for c in directory.of_region(session, village)]
        assert names == ["演示协理员", "东坪镇窗口", "安化县热线", "民政服务热线"]
        with pytest.raises(NotFound):
            directory.of_region(session, "999999")


def test_a_number_to_dial():
    assert directory.Contact("window", "甲", "0737-0000001").dial == "07370000001"
    assert directory.EVERYWHERE.dial == "12349"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_offices(portal, tmp_path, now, encoding):
    made = bring_in(portal, as_csv(tmp_path, WINDOW, encoding=encoding), now)
    assert made.added == (("430923121", "window", "东坪镇窗口"),)


def test_xlsx_with_numbers_as_spreadsheets_keep_them(portal, tmp_path, now):
    row = [430923121.0, "窗口", "东坪镇窗口", 12345, None, "（一楼）", None]
    made = bring_in(portal, as_xlsx(tmp_path, row, [None] * 7), now)
    assert not made.faults
    with portal.database.reading() as session:
        (window,) = session.scalars(select(Window)).all()
        assert (window.region_code, window.phone) == ("430923121", "12345")
        assert (window.hours, window.address) == ("", "（一楼）")


def test_places_by_their_full_name_and_full_width_figures(portal, tmp_path, now):
    head = ["序号", "所在地", "姓名", "手机号"]
    rows = [["1", "湖南省益阳市安化县 东坪镇", "演示", "（０７３７）0000001"]]
    made = bring_in(portal, as_csv(tmp_path, *rows, head=head), now)
    assert not made.faults
    assert made.unused == ("序号",)
    assert made.wanted[("430923121", "assistant", "演示")]["phone"] == "07370000001"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: "999999"}, "没有这个地区"), ({0: ""}, "没有写地区代码"), ({1: "领导"}, "类别只能写"),
        ({2: ""}, "没有写名称"), ({3: "打不通"}, "电话不对"), ({3: ""}, "电话不对"), ({3: "0000001"}, "电话不对"),
        ({3: "13800000000/13900000000"}, "电话不对"), ({4: "时" * 61}, "太长"), ({2: "名" * 61}, "太长"),
        ({1: "热线"}, "热线要写在"), ({0: "430000"}, "窗口要写在"),
    ],
)  # fmt: skip
def test_errors_are_told_line_by_line(portal, tmp_path, now, change, words):
    wrong = [change.get(n, cell) for n, cell in enumerate(WINDOW)]
    made = bring_in(portal, as_csv(tmp_path, COUNTY, wrong), now)
    (fault,) = made.faults
    assert fault.line == 3
    assert words in str(fault)
    with portal.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Window)) == 0


def test_the_same_line_twice(portal, tmp_path, now):
    made = bring_in(portal, as_csv(tmp_path, WINDOW, WINDOW), now)
    assert str(made.faults[0]) == "第3行：和第2行重复。"


def test_a_second_list_replaces_what_it_names(portal, tmp_path, now):
    bring_in(portal, as_csv(tmp_path, WINDOW, COUNTY), now)
    again = bring_in(portal, as_csv(tmp_path, WINDOW, COUNTY), now)
    assert (again.added, again.changed, again.removed, again.same) == ((), (), (), 2)
    other = ["430923121", "窗口", "东坪镇新窗口", *WINDOW[3:]]
    made = bring_in(portal, as_csv(tmp_path, other), now)
    assert made.added == (("430923121", "window", "东坪镇新窗口"),)
    assert made.removed == (("430923121", "window", "东坪镇窗口"),)
    moved = bring_in(portal, as_csv(tmp_path, [*other[:3], "0737-0000009", *other[4:]]), now)
    assert moved.changed == made.added
    with portal.database.reading() as session:
        assert directory.for_place(session, PATH).phone == "0737-0000009"
        assert directory.for_place(session, "430000/430900/430923").name == "安化县热线"
        assert [e.action for e in session.scalars(select(AuditEntry))].count(
            "directory.imported"
        ) == 4


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "第一行"), ("a.csv", b"\xff\xfe\x00\x01", "读不了"), ("a.csv", "姓名\n甲".encode(), "第一行"),
        ("a.xlsx", b"PK\x03\x04 no zip", "读不了"), ("a.xlsx", b"", "读不了"),
        ("a.csv", b"\x00" * 50, "读不了"), ("a.csv", b" " * (roster.LARGEST + 1), "太大"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list(portal, tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with portal.database.reading() as session, pytest.raises(roster.NotRead, match=words):
        roster.plan(session, tmp_path / name)


def test_a_list_without_lines(portal, tmp_path):
    with portal.database.reading() as session:
        assert str(roster.plan(session, as_csv(tmp_path)).faults[0]) == "第1行：下面没有内容。"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=400), end=st.sampled_from([".csv", ".xlsx"]))
def test_any_bytes_at_all(portal, tmp_path, data, end):
    """A plan or a refusal, never anything else."""
    file = tmp_path / f"any{end}"
    file.write_bytes("地区代码,名称,电话\n".encode() * (end == ".csv") + data)
    with portal.database.reading() as session, contextlib.suppress(roster.NotRead):
        assert roster.plan(session, file).faults


def test_progress_and_thousands_of_lines(portal, tmp_path, now):
    with portal.database.reading() as session:
        codes = session.scalars(select(Region.code).where(Region.level == "village").limit(5000))
        rows = [[code, "", f"演示{n}", "010-00000000", "", "", ""] for n, code in enumerate(codes)]
    file = as_csv(tmp_path, *rows)
    steps = []
    started = time.process_time()
    with portal.database.writing() as session:
        made = roster.plan(session, file, progress=lambda *step: steps.append(step))
        roster.carry_out(session, made, actor="portal", now=now)
    assert time.process_time() - started < 4
    assert steps[-1] == (5000, 5000)
    assert len(made.added) == 5000


def test_the_example_can_be_imported(portal, now):
    made = bring_in(portal, regions.PLACES / "windows.example.csv", now)
    assert not made.faults
    assert all("演示" in key[2] for key in made.added)


def test_command(portal, tmp_path):
    file = as_csv(tmp_path, WINDOW)
    tried = _run(portal, str(file), "--dry-run")
    assert tried.exit_code == 0
    assert "试运行，没有写入：新增 1 个" in tried.output
    assert "已导入：新增 1 个" in _run(portal, str(file)).output
    wrong = _run(portal, str(as_csv(tmp_path, [*WINDOW[:3], "?", "", "", ""])))
    assert wrong.exit_code == 1
    assert "第2行：电话不对" in wrong.output
    (tmp_path / "x.xlsx").write_bytes(b"no")
    assert "读不了" in str(_run(portal, str(tmp_path / "x.xlsx")).exception)


def _run(portal, *words: str):
    settings = portal.settings
    return CliRunner().invoke(
        cli.import_assistants, list(words), obj=settings, standalone_mode=True
    )
