"""The bank's file: all of it or nothing, and a report that names every line."""

import csv
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, select, text

from portal.casework import events
from portal.casework.aid import grants
from portal.casework.payment import importing, reading, told, unpaid
from portal.casework.payment.tables import Payment, PaymentFile
from portal.casework.tables import CaseEvent
from portal.contact.tables import Errand, InboxMessage, TextMessage
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.vault import DataKey
from portal.people.access import Role
from portal.policy.lifecycle import Party, Status
from portal.policy.spreadsheets import NotRead
from tests.casework import cases
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files

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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_right_file_is_taken_in_whole(portal, tmp_path, paid, encoding):
    made = take_in(portal, written(tmp_path, line(paid), "合计,1笔,,770", encoding=encoding))
    assert importing.told(made, dry_run=False) == ["已导入：1 笔，发了 770.00 元，没发成 0 笔。"]
    assert count(portal) == (1, 1)


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


def change(portal, file: Application, act):
    with portal.database.writing() as session:
        return act(session, cases.file_of(session, file.id))


def tried(portal, tmp_path, file, **how) -> tuple[list[str], list[str]]:
    """(faults, warnings) of a file of this one line."""
    amount = how.get("amount", "770")
    made = plan(portal, written(tmp_path, line(file, **how), f"合计,1笔,,{amount}"))
    return faults(made), [str(one) for one in made.warnings]


def test_only_who_is_being_paid_is_paid(portal, tmp_path, paid):
    right = set()
    for status in Status:
        change(portal, paid, lambda _session, file, now=status: setattr(file, "status", now))
        found, _more = tried(portal, tmp_path, paid)
        assert found in ([], ["第2行：这一户没有在发放。"])
        right |= set() if found else {status}
    assert right == {Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING}


def test_until_it_was_stopped_and_what_was_granted_once(portal, tmp_path, paid):
    def stop(_session, file):
        cases.note(_session, file, "heard", Party.COUNTY)
        file.status = Status.REVIEWING
        events.record(
            _session, file, "stopped", after=Status.STOPPED, party=Party.COUNTY, actor="test",
            said=cases.SAID["stopped"], now=NOW, at=NOW - timedelta(days=40),
        )  # fmt: skip

    change(portal, paid, stop)
    assert tried(portal, tmp_path, paid, month="2026-10") == ([], [])
    assert tried(portal, tmp_path, paid)[0] == ["第2行：这一户没有在发放。"]

    def grant(session, file):
        file.status = Status.CLOSED
        parts = [grants.Part(50_000), grants.Part(27_000)]
        grants.write(session, file, grants.SMALL, parts, {}, actor=files.clerk(), now=NOW)

    change(portal, paid, grant)
    for amount in ("770", "500", "270"):
        assert tried(portal, tmp_path, paid, amount=amount) == ([], [])
    assert tried(portal, tmp_path, paid, amount="600")[1] == [
        "第2行：决定发270或500或770元，文件里除去补贴是600元。"
    ]


def test_another_sum_than_was_decided_is_said_and_taken_in(portal, tmp_path, paid):
    def decide(session, file, amount, days):
        file.status = Status.APPROVED
        events.record(
            session, file, "paying", after=Status.PAYING, party=Party.COUNTY, actor="test",
            said={"amount": amount}, now=NOW, at=NOW - timedelta(days=days),
        )  # fmt: skip

    assert tried(portal, tmp_path, paid) == ([], []), "nobody has said how much"
    change(portal, paid, lambda s, f: decide(s, f, 75_000, 60))
    change(portal, paid, lambda s, f: decide(s, f, 77_000, 3))
    for amount, subsidy in (("770", "0"), ("750", "0"), ("790", "20")):
        how = {"amount": amount, "more": f"{subsidy},2026-11-10,,"}
        assert tried(portal, tmp_path, paid, **how) == ([], []), "before and after the change"
    assert tried(portal, tmp_path, paid, amount="770", month="2026-10")[1]
    file = written(tmp_path, line(paid, amount="7700"), "合计,1笔,,7700")
    said = "请再看看：第2行：决定发770元，文件里除去补贴是7700元。"
    assert said in importing.told(take_in(portal, file), dry_run=False)


def test_who_the_bank_could_not_pay_is_told_and_listed(portal, tmp_path, paid):
    """By message and text; where there is no phone, somebody goes."""
    with portal.database.writing() as session:
        file = cases.file_of(session, cases.handed_in(portal, phone="13812345679"))
        cases.put_into(session, file, Status.PAYING)
        file.account_id = None
        session.flush()
        session.expunge(file)
    failed = [line(one, more="0,2026-11-10,失败,账户已销户") for one in (paid, file)]
    made = take_in(portal, written(tmp_path, *failed, "合计,2笔,,1540"))
    assert f"没发成：第2行 {paid.reference_no}：账户已销户" in importing.told(made, dry_run=False)
    with portal.database.reading() as session:
        messages = select(InboxMessage).where(InboxMessage.template == importing.TEMPLATE)
        assert [one.application_id for one in session.scalars(messages)] == [paid.id]
        texts = select(TextMessage).where(TextMessage.template == importing.TEMPLATE)
        assert [one.application_id for one in session.scalars(texts)] == [paid.id]
        assert importing.TEMPLATE in session.scalars(select(Errand.topics)).one()
        listed = unpaid.of(session, files.COUNTY)
        assert {one.reference_no for one in listed} == {paid.reference_no, file.reference_no}
        assert unpaid.of(session, files.NEIGHBOUR) == []
    take_in(portal, written(tmp_path, line(paid), "合计,1笔,,770", name="b.csv"))
    with portal.database.reading() as session:
        [left] = unpaid.of(session, files.COUNTY)
        assert (left.reference_no, left.why) == (file.reference_no, "账户已销户")


