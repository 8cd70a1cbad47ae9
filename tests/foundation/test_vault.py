"""Sealing: opens only in its place, with its key, under its master key."""

import base64
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.foundation import installation, master_key, vault
from portal.foundation.settings import Settings, WrongSettings
from portal.foundation.vault import Unreadable, Vault

PLACE = "applications.answers_sealed:1"


@pytest.fixture
def session(portal):
    with portal.database.writing() as session:
        yield session


@pytest.fixture
def key(session, now):
    return vault.new_key(session, "application", now=now)


def test_what_is_sealed_opens(session, key):
    sealed = vault.seal_text(session, key, "王秀英", place=PLACE)
    assert "王秀英".encode() not in sealed
    assert vault.unseal_text(session, key, sealed, place=PLACE) == "王秀英"


def test_the_same_words_never_look_the_same(session, key):
    assert vault.seal(session, key, b"x", place=PLACE) != vault.seal(
        session, key, b"x", place=PLACE
    )


def test_moved_ciphertext_does_not_open(session, key):
    sealed = vault.seal(session, key, b"x", place=PLACE)
    with pytest.raises(Unreadable):
        vault.unseal(session, key, sealed, place="applications.answers_sealed:2")


def test_another_key_does_not_open(session, key, now):
    other = vault.new_key(session, "application", now=now)
    with pytest.raises(Unreadable):
        vault.unseal(session, other, vault.seal(session, key, b"x", place=PLACE), place=PLACE)


def test_every_flipped_bit_is_noticed(session, key):
    sealed = vault.seal(session, key, b"secret", place=PLACE)
    for number in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[number // 8] ^= 1 << number % 8
        with pytest.raises(Unreadable):
            vault.unseal(session, key, bytes(flipped), place=PLACE)


def test_a_destroyed_key_opens_nothing_any_more(portal, now):
    with portal.database.writing() as session:
        key = vault.new_key(session, "person", now=now)
        sealed = vault.seal(session, key, b"x", place=PLACE)
        vault.destroy_key(session, key, now=now)
        with pytest.raises(Unreadable):
            vault.unseal(session, key, sealed, place=PLACE)
    with portal.database.reading() as session, pytest.raises(Unreadable):
        vault.unseal(session, key, sealed, place=PLACE)


def test_an_unknown_key_is_told_like_a_destroyed_one(session):
    with pytest.raises(Unreadable):
        vault.unseal(session, uuid4(), b"\x01" + bytes(40), place=PLACE)


def test_another_master_key_opens_no_data_key(session, key):
    wrapped = session.get(vault.DataKey, key).wrapped
    with pytest.raises(Unreadable, match="master key"):
        Vault(bytes(32)).unwrap(key, wrapped)


def test_a_blind_index_finds_equals_and_tells_kinds_apart(session):
    phone = vault.blind_index(session, "phone", "13812345678")
    assert phone == vault.blind_index(session, "phone", "13812345678")
    assert phone != vault.blind_index(session, "id_number", "13812345678")
    assert phone != vault.blind_index(session, "phone", "13812345679")
    assert len(phone) == 32


def test_own_keys_are_all_there_and_differ(session):
    keys = {vault.own_key(session, purpose) for purpose in vault.OWN_KEYS}
    assert len(keys) == len(vault.OWN_KEYS)


def test_the_master_key_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path):
    settings = Settings(data=tmp_path)
    master_key.make(settings)
    path = master_key.path_of(settings)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        master_key.make(settings)


def test_without_a_master_key_nothing_starts(tmp_path):
    with pytest.raises(WrongSettings, match="portal init"):
        vault.open_vault(Settings(data=tmp_path))


def test_a_master_key_of_the_wrong_length_is_refused(tmp_path):
    with pytest.raises(WrongSettings, match="32 bytes"):
        vault.open_vault(Settings(data=tmp_path, master_key=base64.b64encode(b"short").decode()))


def test_a_master_key_from_the_environment_leaves_no_file(tmp_path, now):
    text = base64.b64encode(bytes(range(32))).decode()
    settings = Settings(data=tmp_path, master_key=text)
    installation.install(settings, now=now)
    assert not master_key.path_of(settings).exists()
    assert replace(settings, master_key="").data == tmp_path


@given(plain=st.binary(max_size=200))
def test_any_bytes_come_back(plain):
    key_id, box = uuid4(), Vault(bytes(32))
    assert box.unwrap(key_id, box.wrap(key_id, plain)) == plain
