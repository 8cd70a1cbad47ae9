"""What a phone seals opens here and nowhere else, under every key there was."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.assembly import open_portal
from portal.foundation import rotation, sealed_box
from portal.foundation.sealed_box import NotForUs
from portal.foundation.settings import Settings
from tests import sealing


@pytest.fixture(scope="module")
def box(template):
    """A key to seal to, and what opens it; the same for many tries."""
    portal = open_portal(Settings(data=template))
    with portal.database.reading() as session:
        yield sealed_box.public_key(session), lambda text: sealed_box.opened(session, text)
    portal.database.engine.dispose()


@settings(max_examples=60)
@given(plain=st.binary(max_size=4000))
def test_whatever_a_phone_seals_opens(box, plain: bytes) -> None:
    key, opened = box
    envelope = sealing.sealed(key, plain)
    assert len(envelope) == len(plain) + sealed_box.OVERHEAD
    assert opened(envelope) == plain


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_altered_or_cut_is_noticed(box, data: st.DataObject) -> None:
    key, opened = box
    envelope = bytearray(sealing.sealed(key, b"secret"))
    if data.draw(st.booleans()):
        envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del envelope[data.draw(st.integers(0, len(envelope) - 1)) :]
    with pytest.raises(NotForUs):
        opened(bytes(envelope))


@settings(max_examples=60)
@given(noise=st.binary(max_size=400))
def test_noise_is_no_envelope(box, noise: bytes) -> None:
    key, opened = box
    for envelope in (noise, key[:4] + noise):
        with pytest.raises(NotForUs):
            opened(envelope)


def test_a_new_master_key_and_a_new_key_for_phones_open_what_the_old_ones_did(portal, now) -> None:
    with portal.database.reading() as session:
        old = sealed_box.public_key(session)
    envelope = sealing.sealed(old, b"secret")
    assert rotation.rotate(portal.settings, now=now)
    with portal.database.writing() as session:
        assert sealed_box.opened(session, envelope) == b"secret"
        sealed_box.renew(session, now=now + timedelta(days=1))
    again = open_portal(portal.settings)
    with again.database.reading() as session:
        new = sealed_box.public_key(session)
        assert new != old
        assert sealed_box.opened(session, sealing.sealed(new, b"new")) == b"new"
        assert sealed_box.opened(session, envelope) == b"secret"
    again.database.engine.dispose()
    with portal.database.reading() as session:
        assert sealed_box.opened(session, sealing.sealed(new, b"new")) == b"new"