MANY = 100_000


def many(portal, like: Application) -> list[str]:
    """Files like this one, each with its own key, answers and decision; their numbers."""
    with portal.database.writing() as session:
        one = cases.file_of(session, like.id)
        plain = vault.unseal_text(
            session, one.key_id, one.answers_sealed, place=f"applications.answers:{one.id}"
        )
        columns = {c.key: getattr(one, c.key) for c in inspect(Application).columns}
        numbers = [f"8{n:09d}" for n in range(MANY)]
        for start in range(0, MANY, 5_000):
            some = [_twin(session, plain, columns, no) for no in numbers[start : start + 5_000]]
            for table, rows in zip(
                (DataKey, Application, CaseEvent), zip(*some, strict=True), strict=True
            ):
                session.execute(insert(table), rows)
            session.info["opened_keys"].clear()
        session.execute(text("ANALYZE"))
    return numbers


def _twin(session, plain, columns, number):
    new, event, key = uuid4(), uuid4(), uuid4()
    session.info["opened_keys"][key] = raw = b"k" * 32
    wrapped = session.info["vault"].wrap(key, raw)
    sealing = {"id": key, "purpose": "application", "wrapped": wrapped, "created_at": NOW}
    file = columns | {
        "id": new, "reference_no": number, "key_id": key,
        "answers_sealed": vault.seal_text(session, key, plain, place=f"applications.answers:{new}"),
    }  # fmt: skip
    said = vault.seal_text(session, key, '{"amount": 77000}', place=f"case_events.said:{event}")
    return sealing, file, {
        "id": event, "application_id": new, "seq": 1, "kind": "approved", "after": "approved",
        "party": "county", "actor": "test", "said_sealed": said, "at": NOW, "recorded_at": NOW,
    }  # fmt: skip


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_lines(portal, tmp_path, paid):
    """Those of other people are each named; those of our own are each paid, but for some."""
    strange = [f"7{n:09d},张三,2026-11,100.00,0,2026-11-10,," for n in range(MANY - 1)]
    file = written(tmp_path, line(paid, amount="100"), *strange, f"合计,{MANY}笔,,{MANY * 100}")
    with timed("unknown", 60):
        made = plan(portal, file)
    assert len(made.faults) == MANY - 1
    with timed("put there", 600):
        numbers = many(portal, paid)
    right = [
        f"{no},刘桂香,2026-11,770,0,2026-11-10,"
        + ("失败,账户已销户" if no.endswith("000") else ",")
        for no in numbers
    ]
    file = written(tmp_path, *right, f"合计,{MANY}笔,,{MANY * 770}", name="right.csv")
    with timed("tried", 60):
        made = plan(portal, file)
    assert (len(made.faults), len(made.warnings), made.failed) == (0, 0, MANY // 1000)
    with timed("carried out", 60), portal.database.writing() as session:
        importing.carry_out(session, made, actor="test", now=NOW)
    assert count(portal) == (1, MANY)
    with timed("listed", 2), portal.database.reading() as session:
        assert len(unpaid.of(session, files.COUNTY)) == MANY // 1000


@contextmanager
def timed(what: str, most: float):
    """By the processor: others may be at work here."""
    began, worked = time.monotonic(), time.process_time()
    yield
    took, worked = time.monotonic() - began, time.process_time() - worked
    print(f"{what}: {worked:.1f} s of work in {took:.1f} s")
    assert worked < most


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
    with file.open("rb") as body:
        how = {"file": (body, "bank.csv"), "table": "1"}
        table = clerk.post("/desk/payments", how, at="/desk/payments").data.decode("utf-8-sig")
    head, *lines, last = csv.reader(table.splitlines())
    assert head == ["行", "是什么", "说明"]
    assert lines == [
        ["1", "要改", "这个文件2026-11-22已经导入过。"], ["2", "要改", "这一户2026-11已经发过。"],
    ]  # fmt: skip
    assert last[0].startswith("导出：")
    assert count(portal) == (1, 1)
    failed = line(paid, month="2026-10", more="0,2026-10-10,失败,=账户已销户")
    take_in(portal, written(tmp_path, failed, "合计,1笔,,770", name="c.csv"))
    page = clerk.get("/desk/payments").get_data(as_text=True)
    assert "=账户已销户" in page.split("没打进去</h2>")[1]
    assert clerk.get(f"/desk/files/{paid.id}").status_code == 200
    li = signed_in(app, portal, "li")
    assert li.get("/desk/payments").status_code == 403
