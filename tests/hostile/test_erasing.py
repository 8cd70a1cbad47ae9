"""Erasing a person: keys destroyed, no word left, the record whole, what the law keeps is said."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import JSON, select

from portal import privacy_commands
from portal.assembly import opened
from portal.casework import erasing, file_rows, person_rows
from portal.cli import main
from portal.contact.tables import InboxMessage, TextMessage
from portal.filing.tables import Application, Document
from portal.foundation import audit, backup, erased, retention, vault
from portal.foundation.audit_tables import AuditEntry, AuditHead
from portal.foundation.database import Base
from portal.people import choices, households, mandates, sign_in, staff, wechat
from portal.people.access import Actor, Role
from portal.people.mandate_terms import Said
from portal.people.tables import Account
from portal.policy.lifecycle import Status
from tests.api.walk import Resident
from tests.casework import cases
from tests.handover import files

PHONE = "13812345678"
WORDS = {
    "name": "刘桂香", "number": "430923190001010010", "why": "老伴去年走了", "phone": PHONE,
    "second": "13900001111", "word": "䲜㼆", "openid": "o-erase-me-1", "helper": "周好心",
}  # fmt: skip


@pytest.fixture
def person(portal, client, now):
    """A resident with a draft, a photo, a household, WeChat, a helper; the account's number."""
    hers = Resident(client, portal, PHONE).sign_in()
    draft = hers.start()
    answers = {k: v for k, v in files.MORE.items() if k not in ("members", "household_place")}
    hers.fill_in(draft, **answers | {"phone": PHONE})
    hers.add_photo(draft, "bank_L1_00.jpg")
    with portal.database.writing() as session:
        account = sign_in.find_account(session, PHONE)
        choices.choose_word(session, account, WORDS["word"], now=now)
        choices.choose_second(session, account, WORDS["second"], now=now)
        wechat.bind(session, account, WORDS["openid"], now=now)
        wechat.tell_bound(session, account, now=now)
        who = Actor(Role.APPLICANT, account.id)
        home = households.start(session, account_id=account.id, actor=who, now=now)
        facts = {("applicant_name", "q"): households.Fact(WORDS["name"], "q", "2026", "x")}
        households.learn(session, home, facts, actor=who, now=now)
        said = Said(person=WORDS["name"], helper=WORDS["helper"])
        mandates.start(
            session, home, "kin", said, helper_phone="13900002222", actor=who, now=now
        )  # fmt: skip
        return account.id


@pytest.fixture
def both(portal, now):
    """Two members of staff, one an administrator: what each must type, and their numbers."""
    with portal.database.writing() as session:
        first, one, uri = staff.add(session, "guan", "关", Role.ADMINISTRATOR, "", now=now)
        second, two, other = staff.add(session, "shen", "审", Role.AUDITOR, "430923", now=now)
        return {"guan": (one, uri), "shen": (two, other)}, (first.id, second.id)


