"""`portal erase-person`, `portal retention`: what is removed, for whom and when, looked at first."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import click
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import sweeping
from portal.assembly import Portal, opened
from portal.casework import erasing, forgetting
from portal.foundation import erased, retention, workshop
from portal.foundation.clock import local_date, utc_now
from portal.foundation.settings import Settings
from portal.people import staff
from portal.people.access import Role
from portal.people.tables import Staff

_SOURCES: Mapping[str, str] = {"own": "本平台自己定", "open": "没有查到公布的期限"}


@click.command("erase-person")
@click.argument("who", default="")
@click.option("--reason", type=click.Choice(list(erasing.REASONS)), help="needed to really do it")
@click.option("--confirm", multiple=True, help="two usernames, one of an administrator")
@click.pass_obj
def erase_person(
    settings: Settings, who: str, reason: str | None, confirm: tuple[str, ...]
) -> None:
    """Erase WHO: an account's number, or ten digits of a file where the person has no account;
    without WHO a phone number is asked for, so that it stands in no shell's history.

    Says what goes and what stays, and why. Only with --reason and two --confirm, each proving
    password and second factor, is it done; that it was done stays in the audit record.
    """
    who = who or click.prompt("手机号", hide_input=True)
    now = utc_now()
    with opened(settings) as portal:
        with portal.database.reading() as session:
            made = erasing.plan(session, erasing.find(session, who), now=now)
            _tell(made)
        if reason is None:
            click.echo("什么也没动。要删，请写 --reason 和两个 --confirm。")
            return
        done = _carry_out(portal, who, reason, confirm, now=now)
    click.echo(
        f"删掉了：{done.keys} 把密钥，{sum(done.rows.values())} 行，{len(done.blobs)} 个文件。"
    )
    _tell_of_backups(settings, now)


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="only say what would go")
@click.pass_obj
def keep_to_retention(settings: Settings, dry_run: bool) -> None:
    """How long each kind of data is kept, by whose rule, and what has had its time.

    The worker does the same every hour; this does it now.
    """
    now = utc_now()
    with opened(settings) as portal:
        if dry_run:
            gone = forgetting.due(portal.database, now=now)
        else:
            with portal.database.writing() as session:
                gone = forgetting.counted(session, now=now)
        gone["blobs"] = _blobs(portal, dry_run=dry_run, now=now)
    for name, kind in retention.kinds().items():
        click.echo(_line(kind, gone.get(name)))
    click.echo("什么也没动。" if dry_run else "到期的都删了。")


def _line(kind: retention.Kind, gone: int | None) -> str:
    how_long = kind.until if kind.days is None else f"{kind.since}后{kind.days}天"
    count = "" if gone is None else f"：到期 {gone}"
    return f"{kind.title}（{how_long}；{_SOURCES.get(kind.source, kind.source)}）{count}"


def _blobs(portal: Portal, *, dry_run: bool, now: datetime) -> int:
    if not dry_run:
        return sweeping.sweep(portal, now=now)
    return sweeping.unnamed_blobs(portal)


def _tell(made: erasing.Plan) -> None:
    click.echo(f"要删：{len(made.gone)} 份没交过或期满的申请，{len(made.households)} 个家庭。")
    if made.with_account:
        click.echo("要删：账户、手机号、微信、消息、登录。")
    for what, why in made.stays:
        click.echo(f"不删：{what}。{why}")


def _carry_out(
    portal: Portal, who: str, reason: str, confirm: tuple[str, ...], *, now: datetime
) -> erasing.Done:
    if len(set(confirm)) != 2:
        raise click.ClickException("要两个人确认：--confirm 一个人，--confirm 另一个人。")
    first, second = (_prove(portal, name) for name in confirm)
    with portal.database.writing() as session:
        _check_administrator(session, (first, second))
        made = erasing.plan(session, erasing.find(session, who), now=now)
        done = erasing.carry_out(
            session, made, reason=reason, confirmed_by=(first, second), now=now
        )
    with portal.database.reading() as session:
        for name in done.blobs:
            if not sweeping.named_blobs(session, name):
                portal.blobs.delete(name)
    for place in workshop.places(portal.settings.data):
        workshop.clear(place)
    _scrub(portal)
    return done


def _prove(portal: Portal, username: str) -> UUID:
    password = click.prompt(f"{username} 的密码", hide_input=True)
    totp = click.prompt(f"{username} 的动态码")
    with portal.database.writing() as session:
        return staff.prove(session, username, password, totp, now=utc_now()).id


def _check_administrator(session: Session, both: tuple[UUID, UUID]) -> None:
    roles = [session.get_one(Staff, one).role for one in both]
    if Role.ADMINISTRATOR not in roles:
        raise click.ClickException("两个人里要有一个管理员。")


def _scrub(portal: Portal) -> None:
    """What the database still holds of overwritten rows goes too."""
    with portal.database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not portal.database.embedded:
            plain.execute(text("VACUUM"))
        elif plain.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
            click.echo("数据库正忙，旧页还在日志里。请过一分钟再跑一次。")


def _tell_of_backups(settings: Settings, now: datetime) -> None:
    last = local_date(now + retention.period("backups"))
    click.echo(
        f"以前的备份里还封着这些，{last:%Y年%m月%d日}以后最后一份也没有了。"
        f"请马上做一次备份：旁边的 {erased.NAME} 让旧备份恢复时再删一次。"
    )
    if settings.blob_url:
        click.echo("照片在对象存储：旧版本按那里的规则删。")
