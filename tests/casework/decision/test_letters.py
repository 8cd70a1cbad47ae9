"""决定书: numbered without a gap, frozen, without any number of a person, and delivered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.casework.decision import letters, told
from portal.casework.decision.tables import Decision, LetterNumber
from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Forbidden, Invalid, NotFound
from tests.casework import cases
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look, owner

ID_NUMBER = "430923190001010010"


def newest(session, file):
    return letters.of(session, file)[-1]


def test_a_letter_says_what_why_how_much_and_how_to_contest_it(offices):
    file_id = making.on_the_road(offices, "dibao", "granted")

    def seen(session, file):
        decision = newest(session, file)
        assert "刘桂香".encode() not in decision.body_sealed
        pdf = letters.render(session, file, decision)
        assert pdf.startswith(b"%PDF")
        assert pdf == letters.render(session, file, decision)
        return letters.body(session, file, decision)["paper"]

    paper = look(offices, file_id, seen)
    words = str(paper)
    assert ID_NUMBER not in words
    assert ["证件号码", "4****************0"] in paper["to"]
    assert ["申请人", "刘桂香"] in paper["to"]
    assert paper["decision"] == "予以确认为农村低保。保障2人。从2026年12月起，每月770元。"
    assert paper["law"] == "依据《社会救助法》第18条、第23条、第44条。"
    rows = {what: (much, basis) for what, much, basis in paper["sums"]}
    assert rows["人均收入"][0] == "每人每月100元"
    assert rows["当地标准"][0].startswith("至少每月485元")
    assert rows["决定"] == ("每月770元", "按县里今年公布的485元算。")
    assert paper["after"][0] == "每年核查一次。"
    assert "期限以告知书写的为准。" in paper["remedies"]


def test_numbers_count_up_within_an_office_and_a_year(offices):
    made = [making.on_the_road(offices, program, "granted") for program in ("dibian", "gangxing")]
    with offices.portal.database.reading() as session:
        found = session.scalars(select(Decision).order_by(Decision.serial)).all()
        assert [(d.office_code, d.year, d.serial) for d in found] == [
            ("430923", 2026, 1), ("430923", 2026, 2),
        ]  # fmt: skip
        assert session.get(LetterNumber, ("430923", 2026)).last == 2
        assert {d.application_id for d in found} == set(made)


def test_no_letter_without_its_event(offices):
    """Written in the transaction of the decision: taken back together."""
    file_id = making.on_the_road(offices, "dibian", "county")
    try:
        with offices.portal.database.writing() as session:
            offices.session = session
            offices.granted(file_id)
            raise RuntimeError("the power went")
    except RuntimeError:
        offices.session = None
    assert look(offices, file_id, letters.of) == []
    assert look(offices, file_id, lambda s, f: f.status) == "county_review"
    offices.granted(file_id)
    assert look(offices, file_id, lambda s, f: newest(s, f).serial) == 1


def test_delivered_by_hand_village_or_post_and_nobody_has_to_sign(offices):
    file_id = making.on_the_road(offices, "dibian", "granted")

    def deliver(session, file, how="in_person", day=None, who="clerk"):
        letters.deliver(
            session, file, newest(session, file).id, how, day or offices.today, "本人收的",
            actor=offices[who], now=offices.now,
        )  # fmt: skip

    for how, day, field in (
        ("portal", None, "how"),
        ("post", offices.today - timedelta(days=1), "day"),
        ("post", offices.today + timedelta(days=1), "day"),
    ):
        with pytest.raises(Invalid) as refused:
            do(offices, file_id, lambda s, f, how=how, day=day: deliver(s, f, how, day))
        assert field in refused.value.fields
    with pytest.raises(Forbidden):
        do(offices, file_id, lambda s, f: deliver(s, f, who="checker"))
    due = look(offices, file_id, lambda s, f: letters.deliver_by(newest(s, f)))
    assert due.on.isoformat() == "2026-11-25"
    do(offices, file_id, deliver)
    found = look(
        offices, file_id, lambda s, f: [(d.how, d.day) for d in letters.deliveries(s, newest(s, f))]
    )
    assert found == [("in_person", offices.today)]


def test_the_persons_first_look_is_kept_and_is_no_delivery(offices):
    file_id = making.on_the_road(offices, "dibian", "granted")

    def opens(session, file, who):
        letters.note_opened(session, file, newest(session, file), actor=who, now=offices.now)

    do(offices, file_id, lambda s, f: opens(s, f, offices["clerk"]))
    assert look(offices, file_id, lambda s, f: newest(s, f).opened_at) is None
    first = offices.now
    do(offices, file_id, lambda s, f: opens(s, f, owner(f)))
    offices.later(days=1)
    do(offices, file_id, lambda s, f: opens(s, f, owner(f)))
    assert look(offices, file_id, lambda s, f: newest(s, f).opened_at) == first
    assert look(offices, file_id, lambda s, f: letters.deliveries(s, newest(s, f))) == []
    with offices.portal.database.reading() as session:
        assert session.query(AuditEntry).filter_by(action="open.letter").count() == 1


def test_another_files_letter_is_not_found(offices):
    mine = making.on_the_road(offices, "dibian", "granted")
    other = cases.handed_in(offices.portal, phone="13800000077")
    decision_id = look(offices, mine, lambda s, f: newest(s, f).id)
    with pytest.raises(NotFound):
        look(offices, other, lambda s, f: letters.find(s, f, decision_id))


def test_an_erased_file_has_no_letter_to_print(offices):
    file_id = making.on_the_road(offices, "dibian", "granted")
    do(offices, file_id, lambda s, f: vault.destroy_key(s, f.key_id, now=offices.now))
    with pytest.raises(NotFound):
        look(offices, file_id, lambda s, f: letters.render(s, f, newest(s, f)))


def test_the_applicant_reads_the_same_words(offices):
    file_id = making.on_the_road(offices, "dibao", "granted")

    def seen(session, file):
        return told.for_applicant(session, file, offices.program(file), now=offices.now)

    (letter,) = look(offices, file_id, seen)["letters"]
    assert letter["number"] == "安化县救助〔2026〕1号"
    assert letter["decision"].startswith("予以确认为农村低保")
    assert letter["plain"] == making.FIT["sentence"] + making.GRANT["sentence"]
    fresh = making.applied(offices, "dibian")
    assert look(offices, fresh, seen) is None