@pytest.fixture
def run(settings, monkeypatch, clock):
    monkeypatch.setattr(privacy_commands, "utc_now", clock)
    if settings.database_url:
        url = settings.database_url.replace("+psycopg", "")
        monkeypatch.setenv("DATABASE_URL", url)

    def command(*words: str, typed: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--data", str(settings.data), *words], input=typed)
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    return command


def typed(both, now):
    return "".join(f"{password}\n{staff.code_at(uri, now)}\n" for password, uri in both[0].values())


def erase(session, who, now, by=None):
    made = erasing.plan(session, session.get_one(Account, who), now=now)
    by = by or (uuid4(), uuid4())
    return erasing.carry_out(session, made, reason="asked", confirmed_by=by, now=now)


BOTH = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
SURE = ("--reason", "asked", "--confirm", "guan", "--confirm", "shen")


@BOTH
def test_nothing_is_left_of_a_person_and_the_record_holds(
    portal, settings, person, both, run, now, client
):
    with portal.database.reading() as session:
        key = session.get_one(Account, person).key_id
        wrapped = session.get_one(vault.DataKey, key).wrapped
        sealed = session.get_one(Account, person).phone_sealed
    assert settings.database_url or wrapped in everything(settings)
    killed = settings.data / ".backup-0123456789abcdef"
    killed.mkdir()
    (killed / "portal.sqlite").write_bytes(wrapped)
    blobs = len(list(portal.blobs.names()))
    said = run("erase-person", str(person), *SURE, typed=typed(both, now))
    assert "删掉了" in said
    assert not killed.exists(), "what a killed backup left"
    assert "2026年12月22日" in said
    raw = everything(settings)
    assert wrapped not in raw
    assert sealed not in raw
    assert not [name for name, word in WORDS.items() if word.encode() in raw]
    assert len(list(portal.blobs.names())) < blobs
    with portal.database.reading() as session:
        account = session.get_one(Account, person)
        assert (account.phone_index, account.phone_sealed) == (None, None)
        with pytest.raises(vault.Unreadable):
            vault.unseal(session, key, b"\x01" + bytes(40), place="x")
        for model in (InboxMessage, TextMessage):
            assert not session.scalars(select(model).where(model.account_id == person)).all()
        assert not session.scalars(select(Document)).all()
        assert audit.verify(session) == []
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.person")).one()
        assert str(person) in line.detail
        assert sorted(f"staff:{one}" for one in both[1])[0] in line.detail
    assert client.get("/api/me").status_code == 401


def test_the_number_opens_a_new_empty_account(portal, person, client, clock):
    with portal.database.writing() as session:
        erase(session, person, clock())
    clock.forward(minutes=2)
    hers = Resident(client, portal, PHONE).sign_in()
    me = hers.get("/api/me").json
    assert me["id"] != str(person)
    assert me["applications"] == []


def test_looked_at_first_nothing_is_changed(portal, settings, person, run):
    with portal.database.reading() as session:
        before = session.get(AuditHead, audit.SYSTEM_CHAIN).seq
    said = run("erase-person", typed=f"{PHONE}\n")
    assert "要删：1 份没交过" in said
    assert "什么也没动" in said
    assert PHONE not in said
    with portal.database.reading() as session:
        assert session.get(AuditHead, audit.SYSTEM_CHAIN).seq == before
        assert session.get_one(Account, person).phone_sealed


def test_two_people_say_yes(portal, person, both, run, now):
    """Nobody, one, one twice, no administrator, a wrong code: nothing is erased."""
    for confirm in ([], ["guan"], ["guan", "guan"], ["shen", "shen"]):
        words = [word for name in confirm for word in ("--confirm", name)]
        assert "两个人" in run("erase-person", str(person), "--reason", "asked", *words, code=1)
    run("erase-person", str(person), *SURE, typed="x\n000000\nx\n000000\n", code=1)
    with portal.database.writing() as session:
        _two, one, uri = staff.add(session, "er", "二", Role.AUDITOR, "430923", now=now)
    typed_in = f"{one}\n{staff.code_at(uri, now)}\n" + typed(both, now).split("\n", 2)[2]
    named = ("--reason", "asked", "--confirm", "er", "--confirm", "shen")
    assert "要有一个管理员" in run("erase-person", str(person), *named, typed=typed_in, code=1)
    with portal.database.reading() as session:
        assert session.get_one(Account, person).phone_sealed


def test_a_running_file_keeps_the_account_and_drafts_go(portal, now):
    handed_in = cases.accepted(portal)
    with portal.database.writing() as session:
        account_id = cases.file_of(session, handed_in).account_id
        made = erasing.plan(session, session.get_one(Account, account_id), now=now)
        assert [why for _what, why in made.stays][0] == erasing.RUNNING
        assert not made.with_account
        erase(session, account_id, now)
        assert session.get_one(Account, account_id).phone_sealed
        assert cases.file_of(session, handed_in).answers_sealed


def close(portal, file_id, now):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        file.status, file.closed_at = Status.DENIED, now
        return file.account_id


def test_a_closed_file_is_an_archive_and_its_period_is_never_guessed(portal, now):
    file_id = cases.handed_in(portal)
    account_id = close(portal, file_id, now)
    later = now + timedelta(days=36500)
    with portal.database.writing() as session:
        made = erasing.plan(session, session.get_one(Account, account_id), now=later)
        assert made.stays == [
            (f"申请 {cases.file_of(session, file_id).reference_no}", erasing.ARCHIVED)
        ]
        assert "以受理地" in erasing.ARCHIVED
        assert made.with_account
        erase(session, account_id, later)
        assert session.get_one(Account, account_id).phone_sealed is None
        assert cases.file_of(session, file_id).answers_sealed


def test_with_a_published_period_it_goes_on_the_day_and_only_there(portal, now, monkeypatch):
    rule = {"years": 10, "source": "样例，不是真的规定"}
    monkeypatch.setattr(retention, "_read", lambda: {"archive": {"430923": rule}})
    file_id = cases.handed_in(portal)
    account_id = close(portal, file_id, now)
    with portal.database.writing() as session:
        account = session.get_one(Account, account_id)
        early = erasing.plan(session, account, now=now + timedelta(days=3600))
        assert early.stays[0][1] == "救助档案要保存10年（样例，不是真的规定）。"
        done = erase(session, account_id, now + timedelta(days=3660))
        assert done.rows["submissions"] == 1
        assert done.blobs
        file = cases.file_of(session, file_id)
        assert (file.answers_sealed, file.household_index) == (b"", None)
        assert audit.verify(session) == []


def test_a_person_without_an_account_is_found_by_the_file(portal, now):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        file.account_id, file.submission_no = None, 0
        found = erasing.find(session, file.reference_no)
        made = erasing.plan(session, found, now=now)
        assert [one.id for one in made.gone] == [file_id]
        by = (uuid4(), uuid4())
        erasing.carry_out(session, made, reason="asked", confirmed_by=by, now=now)
        assert cases.file_of(session, file_id).answers_sealed == b""


def test_an_older_backup_is_erased_again_when_it_is_restored(
    portal, settings, person, tmp_path, now
):
    folder = tmp_path / "backups"
    folder.mkdir()
    backup.make(settings, folder / "old", passphrase="红薯", now=now)
    with portal.database.writing() as session:
        key = session.get_one(Account, person).key_id
        erase(session, person, now)
    backup.make(settings, folder / "new", passphrase="红薯", now=now)
    assert str(key) in (folder / erased.NAME).read_text()
    backup.restore(settings, folder / "old", tmp_path / "again", passphrase="红薯")
    assert opened_key(tmp_path / "again", settings, key) is None
    (folder / erased.NAME).unlink()
    backup.restore(settings, folder / "old", tmp_path / "without", passphrase="红薯")
    assert opened_key(tmp_path / "without", settings, key) is not None, "the control"


def opened_key(folder, settings, key: UUID):
    with opened(replace(settings, data=folder)) as restored, restored.database.reading() as session:
        return session.get_one(vault.DataKey, key).wrapped


def test_every_column_that_names_an_account_is_treated():
    """A new table that says whose it is: add it to BY_ACCOUNT, or say in STAY why it stays."""
    treated = {str(column) for column in person_rows.BY_ACCOUNT} | set(person_rows.STAY)
    named = set()
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            refers = any(key.column.table.name == "accounts" for key in column.foreign_keys)
            if refers or column.name == "account_id":
                named.add(f"{mapper.class_.__name__}.{column.name}")
    assert named <= treated
    assert treated - named == {"Account.id", "Household.created_by"}


@BOTH
def test_every_row_of_a_file_goes_whatever_table_it_is_in(portal, now):
    """One made-up row in every table that hangs on an application."""
    file_id, other = files.draft(portal, files.LEAST), files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        tables = set(file_rows.of([file_id]))
        assert len(tables) > 45
        for one in (file_id, other):
            fill(session, one, tables)
        done = file_rows.remove(session, [file_id])
        assert set(done.rows) == tables
        assert len(done.blobs) >= 6
        for name in tables:
            where = file_rows.of([other])[name]
            assert session.execute(select(Base.metadata.tables[name]).where(where)).all(), name
    hangs = {t.name for t in Base.metadata.sorted_tables if "application_id" in t.c}
    assert hangs <= tables | set(file_rows.STAY)


def fill(session: Any, file_id: UUID, tables: set[str]) -> None:
    file = session.get_one(Application, file_id)
    made = {
        "applications": {"id": file_id}, "accounts": {"id": file.account_id},
        "data_keys": {"id": file.key_id},
    }  # fmt: skip
    for table in Base.metadata.sorted_tables:
        if table.name in tables:
            values = ((column.name, _value(column, made)) for column in table.c)
            row = {name: value for name, value in values if value is not None}
            row |= {"application_id": file_id} if "application_id" in table.c else {}
            session.execute(table.insert().values(**row))
            made[table.name] = row


def _value(column: Any, made: dict[str, Any]) -> Any:
    for key in column.foreign_keys:
        return made.get(key.column.table.name, {}).get(key.column.name)
    return None if column.nullable and not column.name.endswith("blob") else _some(column)


def _some(column: Any) -> Any:
    if isinstance(column.type, JSON):
        return {}
    kind = column.type.python_type
    known = {
        str: uuid4().hex[: getattr(column.type, "length", None) or 32], bytes: uuid4().bytes,
        int: 1, bool: False, object: datetime(2026, 1, 1, tzinfo=UTC), date: date(2026, 1, 1),
        UUID: uuid4(),
    }  # fmt: skip
    return known[kind]


def everything(settings) -> bytes:
    """Every byte of the data folder."""
    return b"\n".join(p.read_bytes() for p in sorted(settings.data.rglob("*")) if p.is_file())
