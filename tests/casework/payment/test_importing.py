"""The bank's file: all of it or nothing, and a report that names every line."""

import time
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.casework.payment import importing, reading, told
from portal.casework.payment.tables import Payment, PaymentFile
from portal.filing.tables import Application
from portal.people.access import Role
from portal.policy.lifecycle import Status
from portal.policy.spreadsheets import NotRead
from tests.casework import cases
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files
from tests.stores import SECOND_IN_FULL

HEADING = "申请编号,姓名,月份,金额,其中价格补贴,发放日期,结果,失败原因"
TODAY = date(2026, 11, 22)


@pytest.fixture
def paid(portal) -> Application:
    """A file that is being paid."""
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        cases.put_into(session, file, Status.PAYING)
        session.flush()
        session.expunge(file)
    return file


def written(tmp_path: Path, *lines: str, encoding: str = "utf-8", name: str = "bank.csv") -> Path:
    file = tmp_path / name
    file.write_bytes("\n".join((HEADING, *lines)).encode(encoding))
    return file


def line(file: Application, amount="770.00", month="2026-11", name="刘桂香", more="0,2026-11-10,,"):
    return f"{file.reference_no},{name},{month},{amount},{more}"


def plan(portal, file: Path, county: str = files.COUNTY):
    with portal.database.reading() as session:
        return importing.plan(session, file, county, now=NOW)


def take_in(portal, file: Path):
    made = plan(portal, file)
    assert not made.faults, made.faults
    with portal.database.writing() as session:
        importing.carry_out(session, made, actor="test", now=NOW)
    return made


def count(portal) -> tuple[int, int]:
    with portal.database.reading() as session:
        return session.query(PaymentFile).count(), session.query(Payment).count()


def faults(made) -> list[str]:
    return [str(fault) for fault in made.faults]


@SECOND_IN_FULL
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_right_file_is_taken_in_whole(portal, tmp_path, paid, encoding):
    made = take_in(portal, written(tmp_path, line(paid), "合计,1笔,,770", encoding=encoding))
    assert importing.told(made, dry_run=False) == ["已导入：1 笔，发了 770.00 元，没发成 0 笔。"]
    assert count(portal) == (1, 1)


@SECOND_IN_FULL
def test_a_spreadsheet_is_read_the_same(portal, tmp_path, paid):
    book = openpyxl.Workbook()
    for row in (HEADING.split(","), [paid.reference_no, "刘桂香", "2026年11月", 770.0, 20, "2026-11-10", "成功", ""],
                ["合计", 1, "", 770]):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "bank.xlsx")
    take_in(portal, tmp_path / "bank.xlsx")
    with portal.database.reading() as session:
        [one] = session.query(Payment)
        assert (one.amount, one.subsidy, one.month, one.failed) == (77000, 2000, "2026-11", False)


@SECOND_IN_FULL
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("{}", "合计,2笔,,770"), "第3行：合计的笔数不对：文件里是1笔。"),
        (("{}", "合计,1笔,,769.99"), "第3行：合计的金额不对：各行加起来是770.00元。"),
        (("{}",), "第3行：最后一行要写“合计”、笔数（写在姓名一列）和总金额。"),
        (("{}", "{}", "合计,2笔,,1540"), "第3行：和第2行重复，同一户同一个月。"),
        (("9999999999,张三,2026-11,100,0,2026-11-10,,", "合计,1笔,,100"), "第2行：没有这个申请编号，或不在您的县。"),
        (("{}".replace("{}", "{wrong_name}"), "合计,1笔,,770"), "第2行：姓名和申请编号对不上。"),
        (("{future}", "合计,1笔,,770"), "第2行：月份还没有到。"),
        (("{words}", "合计,1笔,,770"), "第2行：金额要写数字，比如 770.00。"),
        (("{thirds}", "合计,1笔,,770"), "第2行：金额不对，要在0到100000元之间，最多两位小数。"),
    ],
    ids=["笔数", "金额", "没有合计", "重复", "不认得", "姓名不对", "以后的月份", "不是数", "三位小数"],
)  # fmt: skip
def test_one_wrong_line_and_nothing_is_written(portal, tmp_path, paid, lines, said):
    told_of = {
        "{}": line(paid), "{wrong_name}": line(paid, name="张三"),
        "{future}": line(paid, month="2026-12"), "{words}": line(paid, amount="七百七"),
        "{thirds}": line(paid, amount="770.005"),
    }  # fmt: skip
    made = plan(portal, written(tmp_path, *(told_of.get(one, one) for one in lines)))
    assert said in faults(made)
    assert importing.told(made, dry_run=False)[-1].endswith("什么都没有写入。")
    assert count(portal) == (0, 0)


