"""The bounded process: any bytes give a clean copy or a word, and nothing breaks."""

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.filing import documents, photo_header
from portal.filing.photo_process import Died, PhotoProcess, Prepared, Unreadable
from portal.foundation.errors import Refusal
from tests.filing import bad_photos

_DRAWN = {0xC0, 0xC4, 0xDA, 0xDB, 0xDD}
"""Markers that carry the picture itself (frame, tables, scan)."""


@pytest.fixture(scope="module")
def process() -> Iterator[PhotoProcess]:
    with PhotoProcess() as running:
        yield running


def markers(jpeg: bytes) -> set[int]:
    """Of all segments before the pixels; 0xE0 is the JFIF header."""
    at, found = 2, set()
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def assert_clean(prepared: Prepared) -> None:
    for jpeg in (prepared.jpeg, prepared.thumbnail):
        assert markers(jpeg) <= _DRAWN | {0xE0}
        assert jpeg.endswith(b"\xff\xd9")
        assert jpeg.count(b"\xff\xd8\xff") == 1
        for trace in (b"Exif", b"GPS", b"Sample", b"<script", b"<?php", b"PK\x03\x04", b"DROP"):
            assert trace not in jpeg
    assert max(prepared.width, prepared.height) <= 2000


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # said by this test's own look at the photo
@pytest.mark.parametrize("name", bad_photos.TAKEN)
def test_what_can_be_opened_becomes_a_clean_upright_copy(process: PhotoProcess, name: str) -> None:
    photo = bad_photos.TAKEN[name]
    documents.check(photo, None)
    prepared = process.prepare(photo)
    assert_clean(prepared)
    with Image.open(io.BytesIO(prepared.jpeg)) as copy, Image.open(io.BytesIO(photo)) as sent:
        turned = name.startswith("方向6")
        assert copy.size == (sent.size[::-1] if turned else sent.size)
        assert copy.size == (prepared.width, prepared.height)


@pytest.mark.parametrize("name", bad_photos.REFUSED)
def test_what_must_not_come_in_is_refused_at_once(name: str) -> None:
    photo, code = bad_photos.REFUSED[name]
    with pytest.raises(Refusal) as refusal:
        documents.check(photo, None)
    assert refusal.value.code == code
    assert refusal.value.fields["photo"]


@pytest.mark.parametrize("name", bad_photos.REFUSED)
def test_what_was_refused_would_not_hurt_the_process_either(
    process: PhotoProcess, name: str
) -> None:
    with suppress(Unreadable):
        assert_clean(process.prepare(bad_photos.REFUSED[name][0]))


@pytest.mark.parametrize("name", bad_photos.BROKEN)
def test_what_is_broken_inside_is_found_out(process: PhotoProcess, name: str) -> None:
    documents.check(bad_photos.BROKEN[name], None)
    before = time.monotonic()
    with pytest.raises(Unreadable):
        process.prepare(bad_photos.BROKEN[name])
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_random_damage_gives_a_copy_or_a_word(process: PhotoProcess, kind: str) -> None:
    chance = random.Random(kind)
    whole = bad_photos.encoded(bad_photos.card(), kind)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(Refusal):
            documents.check(bytes(damaged), None)
        with suppress(Unreadable):
            assert_clean(process.prepare(bytes(damaged)))
    assert process.prepare(whole).width == 480


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP"]),
    rest=st.binary(max_size=200),
)
def test_any_bytes_are_a_photo_or_refused(start: bytes, rest: bytes) -> None:
    with suppress(Refusal):
        documents.check(start + rest, None)


@pytest.mark.parametrize("cut", range(12, 700, 23))
def test_every_cut_is_noticed(cut: int) -> None:
    for photo in ("普通JPEG", "普通PNG", "普通WebP"):
        with pytest.raises(Refusal):
            documents.check(bad_photos.TAKEN[photo][:-cut], None)


