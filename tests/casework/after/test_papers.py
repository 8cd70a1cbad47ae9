"""What happened after the decision lies in the bundle of papers, and is the owner's alone."""

from portal.casework.after import changes, rechecks
from tests.casework import cases
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do
from tests.casework.payment import test_importing as bank
from tests.casework.talk.test_case import papers, words


def test_postings_payments_changes_and_rechecks_lie_in_it(offices, tmp_path):
    file_id = making.on_the_road(offices, "dibao", "paying")
    with offices.portal.database.reading() as session:
        number = cases.file_of(session, file_id).reference_no
    said = f"{number},刘桂香,2026-11,770,0,2026-11-20,,"
    bank.take_in(offices.portal, bank.written(tmp_path, said, "合计,1笔,,770"))
    offices.later(days=340)

    def tell(session, file):
        who = making.owner(file)
        changes.report(session, file, "income", "儿子去打工了。", actor=who, now=offices.now)
        same = dict.fromkeys(rechecks.QUESTIONS, True)
        rechecks.answer(session, file, same, actor=who, now=offices.now)

    do(offices, file_id, tell)
    _chunks, archive = papers(offices.portal, file_id, offices.now)
    assert "每月770元" in words(archive, "4-公布-1.pdf")
    told = words(archive, "8-批准以后.pdf")
    for line in ("2026年11月", "770元", "儿子去打工了。", "还没答复", "没有变", "还没核查"):
        assert line in told
    assert "8-批准以后.pdf" in words(archive, "0-先看这里.pdf")


def test_before_a_grant_there_is_nothing_of_it(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    _chunks, archive = papers(offices.portal, file_id, offices.now)
    assert not [name for name in archive.namelist() if name.startswith(("4-公布", "8-"))]
