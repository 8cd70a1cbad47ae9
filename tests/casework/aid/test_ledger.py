"""The petty fund: whatever clerks do, and whenever, the book balances and is never below nothing."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.casework.aid import arrival, book, closing, ledger, supply
from portal.casework.aid.tables import PettyFund, PettyFundLine
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from portal.people.access import Actor, Role
from tests.casework.aid.boxes import (
    COUNTY,
    NEIGHBOUR,
    TOWNSHIP,
    YUNNAN,
    box,
    called,
    clerk,
    file_of,
)
from tests.casework.aid.boxes import county as confirmer
from tests.conftest import NOW

HUNAN_MOST = 2_000_000


def paid(session, fund, file_id, amount, now=NOW):
    said = {"to": "王大爷"}
    return ledger.pay(
        session, fund, amount, file_of(session, file_id), said, actor=clerk(), now=now
    )


def test_a_box_is_opened_by_two_people_and_its_lines_add_up(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 100_000)
        paid(session, fund, file_id, 30_000)
        assert fund.balance == 70_000
        assert [e.line.balance for e in ledger.entries(session, fund)] == [100_000, 70_000]
        assert ledger.faults(session, fund) == []
        assert ledger.entries(session, fund)[1].said == {"to": "王大爷"}
        actions = {a for (a,) in session.query(AuditEntry.action)}
        assert {"fund.begun", "fund.asked", "fund.granted", "fund.line"} <= actions


def test_nobody_confirms_what_they_asked_for_and_no_township_confirms(portal):
    with portal.database.writing() as session:
        both = Actor(
            Role.COUNTY_CONFIRMER, clerk().id, TOWNSHIP, "", also=frozenset({Role.TOWNSHIP_CLERK})
        )
        fund = ledger.found(session, TOWNSHIP, actor=both, now=NOW)
        asked = supply.ask(
            session, fund, portal.catalogue, "opening", 100, "开账", actor=both, now=NOW
        )
        for who in (both, clerk(), confirmer("430922")):
            with pytest.raises(Forbidden):
                supply.grant(session, fund, asked.id, portal.catalogue, actor=who, now=NOW)
        supply.grant(session, fund, asked.id, portal.catalogue, actor=confirmer(), now=NOW)
        with pytest.raises(Conflict, match="已经答复"):
            supply.grant(session, fund, asked.id, portal.catalogue, actor=confirmer(), now=NOW)
        assert fund.balance == 100


def test_above_what_is_there_nothing_is_paid(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        with pytest.raises(Conflict, match="只剩100元") as told:
            paid(session, fund, file_id, 10_001)
        assert told.value.code == "fund_short"
        assert fund.balance == 10_000


def test_the_place_says_what_a_box_may_hold(portal):
    with portal.database.writing() as session:
        fund = box(portal, session, 1_500_000)
        with pytest.raises(Invalid, match="最多20000元，现在还能补5000元"):
            supply.ask(
                session, fund, portal.catalogue, "top_up", 500_001, "补充", actor=clerk(), now=NOW
            )
        asked = [
            supply.ask(
                session, fund, portal.catalogue, "top_up", 300_000, "补充", actor=clerk(), now=NOW
            )
            for _ in range(2)
        ]
        supply.grant(session, fund, asked[0].id, portal.catalogue, actor=confirmer(), now=NOW)
        with pytest.raises(Invalid):
            supply.grant(session, fund, asked[1].id, portal.catalogue, actor=confirmer(), now=NOW)
        supply.refuse(session, fund, asked[1].id, "超过了", actor=confirmer(), now=NOW)
        assert fund.balance == 1_800_000 <= HUNAN_MOST


def test_where_nobody_published_a_ceiling_there_is_none(portal):
    with portal.database.writing() as session:
        assert box(portal, session, 3_000_000, region=YUNNAN).balance == 3_000_000


def test_a_mistake_is_undone_by_its_opposite_once(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        line = paid(session, fund, file_id, 4_000)
        with pytest.raises(Invalid):
            ledger.counter(session, fund, line.id, " ", actor=clerk(), now=NOW)
        undone = ledger.counter(session, fund, line.id, "记错了人", actor=clerk(), now=NOW)
        assert (undone.amount, fund.balance) == (4_000, 10_000)
        for again in (line, undone):
            with pytest.raises(Conflict):
                ledger.counter(session, fund, again.id, "再来", actor=clerk(), now=NOW)
        opening = ledger.entries(session, fund)[0].line
        with pytest.raises(Forbidden):
            ledger.counter(session, fund, opening.id, "不要了", actor=clerk(), now=NOW)
        ledger.counter(session, fund, opening.id, "拨错了", actor=confirmer(), now=NOW)
        assert fund.balance == 0
        assert ledger.faults(session, fund) == []


def test_only_the_townships_own_clerks_pay(portal):
    file_id = called(portal)
    others = (
        clerk(NEIGHBOUR),
        Actor(Role.TOWNSHIP_INVESTIGATOR, clerk().id, TOWNSHIP, ""),
        Actor(Role.ADMINISTRATOR, clerk().id, COUNTY, ""),
        confirmer(),
    )
    with portal.database.writing() as session:
        fund = box(portal, session)
        for who in others:
            with pytest.raises(Forbidden):
                ledger.pay(session, fund, 100, file_of(session, file_id), {}, actor=who, now=NOW)


@pytest.mark.both
def test_two_clerks_who_begin_at_once_keep_one_book(portal):
    def begin(number):
        with portal.database.writing() as session:
            return ledger.found(session, TOWNSHIP, actor=clerk(number=number), now=NOW).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(begin, range(1, 5)))) == 1


def test_a_foreign_book_looks_like_none(portal):
    with portal.database.writing() as session:
        fund = box(portal, session)
        assert ledger.find(session, fund.id, actor=confirmer()) is fund
        with pytest.raises(NotFound):
            ledger.find(session, fund.id, actor=clerk(NEIGHBOUR))
        with pytest.raises(Forbidden):
            ledger.find(session, fund.id, actor=Actor(Role.DEPARTMENT_CLERK, fund.id, COUNTY))
        assert ledger.all_of(session, actor=clerk(NEIGHBOUR)) == []


def test_a_month_is_closed_once_and_a_difference_is_explained(portal):
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        how = {"actor": clerk(), "now": NOW}
        with pytest.raises(Invalid) as told:
            closing.close(session, fund, 9_900, "", "", **how)
        assert set(told.value.fields) == {"counted_with", "explanation"}
        assert "少1元" in told.value.fields["explanation"][0]
        closing.close(session, fund, 9_900, "王会计", "少收一张收条，正在找。", **how)
        [done] = closing.closed(session, fund)
        assert (done.row.month, done.row.book, done.difference) == ("2026-11", 10_000, -100)
        assert fund.balance == 10_000, "a count changes no book"
        with pytest.raises(Conflict, match="已经结过账"):
            closing.close(session, fund, 10_000, "王会计", "", **how)


def test_a_counted_difference_enters_the_book_by_two_people(portal):
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        asked = supply.ask(
            session, fund, portal.catalogue, "difference", -100, "盘亏", actor=clerk(), now=NOW
        )
        supply.grant(session, fund, asked.id, portal.catalogue, actor=confirmer(), now=NOW)
        assert (fund.balance, ledger.faults(session, fund)) == (9_900, [])


def test_a_month_nobody_closed_is_late_and_closed_first(portal):
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        later = NOW + timedelta(days=14)
        assert not closing.is_late(session, fund, now=NOW)
        assert closing.is_late(session, fund, now=later)
        row = closing.close(session, fund, 10_000, "王会计", "", actor=clerk(), now=later)
        assert row.month == "2026-11"
        row = closing.close(session, fund, 10_000, "王会计", "", actor=clerk(), now=later)
        assert row.month == "2026-12"


def test_whatever_is_changed_behind_its_back_is_found(portal):
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        line = session.query(PettyFundLine).filter_by(fund_id=fund.id).one()
        for column in ("amount", "balance", "seq"):
            right = getattr(line, column)
            setattr(line, column, right + 1)
            session.flush()
            assert ledger.faults(session, fund), column
            with pytest.raises(Conflict, match="对不上"):
                closing.close(session, fund, 10_000, "王会计", "", actor=clerk(), now=NOW)
            setattr(line, column, right)
            session.flush()
        assert ledger.faults(session, fund) == []


def test_no_cell_of_the_table_is_a_formula(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        file = file_of(session, file_id)
        for words in ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"):
            ledger.pay(session, fund, 100, file, {"what": words}, actor=clerk(), now=NOW)
        made = book.as_csv(session, fund, "安化县 李", actor=clerk()).decode("utf-8-sig")
        *rows, last = csv.reader(io.StringIO(made))
    assert last[0] == "导出：安化县 李"
    assert len(rows) == 8
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r＝＋－＠" and cell]
    assert rows[2][5] == "1.00"


def test_supervision_reads_figures_and_no_names(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 10_000)
        paid(session, fund, file_id, 100)
        watching = Actor(Role.SUPERVISOR, clerk().id, "430900")
        assert ledger.find(session, fund.id, actor=watching) is fund
        assert "王大爷" not in book.as_csv(session, fund, "安化县 李", actor=watching).decode()
        assert "王大爷" in book.as_csv(session, fund, "安化县 李", actor=clerk()).decode()


SECONDS = st.sampled_from(["pay", "top_up", "counter", "difference", "close"])


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(st.tuples(SECONDS, st.integers(-50, 900_000)), max_size=12))
def test_whatever_is_done_the_book_balances(portal, acts):
    """Any acts in any order, refused ones among them, each kept or thrown away whole."""
    with portal.database.reading() as session:
        file = arrival.register(
            session, portal.catalogue, "姓名不详", "失火", actor=clerk(), now=NOW
        )
        fund = box(portal, session, 400_000)
        for act, number in acts:
            with suppress(Refusal), session.begin_nested():
                _try(portal, session, fund, file, act, number)
        lines = [e.line for e in ledger.entries(session, fund)]
        assert ledger.faults(session, fund) == []
        assert fund.balance == sum(line.amount for line in lines) >= 0
        assert min(line.balance for line in lines) >= 0
        assert fund.balance <= HUNAN_MOST


def test_clerks_at_the_same_moment_never_pay_out_more_than_there_is(portal):
    """Eight clerks, forty payments of 3, a box of 60: twenty are paid."""
    file_id = called(portal)
    with portal.database.writing() as session:
        fund_id = box(portal, session, 60).id

    def clerks_day(number):
        done = 0
        for _ in range(5):
            with suppress(Conflict), portal.database.writing() as session:
                fund = session.get_one(PettyFund, fund_id)
                file = file_of(session, file_id)
                ledger.pay(session, fund, 3, file, {}, actor=clerk(number=number + 1), now=NOW)
                session.commit()
                done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(clerks_day, range(8))) == 20
    with portal.database.reading() as session:
        fund = session.get_one(PettyFund, fund_id)
        assert (fund.balance, fund.last_seq, ledger.faults(session, fund)) == (0, 21, [])


def _try(portal, session, fund, file, act, number):
    if act == "pay":
        ledger.pay(session, fund, number, file, {}, actor=clerk(), now=NOW)
    elif act in ("top_up", "difference"):
        asked = supply.ask(
            session, fund, portal.catalogue, act, number, "x", actor=clerk(), now=NOW
        )
        supply.grant(session, fund, asked.id, portal.catalogue, actor=confirmer(), now=NOW)
    elif act == "counter":
        lines = ledger.entries(session, fund)
        line = lines[number % len(lines)].line
        ledger.counter(session, fund, line.id, "x", actor=confirmer(), now=NOW)
    else:
        closing.close(session, fund, max(number, 0), "x", "x", actor=clerk(), now=NOW)