@pytest.mark.parametrize(
    "name", ["hukou_L1_00_12mp.jpg", "bill_L1_01_12mp.jpg", "disab_L1_00_12mp.jpg"]
)
def test_a_phone_photo_loses_its_place_and_maker(process: PhotoProcess, name: str) -> None:
    photo = bad_photos.sample(name)
    assert b"SampleMaker" in photo
    prepared = process.prepare(photo)
    assert_clean(prepared)
    assert (prepared.width, prepared.height, prepared.advice) == (2000, 1500, ())
    with Image.open(io.BytesIO(prepared.jpeg)) as copy, Image.open(io.BytesIO(photo)) as sent:
        assert not copy.getexif()
        assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        upright = copy.size if sent.getexif().get(0x0112, 1) < 5 else copy.size[::-1]
        assert (sent.width > sent.height) == (upright[0] > upright[1])
    with Image.open(io.BytesIO(prepared.thumbnail)) as small:
        assert max(small.size) == 320


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(process: PhotoProcess, orientation: int) -> None:
    upright = Image.new("RGB", (600, 400), "white")
    upright.paste("red", (0, 0, 300, 200))
    back = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }  # fmt: skip
    kept = upright
    for turn in back[orientation]:
        kept = kept.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = process.prepare(bad_photos.encoded(kept, "JPEG", exif=exif))
    with Image.open(io.BytesIO(prepared.jpeg)) as copy:
        assert copy.size == (600, 400)
        corners = [copy.getpixel(at) for at in ((50, 50), (550, 50), (50, 350), (550, 350))]
    assert [colour[1] < 128 for colour in corners] == [True, False, False, False]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("id_front_L1_00.jpg", ()),
        ("bank_L1_00.jpg", ()),
        ("hukou_L1_01.jpg", ()),
        ("bill_L1_00.jpg", ()),
        ("hukou_L2_00.jpg", ("blurry",)),
        ("bill_L2_00.jpg", ("blurry",)),
        ("disab_L2_00.jpg", ("blurry",)),
    ],
)
def test_advice_on_blur(process: PhotoProcess, name: str, advice: tuple[str, ...]) -> None:
    assert process.prepare(bad_photos.sample(name)).advice == advice


def test_advice_on_dark_and_small(process: PhotoProcess) -> None:
    with Image.open(bad_photos.SAMPLES / "bill_L1_00.jpg") as bill:
        night = bill.point(lambda value: value // 6)
        small = bill.resize((640, 480))
    assert "dark" in process.prepare(bad_photos.encoded(night, "JPEG", quality=95)).advice
    assert "small" in process.prepare(bad_photos.encoded(small, "JPEG")).advice


def test_white_shows_through_transparent_parts(process: PhotoProcess) -> None:
    clear = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    with Image.open(io.BytesIO(process.prepare(bad_photos.encoded(clear, "PNG")).jpeg)) as copy:
        assert copy.getpixel((200, 200)) == (255, 255, 255)


def test_a_big_photo_stays_within_the_memory(process: PhotoProcess) -> None:
    big = bad_photos.encoded(Image.new("RGB", (8000, 8000), "white"), "JPEG")
    assert process.prepare(big).width == 2000


def test_a_killed_child_is_replaced() -> None:
    with PhotoProcess() as process:
        photo = bad_photos.TAKEN["普通JPEG"]
        process.prepare(photo)
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        with suppress(Died):
            process.prepare(photo)
        assert process.prepare(photo).width == 480
        assert process.pid != first


def test_killed_in_the_middle_is_said_and_the_next_photo_works() -> None:
    with PhotoProcess() as process:
        photo = bad_photos.TAKEN["普通JPEG"]
        process.prepare(photo)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (process.pid, signal.SIGKILL)).start()
        with pytest.raises(Died):
            process.prepare(photo)
        assert process.prepare(photo).width == 480


def test_a_child_that_hangs_is_killed_in_time() -> None:
    with PhotoProcess(seconds=0.5) as process:
        photo = bad_photos.TAKEN["普通JPEG"]
        process.prepare(photo)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        before = time.monotonic()
        with pytest.raises(Died):
            process.prepare(photo)
        assert time.monotonic() - before < 5
        assert process.pid is None


def test_a_worn_child_is_replaced() -> None:
    with PhotoProcess(most_photos=2) as process:
        pids = []
        for _ in range(4):
            process.prepare(bad_photos.TAKEN["普通JPEG"])
            pids.append(process.pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_the_child_is_bounded_and_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_MASTER_KEY", "secret")
    with PhotoProcess() as process:
        process.prepare(bad_photos.TAKEN["普通JPEG"])
        with open(f"/proc/{process.pid}/limits") as lines:
            limits = {line[:26].strip(): line[26:].split()[0] for line in lines}
        with open(f"/proc/{process.pid}/environ") as text:
            environment = text.read()
    assert int(limits["Max address space"]) <= 900 * 1024 * 1024
    assert int(limits["Max cpu time"]) <= 12
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert int(limits["Max open files"]) <= 16
    assert "secret" not in environment


def test_the_process_that_faces_the_network_loads_no_image_library() -> None:
    code = "import sys, portal.filing.documents, portal.filing.preparing; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_the_header_says_the_same_as_the_image_library() -> None:
    for name, photo in bad_photos.TAKEN.items():
        kind = photo_header.media_type(photo)
        assert kind is not None, name
        header = photo_header.read(photo, kind)
        with Image.open(io.BytesIO(photo)) as image:
            assert (header.width, header.height) == image.size, name
