"""`portal staff …`: the people of the offices."""

import click

from portal import demonstration
from portal.assembly import open_portal
from portal.casework.referral import departments as referral_departments
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.people import staff as people
from portal.people.access import Role

_ROLES = [role.value for role in Role if role is not Role.APPLICANT]
_ALSO = "a further role at the same level; may be given several times"


@click.group()
def staff() -> None:
    """People of the offices: a role or more, one division, a password and a second factor."""


@staff.command()
@click.argument("username")
@click.option("--name", required=True, help="as colleagues see it")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--division", default="", help="administrative code, e.g. 430923121")
@click.option("--also", multiple=True, type=click.Choice(_ROLES), help=_ALSO)
@click.option("--phone", default="", help="mobile number for alerts and the daily digest")
@click.pass_obj
def add(
    settings: Settings,
    username: str,
    name: str,
    role: str,
    division: str,
    also: tuple[str, ...],
    phone: str,
) -> None:
    """A new member; password and second factor are shown once."""
    with open_portal(settings).database.writing() as session:
        made, password, uri = people.add(
            session, username, name, role, division, also=also, phone=phone, now=utc_now()
        )
        show_factors(made.username, password, uri)


@staff.command()
@click.argument("username")
@click.option("--also", multiple=True, type=click.Choice(_ROLES), help=_ALSO)
@click.option("--alone", is_flag=True, help="no further role")
@click.option("--phone", default=None, help="another mobile number; '' for none")
@click.pass_obj
def change(
    settings: Settings, username: str, also: tuple[str, ...], alone: bool, phone: str | None
) -> None:
    """Other further roles, or another phone."""
    with open_portal(settings).database.writing() as session:
        people.change(
            session, username, also=also if also or alone else None, phone=phone, now=utc_now()
        )
    click.echo(f"{username} 已更改。")


@staff.command()
@click.argument("username")
@click.argument("departments", nargs=-1)
@click.pass_obj
def answers(settings: Settings, username: str, departments: tuple[str, ...]) -> None:
    """For which departments a department_clerk reads referrals; without any: what there is."""
    portal = open_portal(settings)
    if not departments:
        click.echo("\n".join(referral_departments.named(portal.catalogue)))
        return
    with portal.database.writing() as session:
        member = referral_departments.member(session, username)
        referral_departments.assign(
            session, portal.catalogue, member.id, departments, now=utc_now()
        )
    click.echo(f"{username} 负责：{'、'.join(departments)}。")


@staff.command()
@click.argument("username")
@click.pass_obj
def disable(settings: Settings, username: str) -> None:
    """Shut out at once, everywhere."""
    with open_portal(settings).database.writing() as session:
        people.disable(session, username, now=utc_now())
    click.echo(f"{username} 已停用。")


@staff.command()
@click.argument("username")
@click.pass_obj
def reset(settings: Settings, username: str) -> None:
    """A new password and second factor, shown once; signed out everywhere."""
    with open_portal(settings).database.writing() as session:
        made, password, uri = people.reset(session, username, now=utc_now())
        show_factors(made.username, password, uri)


@staff.command()
@click.argument("username")
@click.pass_obj
def code(settings: Settings, username: str) -> None:
    """The present second-factor code of a demonstration account (demo mode only)."""
    for account in demonstration.accounts(settings):
        if account.username == username:
            click.echo(people.code_at(account.uri, utc_now()))
            return
    raise click.ClickException(f"{username} 不是演示账号。")


def show_factors(username: str, password: str, uri: str) -> None:
    """The only time they are shown."""
    click.echo(f"用户名：{username}\n密码：{password}（只显示这一次）\n动态码：{uri}")
