"""Photos taken once: in every file that asks them, never between two, each file erased alone."""

from uuid import UUID

from sqlalchemy import select

from portal import sweeping
from portal.assembly import Portal
from portal.filing import applications, documents, lending, preparing, shared_papers, signatures
from portal.filing.photo_process import PhotoProcess
from portal.filing.tables import Application, Signature
from portal.foundation import vault
from portal.foundation.clock import utc_now
from tests.conftest import NOW
from tests.filing import bad_photos
from tests.filing.households import begin, home_of, household, photograph, say, unphotograph
from tests.handover import files

JPEG = files.jpeg("teal")


def photos(portal: Portal, file: UUID) -> list[UUID]:
    with portal.database.reading() as session:
        return [d.id for d in documents.of(session, session.get_one(Application, file))]


def prepare(portal: Portal) -> None:
    process = PhotoProcess()
    try:
        while preparing.prepare_due(portal, process, now=NOW):
            pass
    finally:
        process.close()


def opened(portal: Portal, file: UUID) -> list[bytes]:
    """Every photo as sent, by the file's own key alone, and its prepared copy."""
    found = []
    with portal.database.reading() as session:
        application = session.get_one(Application, file)
        for one in documents.of(session, application):
            assert one.sealed_for is None
            assert documents.open_copy(session, portal.blobs, one)
            place = documents.sent_place(file)
            sealed = portal.blobs.read(one.sent_blob)
            found.append(vault.unseal(session, application.key_id, sealed, place=place))
    return found


def discard(portal: Portal, file: UUID) -> None:
    with portal.database.writing() as session:
        application = session.get_one(Application, file)
        applications.discard(session, application, actor=files.owner(application), now=NOW)


def test_one_photo_is_in_every_draft_that_asks_it(portal: Portal) -> None:
    _home, dibao, yiliao, jiuye = household(portal, "dibao", "yiliao", "jiuye")
    photograph(portal, dibao, JPEG, "medical_bills")
    assert [len(photos(portal, f)) for f in (dibao, yiliao, jiuye)] == [1, 1, 0]
    photograph(portal, yiliao, JPEG, "medical_bills")
    assert [len(photos(portal, f)) for f in (dibao, yiliao, jiuye)] == [1, 1, 0]
    prepare(portal)
    assert opened(portal, dibao) == opened(portal, yiliao) == [JPEG]


def test_a_file_begun_later_has_the_photos_of_the_open_ones(portal: Portal) -> None:
    home, dibao = household(portal, "dibao")
    photograph(portal, dibao, JPEG, "id_card")
    prepare(portal)
    with portal.database.writing() as session:
        found, actor = home_of(session, home)
        later = [begin(portal, session, found, p, actor).id for p in ("yiliao", "cishan")]
    prepare(portal)
    assert opened(portal, later[0]) == [JPEG]
    assert photos(portal, later[1]) == []


def test_the_lender_thrown_away_at_once_loses_no_photo(portal: Portal) -> None:
    """Its key waits for the borrowers, then it is gone, and the sweep leaves what is needed."""
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    photograph(portal, dibao, JPEG, "medical_bills")
    discard(portal, dibao)
    with portal.database.reading() as session:
        assert not applications.readable(session, session.get_one(Application, dibao))
    assert lending.erase_due(portal.database, now=NOW) == 0
    sweeping.sweep(portal, now=utc_now().replace(year=2099))
    prepare(portal)
    assert lending.erase_due(portal.database, now=NOW) == 1
    assert lending.erase_due(portal.database, now=NOW) == 0
    sweeping.sweep(portal, now=utc_now().replace(year=2099))
    assert opened(portal, yiliao) == [JPEG]
    with portal.database.reading() as session:
        key = session.get_one(vault.DataKey, session.get_one(Application, dibao).key_id)
        assert key.wrapped is None


def test_the_borrower_thrown_away_takes_nothing_along(portal: Portal) -> None:
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    photograph(portal, dibao, JPEG, "medical_bills")
    discard(portal, yiliao)
    prepare(portal)
    sweeping.sweep(portal, now=utc_now().replace(year=2099))
    assert opened(portal, dibao) == [JPEG]


def test_the_same_photo_sent_again_under_another_item(portal: Portal) -> None:
    """A copy still under the lender's key is never taken for the file's own."""
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    photograph(portal, dibao, JPEG, "medical_bills")
    files.add_photo(portal, yiliao, JPEG, "illness_proof")
    prepare(portal)
    assert opened(portal, yiliao) == [JPEG, JPEG]


def test_a_photo_no_decoder_opens_is_sealed_anew_all_the_same(portal: Portal) -> None:
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    photograph(portal, dibao, next(iter(bad_photos.BROKEN.values())), "medical_bills")
    prepare(portal)
    with portal.database.reading() as session:
        (found,) = documents.of(session, session.get_one(Application, yiliao))
        assert (found.state, found.sealed_for) == (documents.UNREADABLE, None)


def test_taken_out_of_one_draft_it_is_out_of_all(portal: Portal) -> None:
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    unphotograph(portal, photograph(portal, dibao, JPEG, "medical_bills"))
    assert photos(portal, dibao) == photos(portal, yiliao) == []


def test_one_signature_stands_in_every_draft_that_asks_it(portal: Portal) -> None:
    _home, dibao, dibian, jiuye = household(portal, "dibao", "dibian", "jiuye")
    say(portal, dibao, files.LEAST)
    with portal.database.writing() as session:
        application = session.get_one(Application, dibao)
        who, program = files.owner(application), portal.catalogue.find("dibao")
        given = signatures.sign_on_screen(
            session, application, program, "applicant", files.STROKES, actor=who, now=NOW
        )
        for _twice in range(2):
            shared_papers.share_signature(
                session, application, given, portal.catalogue, actor=who, now=NOW
            )
    with portal.database.reading() as session:
        (lent,) = signatures.of(session, session.get_one(Application, dibian))
        drawn = signatures.strokes_of(session, session.get_one(Application, dibian), lent)
        assert drawn == files.STROKES
        assert signatures.of(session, session.get_one(Application, jiuye)) == []
        rows = select(Signature).where(Signature.application_id == dibian)
        assert len(session.scalars(rows).all()) == 2
    with portal.database.writing() as session:
        application = session.get_one(Application, dibao)
        shared_papers.withdraw_signature(
            session, application, program, "applicant", actor=who, now=NOW
        )
    with portal.database.reading() as session:
        assert signatures.of(session, session.get_one(Application, dibian)) == []
