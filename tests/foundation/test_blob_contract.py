"""What a blob store promises, the same in a folder and in a bucket of a real object store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest

from portal.assembly import open_blobs, opened
from portal.foundation import backup
from portal.foundation.backup import NotRestored
from portal.foundation.blobs import SLICES, Blobs
from portal.foundation.errors import Busy
from portal.foundation.settings import Settings, WrongSettings
from portal.serving import free_port
from tests.conftest import NOW

DATA = b"sealed" * 1000
WORDS = "红薯 稻谷 板栗"
pytestmark = [pytest.mark.timeout(120), pytest.mark.sqlite_first]


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def blobs(request: pytest.FixtureRequest, settings: Settings) -> Blobs:
    if request.param == "bucket":
        settings = request.getfixturevalue("in_bucket")
    store = open_blobs(settings)
    store.prepare()
    return store


def test_a_blob_is_named_by_its_digest_and_comes_back(blobs: Blobs) -> None:
    assert blobs.answers()
    name = blobs.put(DATA)
    assert name == sha256(DATA).hexdigest()
    assert blobs.read(name) == DATA
    assert list(blobs.names()) == [name]


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    assert blobs.put(DATA) == blobs.put(DATA)
    assert len(list(blobs.names())) == 1


def test_a_big_one_is_whole(blobs: Blobs) -> None:
    """Above what object stores like to cut into parts."""
    data = bytes(range(256)) * 64 * 1024
    assert blobs.read(blobs.put(data)) == data


def test_names_are_sorted(blobs: Blobs) -> None:
    expected = sorted(blobs.put(bytes([number])) for number in range(20))
    assert list(blobs.names()) == expected


def test_a_deleted_blob_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    name = blobs.put(DATA)
    blobs.delete(name)
    blobs.delete(name)
    assert list(blobs.names()) == []
    with pytest.raises(FileNotFoundError):
        blobs.read(name)


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "aa/" + "a" * 61],
)
def test_only_a_digest_is_a_name(blobs: Blobs, name: str) -> None:
    for verb in (blobs.read, blobs.delete):
        with pytest.raises(ValueError, match="not a blob name"):
            verb(name)


def test_the_sweep_takes_what_is_old_and_unnamed(blobs: Blobs) -> None:
    kept, gone = blobs.put(b"kept"), blobs.put(b"gone")
    real = datetime.now(UTC)
    later = real + timedelta(days=1, minutes=5)
    assert blobs.sweep(gone[:2], lambda _: {kept}, now=real) == 0, "a row may still come for it"
    others = [p for p in SLICES if p != gone[:2]]
    assert [blobs.sweep(p, lambda _: {kept}, now=later) for p in others] == [0] * 255
    assert blobs.sweep(gone[:2], lambda _: {kept}, now=later) == 1
    assert list(blobs.names()) == [kept]
    with pytest.raises(FileNotFoundError):
        blobs.read(gone)


def test_a_slice_is_what_begins_so(blobs: Blobs) -> None:
    whole = sorted(blobs.put(bytes([number])) for number in range(40))
    assert [name for p in SLICES for name in blobs.names(p)] == whole
    assert list(blobs.names(whole[7][:63])) == [whole[7]]


def test_slices_grow_thinner_as_the_store_grows(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than a hundred thousand names are ever held at once."""
    whole = sorted(blobs.put(bytes([number])) for number in range(40))
    assert list(blobs.slices()) == [""]
    for about, many in ((99_000, 1), (101_000, 16), (1_700_000, 256), (30_000_000, 4096)):
        there = iter(["00" + "0" * 62] * (about // 256))
        with monkeypatch.context() as patched:
            patched.setattr(blobs, "names", lambda prefix="", there=there: there)
            slices = list(blobs.slices())
        assert len(slices) == many
    assert [name for p in slices[::16] for name in blobs.names(p[:2])] == whole


def test_what_is_stored_while_the_sweep_looks_stays(blobs: Blobs) -> None:
    """Between its listing and its reading the rows; however wrong the clock stands."""
    gone, stored = blobs.put(b"gone"), list[str]()

    def named(_prefix: str) -> set[str]:
        data = next(b"%d" % n for n in count() if sha256(b"%d" % n).hexdigest()[:2] == gone[:2])
        stored.append(blobs.put(data))
        return set()

    assert blobs.sweep(gone[:2], named, now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert list(blobs.names()) == stored


def test_preparing_twice_loses_nothing(blobs: Blobs) -> None:
    name = blobs.put(DATA)
    blobs.prepare()
    assert blobs.read(name) == DATA


@pytest.mark.s3
def test_two_installations_in_one_bucket_do_not_see_each_other(in_bucket: Settings) -> None:
    other = open_blobs(replace(in_bucket, blob_url=in_bucket.blob_url + "-other"))
    name = other.put(DATA)
    here = open_blobs(in_bucket)
    assert list(here.names()) == []
    with pytest.raises(FileNotFoundError):
        here.read(name)


@pytest.mark.s3
@pytest.mark.parametrize(
    "change",
    [{"s3_secret": "wrong"}, {"s3_key": "nobody"}, {"blob_url": "s3://not-made/here"},
     {"blob_url": "s3://"}, {"blob_url": "/srv/blobs"}, {"s3_endpoint": ""}],
    ids=["密码不对", "没有这个账号", "没有这个桶", "没有桶", "不是桶", "没有地址"],
)  # fmt: skip
def test_a_store_that_cannot_be_used_stops_the_start(
    in_bucket: Settings, change: dict[str, str]
) -> None:
    with pytest.raises(WrongSettings, match="PORTAL_BLOBS"):
        open_blobs(replace(in_bucket, **change)).prepare()


@pytest.mark.s3
def test_a_store_that_is_away_is_said(in_bucket: Settings) -> None:
    blobs = open_blobs(replace(in_bucket, s3_endpoint=f"http://127.0.0.1:{free_port()}"))
    assert not blobs.answers()
    for verb in (blobs.prepare, lambda: blobs.put(DATA), lambda: blobs.read("a" * 64)):
        with pytest.raises(Busy, match="照片还在您的手机上") as refusal:
            verb()
        assert (refusal.value.code, refusal.value.retry_after) == ("storage", 30)


@pytest.mark.s3
def test_a_backup_leaves_a_bucket_to_the_store_and_says_so(in_bucket, tmp_path) -> None:
    file = tmp_path / "one.backup"
    with opened(in_bucket) as portal:
        name = portal.blobs.put(DATA)
    made = backup.make(in_bucket, file, passphrase=WORDS, now=NOW)
    assert (made.blobs, made.elsewhere) == (0, in_bucket.blob_url)
    if in_bucket.database_url:
        return
    with pytest.raises(NotRestored, match="对象存储 s3://papers"):
        backup.restore(Settings(data=tmp_path), file, tmp_path / "new", passphrase=WORDS)
    backup.restore(in_bucket, file, tmp_path / "new", passphrase=WORDS)
    with opened(replace(in_bucket, data=tmp_path / "new")) as restored:
        assert restored.blobs.read(name) == DATA
