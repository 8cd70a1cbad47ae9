"""Demonstration data: staff to sign in as, and the example cases of every program as files.

Made through the same verbs people use; nothing here exists in production.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework.referral import departments
from portal.filing import applications, documents, forms, photo_check
from portal.filing.tables import Application
from portal.foundation.clock import local
from portal.foundation.settings import Mode, Settings, WrongSettings
from portal.handover import submission
from portal.people import appointments, consents, sign_in, staff
from portal.people.access import Actor, Role
from portal.people.appointments import Wanted
from portal.people.identity import Phone
from portal.people.tables import Staff
from portal.policy import regions, roster
from portal.policy.catalogue import Case, Program

PHOTOS = Path(__file__).resolve().parent.parent / "tests" / "photos"
_WINDOWS = regions.PLACES / "windows.example.csv"
_DONGPING, _ANHUA = "430923121", "430923"
_STAFF = (
    ("dongping", "东坪镇窗口 小李", Role.TOWNSHIP_CLERK, _DONGPING),
    ("dongping-diaocha", "东坪镇调查 小陈", Role.TOWNSHIP_INVESTIGATOR, _DONGPING),
    ("dongping-diaocha2", "东坪镇调查 小田", Role.TOWNSHIP_INVESTIGATOR, _DONGPING),
    ("dongping-chushen", "东坪镇初审 老吴", Role.TOWNSHIP_REVIEWER, _DONGPING),
    ("meicheng", "梅城镇窗口 小王", Role.TOWNSHIP_CLERK, "430923118"),
    ("tangdan", "汤丹镇窗口 小杨", Role.TOWNSHIP_CLERK, "530113102"),
    ("anhua", "安化县民政局 老周", Role.COUNTY_CLERK, _ANHUA),
    ("anhua-hedui", "安化县核对中心 小谭", Role.COUNTY_CHECKER, _ANHUA),
    ("anhua-queren", "安化县审核确认 老彭", Role.COUNTY_CONFIRMER, _ANHUA),
    ("anhua-bumen", "安化县专项部门 小龙", Role.DEPARTMENT_CLERK, _ANHUA),
    ("yiyang", "益阳市监管 老曾", Role.SUPERVISOR, "430900"),
    ("shenji", "安化县审计 老贺", Role.AUDITOR, _ANHUA),
)
STAFFED = frozenset({_DONGPING})
"""Where people play every part themselves: the stand-in back office leaves these townships alone."""
ASSISTANT = "13900000100"
"""The number of a made-up village assistant in 东坪镇."""
_SAMPLE = ("bank_account", "bank_L1_00.jpg")


@dataclass(frozen=True)
class DemoStaff:
    """What a visitor needs to sign in at the desk."""

    username: str
    display_name: str
    place: str
    password: str
    uri: str

    @property
    def secret(self) -> str:
        return self.uri.partition("secret=")[2].partition("&")[0]


def prepare(portal: Portal, *, now: datetime) -> None:
    """Staff and example files, once. Raises WrongSettings in production."""
    _refuse_production(portal.settings)
    if [a.username for a in accounts(portal.settings)] != [name for name, *_rest in _STAFF]:
        _make_staff(portal, now=now)
        _make_directory(portal, now=now)
        _make_assistant(portal, now=now)
    with portal.database.reading() as session:
        empty = session.scalars(select(Application.id).limit(1)).first() is None
    if empty:
        make_cases(portal, now=now)


def accounts(settings: Settings) -> list[DemoStaff]:
    """The demonstration's staff with their passwords. Raises WrongSettings in production."""
    _refuse_production(settings)
    file = settings.demonstration
    if not file.exists():
        return []
    return [DemoStaff(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]


def make_cases(portal: Portal, *, now: datetime) -> int:
    """Every example case with answers as somebody's file; the complete ones are handed in.

    How many.
    """
    made = 0
    for number, (program, case) in enumerate(_cases(portal)):
        file_id = _draft(portal, program, case, f"138{number:08d}", now=now)
        if any(rule.item == _SAMPLE[0] for rule in program.documents):
            _add_photo(portal, file_id, now=now)
        _hand_in(portal, file_id, program, now=now)
        made += 1
    return made


def welcome(settings: Settings, *, now: datetime) -> list[str]:
    """What `portal serve` says once the first page can be opened."""
    url, demo = settings.public_url, settings.mode is Mode.DEMO
    return [
        "",
        f"救助通已启动：{url}/",
        f"  窗口办理      {url}/desk/",
        *([f"  演示短信      {url}/dev/outbox"] if demo else []),
        f"  接口说明      {url}/api/docs",
        *(_account_lines(settings, now) if demo else []),
        "",
        "按 Ctrl-C 停下。",
    ]


def _account_lines(settings: Settings, now: datetime) -> list[str]:
    lines = ["", f"演示账号（动态码是 {local(now):%H:%M:%S} 的，每30秒换一个）："]
    for who in accounts(settings):
        present = staff.code_at(who.uri, now)
        lines.append(f"  {who.username}  密码 {who.password}  动态码 {present}  {who.display_name}")
        lines.append(f"      {who.place}  动态码密钥 {who.secret}")
    where = settings.data
    return [
        *lines,
        f"  村协理员：用 {ASSISTANT} 登录，名册在 /roster；设好以后看动态码：",
        f"      deploy/portal --data {where} assistants code {ASSISTANT}",
        f"  要新的动态码：deploy/portal --data {where} staff code dongping",
        "  申请时选上面的乡镇，窗口就能看到。东坪镇各步都有人，请自己办到底；",
        "  别的乡镇受理以后，由模拟的县里接着办。",
    ]


def _make_assistant(portal: Portal, *, now: datetime) -> None:
    """One assistant, for the first village of 东坪镇."""
    with portal.database.writing() as session:
        village = regions.children(session, _DONGPING)[0].code
        wanted = Wanted(village, regions.path(session, village), "演示协理员", Phone(ASSISTANT))
        appointments.appoint(session, wanted, actor="demonstration", now=now)


def _refuse_production(settings: Settings) -> None:
    if settings.mode is Mode.PRODUCTION:
        raise WrongSettings("demonstration data do not belong into production")


def _make_staff(portal: Portal, *, now: datetime) -> None:
    with portal.database.writing() as session:
        made = [_one(session, *entry, now=now) for entry in _STAFF]
        _answer_for_all(portal, session, now=now)
    text = json.dumps([asdict(m) for m in made], ensure_ascii=False, indent=1)
    handle = os.open(portal.settings.demonstration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _answer_for_all(portal: Portal, session: Session, *, now: datetime) -> None:
    """In a small county one person reads what is referred to any department."""
    names = [name for name, _shown, role, _place in _STAFF if role is Role.DEPARTMENT_CLERK]
    for member in session.scalars(select(Staff).where(Staff.username.in_(names))).all():
        everywhere = departments.named(portal.catalogue)
        departments.assign(session, portal.catalogue, member.id, everywhere, now=now)


def _make_directory(portal: Portal, *, now: datetime) -> None:
    """Windows to call, with numbers nobody has."""
    with portal.database.writing() as session:
        roster.carry_out(session, roster.plan(session, _WINDOWS), actor="portal", now=now)


def _one(
    session: Session, username: str, name: str, role: Role, region: str, *, now: datetime
) -> DemoStaff:
    known = session.scalars(select(Staff).where(Staff.username == username)).first()
    if known is None:
        _staff, password, uri = staff.add(session, username, name, role, region, now=now)
    else:
        _staff, password, uri = staff.reset(session, username, now=now)
    return DemoStaff(username, name, regions.full_name(session, region), password, uri)


def _cases(portal: Portal) -> Iterator[tuple[Program, Case]]:
    for program in portal.catalogue.programs.values():
        for case in program.cases if program.has_form else ():
            yield program, case


def _draft(portal: Portal, program: Program, case: Case, phone: str, *, now: datetime) -> UUID:
    with portal.database.writing() as session:
        account = sign_in.open_account(session, phone, now=now)
        consents.give(session, account, consents.NEEDED, now=now)
        actor = Actor(Role.APPLICANT, account.id)
        file = applications.start(session, program, account_id=account.id, actor=actor, now=now)
        applications.save_answers(
            session, file, program, dict(case.answers), revision=0, actor=actor, now=now
        )
        return file.id


def _add_photo(portal: Portal, file_id: UUID, *, now: datetime) -> None:
    item, name = _SAMPLE
    if not (PHOTOS / name).exists():
        return
    received = photo_check.check((PHOTOS / name).read_bytes(), None)
    with portal.database.reading() as reading:
        blob = documents.seal_and_store(reading, portal.blobs, file_id, received)
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        documents.add(
            session, file, portal.catalogue.find(file.program_id), item=item, received=received,
            blob=blob, actor=_owner(file), now=now,
        )  # fmt: skip


def _hand_in(portal: Portal, file_id: UUID, program: Program, *, now: datetime) -> None:
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        lacking = forms.missing(program.form, applications.answers(session, file))
        if not lacking and file.region_code is not None:
            submission.submit(session, file, program, actor=_owner(file), now=now)


def _owner(file: Application) -> Actor:
    assert file.account_id is not None  # noqa: S101
    return Actor(Role.APPLICANT, file.account_id)
