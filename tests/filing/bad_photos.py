"""Photos nobody would take, made on the spot: each with the answer the portal owes it.

TAKEN photos become a clean copy. REFUSED are answered at once with this code. BROKEN pass the
look at their header and are found out in the bounded process.
"""

import io
import json
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

SAMPLES = Path(__file__).resolve().parent.parent / "photos"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def truth(name: str) -> dict[str, Any]:
    """What stands on a sample photo."""
    entries = json.loads((SAMPLES / "truth.json").read_text())
    return next(entry for entry in entries if entry["file"] == name)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def card(mode: str = "RGB") -> Image.Image:
    """A small picture with something on it."""
    left = Image.linear_gradient("L").resize((480, 600))
    return Image.merge("RGB", (left, left.rotate(180), Image.new("L", left.size, 90))).convert(mode)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int = 1, colour: int = 0, *extra: bytes) -> bytes:
    """A PNG that claims this size; its pixels are one long run of zeros."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    rows = min((width * depth // 8 + 1) * height, 20_000_000)
    pixels = chunk(b"IDAT", zlib.compress(bytes(rows), 1))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + pixels + chunk(b"IEND", b"")


def with_exif(orientation: int, maker: str = "SampleMaker") -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = orientation, maker, "'; DROP TABLE documents; --"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (27.0, 49.0, 12.5), "E", (111.0, 2.0, 33.1)
    return encoded(card(), "JPEG", exif=exif, comment=b"<script>alert(1)</script>")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", "echo")
    return out.getvalue()


def webp_of_size(width: int, height: int) -> bytes:
    """A lossless WebP whose header was changed to claim this size."""
    data = bytearray(encoded(card(), "WEBP", lossless=True))
    data[21:25] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(data)


def mpo() -> bytes:
    """Two pictures in one file, as many phones write them."""
    return encoded(card(), "MPO", save_all=True, append_images=[card().rotate(90)])


def _taken() -> dict[str, bytes]:
    jpeg = encoded(card(), "JPEG")
    return {
        "普通JPEG": jpeg,
        "渐进JPEG": encoded(card(), "JPEG", progressive=True),
        "黑白JPEG": encoded(card("L"), "JPEG"),
        "CMYK的JPEG": encoded(card("CMYK"), "JPEG"),
        "手机双图JPEG": mpo(),
        "普通PNG": encoded(card(), "PNG"),
        "透明PNG": encoded(card("RGBA"), "PNG"),
        "调色板PNG": encoded(card().quantize(16), "PNG"),
        "1位PNG": encoded(card("1"), "PNG"),
        "16位灰度PNG": encoded(Image.new("I;16", (400, 400), 40000), "PNG"),
        "普通WebP": encoded(card(), "WEBP"),
        "无损WebP": encoded(card(), "WEBP", lossless=True),
        "透明WebP": encoded(card("RGBA"), "WEBP"),
        "方向6并带GPS和脚本": with_exif(6, "<script>alert(1)</script>"),
        "方向99": with_exif(99),
        "坏的EXIF": jpeg[:2] + b"\xff\xe1\x00\x14Exif\0\0MM\0*\xff\xff\xff\xffabcd" + jpeg[2:],
        "后面跟着HTML": jpeg + b"<html><script>alert(1)</script></html>",
        "后面跟着ZIP": jpeg + zipped(),
        "注释里有PHP": encoded(card(), "JPEG", comment=b"<?php system($_GET[0]); ?>"),
        "带ICC": encoded(card(), "JPEG", icc_profile=b"\0" * 500),
    }


def _refused() -> dict[str, tuple[bytes, str]]:
    jpeg, whole_png = encoded(card(), "JPEG"), encoded(card(), "PNG")
    frames = [card().rotate(angle) for angle in (0, 90, 180)]
    more: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100}
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    return {
        "空文件": (b"", "image_unreadable"),
        "两个字节": (b"\xff\xd8", "image_unreadable"),
        "断在头里": (jpeg[:160], "image_unreadable"),
        "半张JPEG": (jpeg[: len(jpeg) // 2], "image_unreadable"),
        "半张PNG": (whole_png[: len(whole_png) // 2], "image_unreadable"),
        "半张WebP": (encoded(card(), "WEBP")[:1000], "image_unreadable"),
        "一串FF": (b"\xff\xd8" + b"\xff" * 100_000, "image_unreadable"),
        "无数空块PNG": (whole_png[:33] + chunk(b"abCd", b"") * 50_000, "image_unreadable"),
        "没有像素的PNG": (whole_png[:33] + chunk(b"IEND", b""), "image_unreadable"),
        "9亿像素1位PNG": (png(30_000, 30_000), "image_too_large"),
        "65535见方": (png(65_535, 65_535), "image_too_large"),
        "8千8百万像素": (png(11_000, 8_000), "image_too_large"),
        "太长的一条": (png(12_001, 400), "image_too_large"),
        "声称很大的WebP": (webp_of_size(16_384, 16_384), "image_too_large"),
        "1见方PNG": (png(1, 1), "too_small"),
        "小图": (encoded(Image.new("RGB", (299, 900)), "JPEG"), "too_small"),
        "动图GIF": (encoded(frames[0], "GIF", **more), "type_not_allowed"),
        "动图PNG": (encoded(frames[0], "PNG", **more), "animated"),
        "动图WebP": (encoded(frames[0], "WEBP", **more), "animated"),
        "多页TIFF": (encoded(card(), "TIFF"), "type_not_allowed"),
        "BMP": (encoded(card(), "BMP"), "type_not_allowed"),
        "ICO": (encoded(card(), "ICO"), "type_not_allowed"),
        "JP2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99), "type_not_allowed"),
        "DDS": (b"DDS " + bytes(200), "type_not_allowed"),
        "PSD": (b"8BPS\0\x01" + bytes(200), "type_not_allowed"),
        "FITS": (b"SIMPLE  =                    T" + bytes(200), "type_not_allowed"),
        "EPS冒充jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n" + b" " * 99, "type_not_allowed"),
        "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "type_not_allowed"),
        "XML炸弹": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', "type_not_allowed"),
        "PDF": (b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>", "type_not_allowed"),
        "ZIP": (zipped(), "type_not_allowed"),
        "PHP冒充jpg": (b"<?php system($_GET[0]); ?>", "type_not_allowed"),
        "EICAR": (b"X5O!P%@AP[4" + b"x" * 60, "type_not_allowed"),
        "HEIC": (heic, "type_not_allowed"),
        "AVIF": (heic.replace(b"heic", b"avif"), "type_not_allowed"),
        "太大": (jpeg + bytes(12 * 1024 * 1024), "too_large"),
    }


def _broken() -> dict[str, bytes]:
    bomb = chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(50_000_000), 9))
    many = chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(900_000), 9)) * 100
    whole = encoded(card(), "PNG")
    return {
        "zTXt炸弹": whole[:33] + bomb + whole[33:],
        "一百个zTXt": whole[:33] + many + whole[33:],
        "像素不够的PNG": whole[:33] + chunk(b"IDAT", b"xx") + chunk(b"IEND", b""),
        "只有记号的JPEG": (
            b"\xff\xd8\xff\xc0\x00\x11\x08\x01\x90\x01\x90\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
            b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00\xff\xd9"
        ),
        "声称5千万像素的WebP": webp_of_size(9_000, 6_000),
    }


TAKEN, REFUSED, BROKEN = _taken(), _refused(), _broken()
