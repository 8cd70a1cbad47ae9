"""`portal demo`: one whole story over HTTP, from the phone's code to the first payment.

A server of its own on a free port with a fresh folder; every step is said in a line.
"""

import base64
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import demonstration
from portal.assembly import open_portal
from portal.demonstration import PHOTOS
from portal.filing import signatures
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings, from_environment
from portal.handover import bag, embedded, receipts
from portal.handover.tables import IntakeDossier
from portal.people import staff
from portal.serving import NotServed, free_port
from portal.visitor import Answer, Refused, Visitor

Say = Callable[[str], None]

_PHONE = "13911112222"
_SENT = (
    ("bank_account", "bank_L1_00.jpg"),
    ("medical_bills", "bill_L1_01_12mp.jpg"),
    ("illness_proof", "disab_L1_00_12mp.jpg"),
)
_ANSWERS: dict[str, Any] = {
    "filled_in_by": "self",
    "applicant_name": "王秀英",
    "applicant_id_number": "430923190001010010",
    "phone": _PHONE,
    "household_place": {"code": "430923118", "address": "大桥村三组"},
    "reason": ["illness", "old_age"],
    "applicant_health": ["serious"],
    "income_wage": 0,
    "income_transfer": 144000,
    "expense_medical": "unsure",
}
_STROKES = [[[20 + 8 * i, 40 + (i * 31) % 60] for i in range(20)]]
_PATIENCE = 60.0


def play(say: Say) -> None:
    """The whole story. Raises NotServed, Refused, or WrongReceipt at the first step that fails."""
    with tempfile.TemporaryDirectory(prefix="portal-demo-") as folder, _site(Path(folder)) as site:
        settings = replace(from_environment({}), data=Path(folder))
        resident = Visitor(site)
        say(f"一、网站已启动：{site}，数据在临时文件夹，演示完就删掉。")
        _sign_in(resident, say)
        file = _apply(resident, say)
        _hand_in(resident, file, settings, say)
        _queue(resident, file, settings, say)
        _desk(site, file, settings, say)
        _follow(resident, file, say)


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    """The product as `portal serve` starts it; stopped and waited for at the end."""
    port = free_port()
    command = [sys.executable, "-m", "portal.cli", "--data", str(folder), "serve", "--prepare"]
    process = subprocess.Popen(  # noqa: S603 - fixed command
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    site = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: process.poll() is not None or _answers(site), "网站没有启动起来。")
        if process.poll() is not None:
            raise NotServed("网站没有启动起来。")
        yield site
    finally:
        process.terminate()
        process.wait()


def _answers(site: str) -> bool:
    with suppress(OSError, Refused):
        return Visitor(site).get("/readyz").status == 200
    return False


def _sign_in(resident: Visitor, say: Say) -> None:
    resident.post("/api/auth/sms-codes", {"phone": _PHONE})
    phone, found = Visitor(resident.site), list[str]()

    def arrived() -> bool:
        page = phone.get("/dev/outbox").text
        found[:] = re.findall(rf"{_PHONE}.*?(?<!\d)(\d{{6}})(?!\d)", page, re.S)
        return bool(found)

    _wait(arrived, "短信没有到。")
    body = {"phone": _PHONE, "code": found[0]}
    resident.token = resident.post("/api/auth/sessions", body).json["access_token"]
    say(f"二、王秀英用手机 {_PHONE} 登录，短信里的验证码是 {found[0]}。")
    texts = resident.get("/api/me/consents").json
    given = {text["kind"]: text["version"] for text in texts}
    resident.put("/api/me/consents", {"consents": given})
    say(f"三、看过隐私说明，分开同意了 {len(given)} 项。")


def _apply(resident: Visitor, say: Say) -> str:
    made = resident.post(
        "/api/applications", {"program_id": "dibao"}, Idempotency_Key="demo-1"
    ).json
    path = f"/api/applications/{made['id']}"
    say(f"四、开始申请最低生活保障，申请编号 {made['reference_no']}。")
    saved = resident.put(f"{path}/answers", {"revision": 0, "answers": _ANSWERS}).json
    say(f"五、填了 {len(_ANSWERS)} 项；必填的还差 {len(saved['missing'])} 项，其余入户时再核。")
    for item, name in _SENT:
        photo = (PHOTOS / name).read_bytes()
        kept = resident.send_photo(f"{path}/documents", item, photo).json
        say(f"六、拍照上传 {name}，{len(photo) // 1024} KB，已存好：{kept['sent_digest'][:16]}…")
    signed = {"signer": "applicant", "method": "screen", "text_version": signatures.TEXT_VERSION}
    resident.post(f"{path}/signatures", {**signed, "strokes": _STROKES})
    say("七、在屏幕上手写签名，授权核对家庭经济状况。")
    return str(made["id"])