def test_the_same_file_and_the_same_month_once(portal, tmp_path, paid):
    file = written(tmp_path, line(paid), "合计,1笔,,770")
    take_in(portal, file)
    assert "这个文件2026-11-22已经导入过" in faults(plan(portal, file))[0]
    other = written(tmp_path, line(paid, amount="771"), "合计,1笔,,771", name="b.csv")
    assert faults(plan(portal, other)) == ["第2行：这一户2026-11已经发过。"]


def test_what_the_bank_could_not_pay_comes_with_another_file(portal, tmp_path, paid):
    failed = line(paid, more="0,2026-11-10,失败,账户已销户")
    made = take_in(portal, written(tmp_path, failed, "合计,1笔,,770"))
    assert (made.total, made.failed) == (0, 1)
    with portal.database.reading() as session:
        shown = told.for_applicant(session, session.get_one(Application, paid.id))
    assert shown["newest"]["failed"]
    assert shown["newest"]["why"] == "账户已销户"
    take_in(portal, written(tmp_path, line(paid), "合计,1笔,,770", name="b.csv"))


def test_another_county_sees_no_file_of_ours(portal, tmp_path, paid):
    made = plan(portal, written(tmp_path, line(paid), "合计,1笔,,770"), county="430481")
    assert faults(made) == ["第2行：没有这个申请编号，或不在您的县。"]


@SECOND_IN_FULL
def test_the_person_reads_why_it_changed(portal, tmp_path, paid):
    months = [("2026-09", "770", "0"), ("2026-10", "770", "0"), ("2026-11", "790", "20")]
    seen = []
    for month, amount, subsidy in months:
        on = f"{month}-10"
        said = line(paid, amount=amount, month=month, more=f"{subsidy},{on},,")
        take_in(portal, written(tmp_path, said, f"合计,1笔,,{amount}", name=f"{month}.csv"))
        with portal.database.reading() as session:
            seen.append(told.for_applicant(session, session.get_one(Application, paid.id)))
    assert [one["why"] for one in seen] == [
        ["这是第一次发。"], ["和上次一样多。"], ["价格补贴多了20元。"],
    ]  # fmt: skip
    assert seen[2]["newest"]["amount_text"] == "790元"
    assert seen[2]["newest"]["subsidy_text"] == "其中价格补贴20元"
    assert [row["month_text"] for row in seen[2]["rows"]] == ["2026年10月", "2026年9月"]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_it_is_read_or_refused(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("b") / "x.csv"
    file.write_bytes(data)
    try:
        found = reading.read(file, today=TODAY)
    except NotRead:
        return
    assert found.faults


@pytest.mark.full
def test_a_hundred_thousand_lines(portal, tmp_path, paid):
    """All of other people: every line is checked against the database and named."""
    lines = [f"{n:010d},张三,2026-11,100.00,0,2026-11-10,," for n in range(99_999)]
    file = written(tmp_path, line(paid, amount="100"), *lines, "合计,100000笔,,10000000")
    began = time.monotonic()
    made = plan(portal, file)
    assert time.monotonic() - began < 60
    assert len(made.faults) == 99_999
    assert count(portal) == (0, 0)


def test_only_the_county_imports(app, portal, tmp_path, paid):
    clerk = signed_in(app, portal, "wu", region=files.COUNTY, role=Role.COUNTY_CLERK, name="老吴")
    page = clerk.get("/desk/payments").get_data(as_text=True)
    assert "银行给的文件" in page
    file = written(tmp_path, line(paid), "合计,1笔,,770")
    for more, said in (({"try": "1"}, "试运行，没有写入"), ({}, "已导入：1 笔")):
        with file.open("rb") as body:
            answer = clerk.post(
                "/desk/payments", {"file": (body, "bank.csv"), **more}, at="/desk/payments"
            )
        assert answer.status_code == 200
        assert said in answer.get_data(as_text=True)
    assert count(portal) == (1, 1)
    li = signed_in(app, portal, "li")
    assert li.get("/desk/payments").status_code == 403
