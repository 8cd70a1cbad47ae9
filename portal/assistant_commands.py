"""`portal appoint-assistants` and `portal assistants …`: the accounts of village assistants."""

import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.assembly import open_portal, opened
from portal.foundation.clock import utc_now
from portal.foundation.errors import NotFound
from portal.foundation.settings import Mode, Settings
from portal.people import appointment_lists, appointments, rosters, second_factor, sign_in
from portal.people.appointment_tables import Appointment
from portal.people.identity import Phone

_BY = "portal"


@click.command("appoint-assistants")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="only say what would change")
@click.pass_obj
def appoint(settings: Settings, file: Path, dry_run: bool) -> None:
    """Appoint village assistants from FILE, a CSV or XLSX list, one line a person and village.

    First line: 地区代码 (or 地区, the full name) of the village, 姓名, 手机; also 组 (3组、4组;
    empty: the whole village), 从, 到 (2026-11-22). Who is not in FILE stays as they are. One
    wrong line, and nothing is written; exits 1.
    """
    with opened(settings) as portal:
        with portal.database.reading() as session:
            made = appointment_lists.plan(session, file)
        if not (made.faults or dry_run):
            with portal.database.writing() as session:
                appointment_lists.carry_out(session, made, actor=_BY, now=utc_now())
    click.echo("\n".join(appointment_lists.told(made, dry_run=dry_run)))
    sys.exit(bool(made.faults))


@click.group()
def assistants() -> None:
    """Village assistants: suspended, brought back, handed over, second factor reset."""


@assistants.command()
@click.argument("phone")
@click.pass_obj
def suspend(settings: Settings, phone: str) -> None:
    """Out at once, everywhere; what they do for others stops."""
    with open_portal(settings).database.writing() as session:
        for one in _of(session, phone):
            appointments.suspend(session, one, actor=_BY, now=utc_now())
    click.echo("已停用。")


@assistants.command()
@click.argument("phone")
@click.pass_obj
def resume(settings: Settings, phone: str) -> None:
    """A suspended assistant may work again."""
    with open_portal(settings).database.writing() as session:
        for one in _of(session, phone):
            appointments.resume(session, one, actor=_BY, now=utc_now())
    click.echo("已恢复。")


@assistants.command("hand-over")
@click.argument("phone")
@click.argument("to")
@click.pass_obj
def hand_over(settings: Settings, phone: str, to: str) -> None:
    """PHONE's villages go to TO, an assistant in office; each household has to be asked anew."""
    with open_portal(settings).database.writing() as session:
        heir = next((h for h in _of(session, to) if appointments.in_force(h, now=utc_now())), None)
        if heir is None:
            raise NotFound("接手的人要在岗。")
        number = sum(
            rosters.hand_over(session, one, heir, actor=_BY, now=utc_now())
            for one in _of(session, phone)
        )
    click.echo(f"已交接，要问 {number} 户。")


@assistants.command("reset-factor")
@click.argument("phone")
@click.pass_obj
def reset_factor(settings: Settings, phone: str) -> None:
    """The phone with the codes is lost: enrolled anew at the next sign-in."""
    with open_portal(settings).database.writing() as session:
        for one in _of(session, phone):
            appointments.reset_factor(session, one, actor=_BY, now=utc_now())
    click.echo("动态码已重设。")


@assistants.command()
@click.argument("phone")
@click.pass_obj
def code(settings: Settings, phone: str) -> None:
    """The present second-factor code of an assistant (demo mode only)."""
    if settings.mode is not Mode.DEMO:
        raise click.ClickException("只有演示时才能这样看动态码。")
    with open_portal(settings).database.reading() as session:
        account = sign_in.find_account(session, phone)
        if account is None:
            raise NotFound("没有这位协理员。")
        click.echo(second_factor.present_code(session, account, now=utc_now()))


def _of(session: Session, phone: str) -> list[Appointment]:
    """What this number is appointed to and that is not over."""
    now = utc_now()
    found = appointments.of_phone(session, Phone.parse(phone))
    mine = [one for one in found if one.ends_at is None or one.ends_at > now]
    if not mine:
        raise NotFound("没有这位协理员。")
    return mine
