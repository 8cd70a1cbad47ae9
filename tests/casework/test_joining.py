"""One person is one account: begun in WeChat, filed by phone; nothing lost, nothing doubled."""

import pytest
from sqlalchemy import select

from portal.casework import joining
from portal.contact import inbox, messages
from portal.contact.tables import ContactChoice
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import idempotency, vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.database import Base
from portal.foundation.errors import Conflict, Invalid
from portal.people import (
    appointments,
    choices,
    consents,
    households,
    sign_in,
    wechat,
    wechat_quotas,
)
from portal.people.access import Actor, Role
from portal.people.tables import Account, RefreshToken
from tests.handover import files
from tests.people import assistants

ALICE, BOB = "oAlice_0123456789abcdefghijk", "oBob_0123456789abcdefghijklm"
PHONE = "13812345678"


@pytest.fixture
def session(portal):
    with portal.database.writing() as opened:
        yield opened


@pytest.fixture
def begun(session, portal, now):
    """What somebody began in WeChat: consents, a family, a draft, a message, a word, quotas."""
    account = wechat.open_account(session, ALICE, now=now)
    actor = Actor(Role.APPLICANT, account.id)
    consents.give(session, account, consents.KINDS, now=now)
    home = households.start(session, account_id=account.id, actor=actor, now=now)
    program = portal.catalogue.find("dibao")
    file = applications.start(
        session, program, account_id=account.id, household_id=home.id, actor=actor, now=now
    )
    inbox.put(session, account.id, "progress", key_id=account.key_id, now=now)
    choices.choose_word(session, account, "荷花", now=now)
    wechat_quotas.note(session, account, {"submitted": "accept"}, now=now)
    idempotency.claim(session, "k1", actor=str(actor), route="/api/x", request=b"r", now=now)
    place = idempotency.place(actor=str(actor), route="/api/x", key="k1")
    answer = vault.seal_text(session, account.key_id, "said", place=place)
    idempotency.answered(
        session, "k1", actor=str(actor), route="/api/x", status=201, answer=answer,
        key_id=account.key_id,
    )  # fmt: skip
    sign_in.issue(session, account=account, now=now)
    return account, file.id


def with_number(session, now, phone=PHONE):
    return sign_in.open_account(session, phone, now=now)


def test_a_number_nobody_has_becomes_the_accounts(session, begun, now):
    account, _file = begun
    assert joining.take_phone(session, account, PHONE, now=now) == (account, False)
    assert sign_in.phone_of(session, account).value == PHONE
    assert joining.take_phone(session, account, PHONE, now=now) == (account, False)
    with pytest.raises(Conflict) as refused:
        joining.take_phone(session, account, "13900000001", now=now)
    assert refused.value.code == "phone_set"
    with pytest.raises(Invalid):
        joining.take_phone(session, wechat.open_account(session, BOB, now=now), "110", now=now)


def test_everything_begun_in_weixin_comes_along(session, begun, now):
    gone, file_id = begun
    stays = with_number(session, now)
    assert joining.take_phone(session, gone, PHONE, now=now) == (stays, True)
    assert [a.id for a in applications.mine(session, stays.id)] == [file_id]
    assert applications.mine(session, gone.id) == []
    assert len(households.of_account(session, stays.id)) == 1
    assert consents.missing(session, stays) == []
    assert [m.template for m in inbox.of(session, stays.id)] == ["progress"]
    assert choices.of(session, stays).word == "荷花"
    assert wechat_quotas.of(session, stays) == [("submitted", 1, "accept")]
    assert wechat.account_of(session, ALICE).id == stays.id
    found = idempotency.claim(
        session, "k1", actor=f"applicant:{stays.id}", route="/api/x", request=b"r", now=now
    )
    place = idempotency.place(actor=f"applicant:{stays.id}", route="/api/x", key="k1")
    assert vault.unseal_text(session, found.key_id, found.answer, place=place) == "said"
    assert set(session.scalars(select(RefreshToken.revoked_at))) == {now}
    [line] = session.scalars(select(AuditEntry).where(AuditEntry.action == "join.accounts"))
    assert str(gone.id) in line.detail


def test_what_the_number_chose_itself_counts(session, begun, now):
    gone, _file = begun
    stays = with_number(session, now)
    choices.choose_word(session, stays, "喜鹊", now=now)
    joining.join(session, gone, into=stays, now=now)
    assert choices.of(session, stays).word == "喜鹊"
    assert session.get(ContactChoice, gone.id) is None


def test_an_account_that_holds_files_opens_only_to_a_code_by_text(portal, now):
    """WeChat may have checked the number long ago: it may be somebody else's by now."""
    file_id = files.draft(portal, files.LEAST, phone=PHONE)
    with portal.database.writing() as session:
        mine = wechat.open_account(session, ALICE, now=now)
        with pytest.raises(Conflict) as refused:
            joining.take_phone(session, mine, PHONE, now=now)
        assert refused.value.code == "sms_code_needed"
        assert applications.mine(session, mine.id) == []
        owner = with_number(session, now)
        assert [a.id for a in applications.mine(session, owner.id)] == [file_id]


def test_an_assistants_account_opens_only_to_a_code_by_text(session, now):
    """Before anybody has taken the appointment up, and after."""
    assistants.appoint(session, PHONE, now=now)
    mine = wechat.open_account(session, ALICE, now=now)
    for _before_and_after in range(2):
        with pytest.raises(Conflict) as refused:
            joining.take_phone(session, mine, PHONE, now=now)
        assert refused.value.code == "sms_code_needed"
        appointments.take_up(session, with_number(session, now), now=now)


def test_signed_in_by_code_the_weixin_is_joined_and_the_number_told(portal, begun, session, now):
    gone, file_id = begun
    mine = with_number(session, now)
    own = applications.start(
        session, portal.catalogue.find("linshi"), account_id=mine.id,
        actor=Actor(Role.APPLICANT, mine.id), now=now,
    )  # fmt: skip
    assert joining.bind(session, mine, ALICE, now=now)
    assert {a.id for a in applications.mine(session, mine.id)} == {file_id, own.id}
    assert not joining.bind(session, mine, ALICE, now=now)
    texts = [m.text for m in messages.latest(session)]
    assert texts == ["【救助通】口令：荷花。有微信连上了您的账户。不是您，请打12349。"]
    assert gone.phone_index is None


def test_a_weixin_with_a_number_of_its_own_is_not_taken(session, begun, now):
    other, file_id = begun
    joining.take_phone(session, other, "13900000001", now=now)
    mine = with_number(session, now)
    with pytest.raises(Conflict) as refused:
        joining.bind(session, mine, ALICE, now=now)
    assert refused.value.code == "wechat_taken"
    assert session.get_one(Application, file_id).account_id == other.id


def test_every_column_that_names_an_account_is_treated():
    """A new table that says whose it is: add it to MOVED, or say here what becomes of it."""
    treated = {str(column) for column in joining.MOVED} | {
        "RefreshToken.account_id", "ContactChoice.account_id", "WechatBinding.account_id",
        "WechatQuota.account_id",
    }  # fmt: skip
    treated |= {
        "Appointment.account_id", "SecondFactor.account_id", "KnownDevice.account_id",
        "RosterVisit.account_id",
    }  # fmt: skip
    """Assistants are appointed by their number: an account that goes has none."""
    named = set()
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            refers = any(key.column.table.name == "accounts" for key in column.foreign_keys)
            if refers or column.name == "account_id":
                named.add(f"{mapper.class_.__name__}.{column.name}")
    assert named <= treated
    assert Account.__tablename__ == "accounts"
