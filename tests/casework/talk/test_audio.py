"""Voice messages: known by their bytes, a minute at most, read without being listened to."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.casework.talk import audio
from portal.foundation.errors import Invalid, Refusal, TooLarge, WrongType
from tests.casework.talk import recordings as r

MADE = {
    "amr": (r.amr, "amr"),
    "amr 宽带": (r.amr_wide, "amr"),
    "aac": (r.aac, "aac"),
    "mp3": (r.mp3, "mp3"),
    "mp3 带标签": (lambda s: r.mp3(s, tagged=True), "mp3"),
    "ogg opus": (r.ogg, "ogg"),
    "ogg vorbis": (lambda s: r.ogg(s, vorbis=True), "ogg"),
    "m4a": (r.m4a, "m4a"),
    "m4a 长整数": (lambda s: r.m4a(s, wide=True), "m4a"),
    "m4a 边录边写": (r.m4a_in_parts, "m4a"),
    "m4a 边录边写，逐个": (lambda s: r.m4a_in_parts(s, each=True), "m4a"),
    "webm 边录边写": (r.webm, "webm"),
    "webm 写了长度": (lambda s: r.webm(s, said=True), "webm"),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("seconds", [1, 7, 59])
def test_what_it_is_and_how_long(name, seconds):
    make, kind = MADE[name]
    found = audio.check(make(seconds))
    assert found.kind == kind
    assert found.seconds in (seconds, seconds + 1)


@pytest.mark.parametrize("name", MADE)
def test_longer_than_a_minute_is_refused_and_says_so(name):
    make, _kind = MADE[name]
    with pytest.raises(Invalid) as refused:
        audio.check(make(64))
    assert refused.value.code == "voice_too_long"


def test_a_phone_that_stops_a_little_late_is_no_fault():
    assert audio.check(r.amr(61)).seconds == 60


@pytest.mark.parametrize(
    "data",
    [b"x", b"\xff\xd8\xff\xe0" + bytes(100), b"%PDF-1.7", b"<html>", b"RIFF\x00\x00\x00\x00WAVE",
     b"\x1a\x45\xdf\xa3\x84\x42\x82\x88matroska", b"PK\x03\x04", b"\x00" * 40],
    ids=["一个字母", "照片", "PDF", "网页", "wav", "mkv", "压缩包", "零"],
)  # fmt: skip
def test_what_is_no_voice_is_refused(data):
    with pytest.raises(WrongType):
        audio.check(data)


def test_empty_and_too_large():
    with pytest.raises(Invalid):
        audio.check(b"")
    with pytest.raises(TooLarge):
        audio.check(r.amr(1) + bytes(audio.MOST_BYTES))


@pytest.mark.parametrize("name", MADE)
@given(at=st.floats(0, 1), junk=st.binary(max_size=40))
def test_whatever_is_cut_off_or_written_over_it_is_a_voice_or_refused(name, at, junk):
    make, _kind = MADE[name]
    whole = make(3)
    cut = int(len(whole) * at)
    try:
        found = audio.check(whole[:cut] + junk + whole[cut + len(junk) :])
    except Refusal:
        return
    assert found.seconds is None or 1 <= found.seconds <= audio.MOST_SECONDS


@given(st.sampled_from([make(1)[:12] for make, _kind in MADE.values()]), st.binary(max_size=300))
def test_any_bytes_after_a_head_are_read_to_an_end(head, rest):
    with suppress(Refusal):
        audio.check(head + rest)


@pytest.mark.parametrize("byte", [0, 1, 0x80, 0xFF])
@pytest.mark.parametrize("name", MADE)
def test_two_megabytes_of_one_byte_are_read_in_no_time(name, byte):
    head = MADE[name][0](1)[:60]
    data = head + bytes([byte]) * (audio.MOST_BYTES - len(head))
    begun = time.process_time()
    audio.length(data, audio.kind_of(data))
    assert time.process_time() - begun < 1
