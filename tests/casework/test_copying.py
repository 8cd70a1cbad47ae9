"""Answers copied into another system: its order, its labels, no cell that computes."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.casework import copying, openings
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Role
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

LI = files.clerk()
ME = {"actor": LI, "now": NOW}
NUMBER = files.MORE["applicant_id_number"]


@pytest.fixture
def file_id(portal):
    return cases.handed_in(portal, files.MORE)


@pytest.fixture
def dibao(portal):
    return portal.catalogue.find("dibao")


def test_the_order_of_the_place_then_the_rest_of_the_form(portal, file_id, dibao):
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        found = copying.rows(session, file, dibao, revealed=True)
        texts = {entry.name: entry.text for entry in found}
        assert [entry.label for entry in found][:5] == [
            "救助通申请编号", "救助项目", "首次提交日期", "申请人姓名", "身份证号",
        ]  # fmt: skip
        assert texts["applicant_id_number"] == NUMBER
        assert texts["income_business"] == "3200.00"
        assert texts["filed_on"] == "2026-11-22"
        assert texts["members.1.birth_date"] == "2011-03-05"
        assert texts["income_transfer"] == "说不清，入户时核"
        assert "account_number" not in texts
        assert len(texts) == len(found)


def test_numbers_are_masked_until_a_reason_is_given(portal, file_id, dibao):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        masked = " ".join(e.text for e in copying.rows(session, file, dibao))
        assert NUMBER not in masked
        assert files.MORE["phone"] not in masked
        with pytest.raises(Invalid):
            copying.note_copying(session, file, "", "", **ME)
        copying.note_copying(session, file, "enter", "", **ME)
        assert [o.what for o in openings.of(session, file)] == ["copy"]


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula(words):
    made = copying.as_csv([[words]], "安化县 李").decode("utf-8-sig")
    [[back], last] = csv.reader(io.StringIO(made, newline=""))
    assert last[0] == "导出：安化县 李"
    assert not back.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert back in (words, f"'{words}")


@pytest.mark.parametrize(
    "words", ["=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A0"]
)
def test_a_spreadsheet_keeps_it_as_text(words):
    lines = [["姓名", "号码"], [words, NUMBER]]
    book = openpyxl.load_workbook(io.BytesIO(copying.as_xlsx(lines, "安化县 李 2026年")))
    cells = [cell for row in book["申请"].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells] == ["s"] * 4
    assert cells[2].value.lstrip("'").lstrip("\t\r") == words.lstrip("\t\r")
    assert cells[3].value == NUMBER
    assert "安化县 李" in book["说明"]["A1"].value


def test_every_file_of_a_table_remembers_that_it_left(portal, file_id):
    second = cases.handed_in(portal, phone="13812345602")
    with portal.database.writing() as session:
        both = [cases.file_of(session, one) for one in (file_id, second)]
        head, *lines = copying.table(session, both, portal.catalogue, "enter", whole=True, **ME)
        assert len(lines) == 2
        assert {len(line) for line in lines} == {len(head)}
        assert lines[0][head.index("身份证号")] == NUMBER
        assert lines[1][head.index("身份证号")] == ""
        for file in both:
            assert [o.what for o in openings.of(session, file)] == ["export"]


def test_without_a_reason_nothing_leaves(portal, file_id):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        for chosen, reason in (([file], ""), ([], "enter"), ([file] * 201, "enter")):
            with pytest.raises(Invalid):
                copying.table(session, chosen, portal.catalogue, reason, **ME)
        for role in (Role.AUDITOR, Role.SUPERVISOR):
            with pytest.raises(Forbidden):
                copying.table(
                    session, [file], portal.catalogue, "enter",
                    actor=files.clerk(files.COUNTY, role=role), now=NOW,
                )  # fmt: skip