def _hand_in(resident: Visitor, file: str, settings: Settings, say: Say) -> None:
    path = f"/api/applications/{file}/submission"
    receipt = resident.post(path).json["receipt"]
    portal = open_portal(settings)
    with portal.database.reading() as session:
        key = receipts.public_key(session, "receipt")
    portal.database.engine.dispose()
    receipts.verified(receipts.canonical(receipt), key=key)
    say(f"八、提交，收到回执：{receipt.get('state', '已提交，尚未受理')}。")
    say(f"    回执的 Ed25519 签名已核对无误，公钥 {base64.b64encode(key).decode()}。")
    same = resident.post(path).json["receipt"] == receipt
    say(f"    再按一次提交，回执{'一字不差' if same else '变了！'}。")


def _queue(resident: Visitor, file: str, settings: Settings, say: Say) -> None:
    """What the township gets, as it lies in the embedded queue."""
    portal = open_portal(settings)

    def delivered() -> IntakeDossier | None:
        with portal.database.reading() as session:
            rows = select(IntakeDossier).where(IntakeDossier.application_id == UUID(file))
            found = session.scalars(rows).first()
            if found is not None:
                session.expunge(found)
            return found

    _wait(lambda: delivered() is not None, "材料包没有送到。")
    row = delivered()
    assert row is not None  # noqa: S101 - waited for
    with portal.database.reading() as session:
        receipts.verified(row.receipt, key=receipts.public_key(session, "intake"))
        data = embedded.open_dossier(session, portal.blobs, row)
    portal.database.engine.dispose()
    files = bag.unpack(data)
    say(f"九、材料包送进一门受理队列，{row.size // 1024} KB，队列的签收回执已核对。")
    for name, content in sorted(files.items()):
        say(f"    {name}  {len(content)} 字节")


def _desk(site: str, file: str, settings: Settings, say: Say) -> None:
    """The township's clerk, with pages and forms only."""
    who = next(a for a in demonstration.accounts(settings) if a.username == "meicheng")
    clerk = Visitor(site)
    page = clerk.get("/desk/sign-in")
    code = staff.code_at(who.uri, utc_now())
    page = clerk.press(
        page, "/desk/sign-in", username=who.username, password=who.password, totp=code
    )
    say(f"十、{who.display_name}用密码和动态码登录窗口。")
    page = _take(clerk, page, file)
    pdf = clerk.get(f"/desk/files/{file}/form.pdf")
    say(f"    取到这一份，申请表 PDF {len(pdf.body) // 1024} KB，照片并排看。")
    clerk.press(page, f"/desk/files/{file}/accept")
    say("    予以受理。法定时限从现在起算。")


def _take(clerk: Visitor, page: Answer, file: str) -> Answer:
    """One after another until ours; those before it wait for another day."""
    for _ in range(20):
        page = clerk.press(page, "/desk/next")
        here = urllib.parse.urlsplit(page.url).path
        if here == f"/desk/files/{file}":
            return page
        if not here.startswith("/desk/files/"):
            raise Refused("窗口没有取到这份申请。")
        clerk.press(page, f"{here}/accept")
        page = clerk.get("/desk/")
    raise Refused("窗口没有取到这份申请。")


def _follow(resident: Visitor, file: str, say: Say) -> None:
    """The stand-in county office moves it on; the resident reads how it went."""
    path = f"/api/applications/{file}/timeline"

    def story() -> Any:
        return resident.get(path).json["timeline"]

    _wait(lambda: story()["status"] == "paying", "县里没有办完。")
    told = story()
    say(f"十一、县里办完了。现在：{told['stage']}。{told['turn_text']}")
    for event in told["history"]:
        say(f"    {event['on_text']}  {event['text']}  {event['sentence'] or ''}".rstrip())
    say("演示完了：每一步都真的走了一遍。")


def _wait(holds: Callable[[], bool], otherwise: str) -> None:
    """Until it holds. Raises NotServed when it does not within a minute."""
    until = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > until:
            raise NotServed(otherwise)
        time.sleep(0.2)
