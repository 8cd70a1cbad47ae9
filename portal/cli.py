"""`portal …`: everything an administrator does from a shell."""

import sys
import threading
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from portal import (
    assistant_commands,
    demonstration,
    office_commands,
    payment_commands,
    privacy_commands,
    serving,
    staff_commands,
    story,
    upkeep,
    worker,
)
from portal.assembly import Portal, open_portal, opened
from portal.casework import standin_moods, standin_office
from portal.foundation import audit_check, backup, belonging, installation, logs
from portal.foundation.backup import NotRestored
from portal.foundation.clock import utc_now
from portal.foundation.database import Away
from portal.foundation.errors import Refusal
from portal.foundation.settings import Mode, Settings, WrongSettings, from_environment
from portal.handover.receipts import WrongReceipt
from portal.people import staff as people
from portal.people.access import Role
from portal.people.tables import Staff
from portal.policy import commands, regions, roster
from portal.policy.reading import WrongProgram
from portal.policy.roster import NotRead
from portal.policy.tables import Region
from portal.serving import NotServed
from portal.visitor import Refused

_DEMO_DIVISION = "430000"
_MENDED = (
    WrongSettings, Away, WrongProgram, NotServed, NotRestored, Refused, WrongReceipt, NotRead,
)  # fmt: skip


class Commands(click.Group):
    """Faults that people can mend are told in a line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except _MENDED as fault:
            raise click.ClickException(str(fault)) from fault
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal


@click.group(cls=Commands)
@click.option("--data", type=click.Path(path_type=Path), help="the data folder (PORTAL_DATA)")
@click.pass_context
def main(context: click.Context, data: Path | None) -> None:
    """救助通: the applicant portal. Settings come from the environment (deploy/env.example)."""
    settings = from_environment()
    context.obj = settings if data is None else replace(settings, data=data.resolve())
    belonging.check(context.obj, context.invoked_subcommand or "", named=data is not None)


main.add_command(commands.check_policy)
main.add_command(commands.policy_diff)


@main.command()
@click.option("--demonstration", "demo", is_flag=True, help="with example files, in demo mode")
@click.pass_obj
def init(settings: Settings, demo: bool) -> None:
    """Make keys and database, or bring them up to date; load places; the first administrator."""
    _init(settings, demo)


@main.command()
@click.option("--host", default="127.0.0.1", help="0.0.0.0 for phones in the same network")
@click.option("--port", default=8000, type=click.IntRange(1, 65535))
@click.option("--prepare", is_flag=True, help="first `init --demonstration`")
@click.pass_obj
def serve(settings: Settings, host: str, port: int, prepare: bool) -> None:
    """Run the site and the worker until Ctrl-C. Needs `portal init` first, or --prepare."""
    settings = serving.told_where(settings, host, port)
    serving.check_port(host, port)
    if prepare:
        _init(settings, demo=True)
    else:
        open_portal(settings).database.engine.dispose()
    stop = threading.Event()
    serving.stop_on_signals(stop)

    def ready() -> None:
        click.echo("\n".join(demonstration.welcome(settings, now=utc_now())))
        if settings.mode is Mode.DEMO and settings.back_office == "standin":
            _start_standin(settings, stop)

    serving.serve(settings, host=host, port=port, stop=stop, say=click.echo, ready=ready)
    click.echo("已全部停下。")


@main.command("worker")
@click.pass_obj
def work(settings: Settings) -> None:
    """Prepare photos, hand files over, send texts. `portal serve` runs one already."""
    logs.write_json()
    stop = threading.Event()
    worker.stop_on_signals(stop)
    worker.check_start(settings)
    worker.run(open_portal(settings), stop)


@main.command()
@click.pass_obj
def seed(settings: Settings) -> None:
    """One file for every example case of every program (demo mode only)."""
    portal = open_portal(settings)
    demonstration.prepare(portal, now=utc_now())
    click.echo("演示数据已备好。")


@main.command()
def demo() -> None:
    """Play one whole story over HTTP on a fresh folder, step by step."""
    story.play(click.echo)


@main.command("import-regions")
@click.pass_obj
def import_regions(settings: Settings) -> None:
    """Load the divisions of the data files in place of those in the database."""
    with open_portal(settings).database.writing() as session:
        regions.import_regions(session)
    click.echo("行政区划已导入。")


@main.command("import-assistants")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="only say what would change")
@click.pass_obj
def import_assistants(settings: Settings, file: Path, dry_run: bool) -> None:
    """Load windows, hotlines and village assistants from FILE, a CSV or XLSX list.

    First line: 地区代码 (or 地区, the full name), 名称, 电话; also 类别 (窗口、热线、协理员), 时间,
    地址, 来源. For each place and kind in it FILE replaces what was there. One wrong line, and
    nothing is written; exits 1. An example: portal/policy/places/windows.example.csv.
    """
    with opened(settings) as portal:
        bar = click.progressbar(length=1, label="核对", file=sys.stderr)
        with portal.database.reading() as session, bar:
            made = roster.plan(session, file, progress=partial(_advance, bar))
        if not (made.faults or dry_run):
            with portal.database.writing() as session:
                roster.carry_out(session, made, actor="portal", now=utc_now())
    click.echo("\n".join(roster.told(made, dry_run=dry_run)))
    sys.exit(bool(made.faults))


@main.command("standin-office")
@click.option("--division", default=_DEMO_DIVISION, help="whose files it moves on")
@click.option("--once", is_flag=True, help="one step, then end")
@click.option("--mood", type=click.Choice(list(standin_moods.MOODS)), help="with this fault")
@click.pass_obj
def back_office(settings: Settings, division: str, once: bool, mood: str | None) -> None:
    """Play the county's back office (demo mode only): `portal serve` runs it already."""
    portal, stop = open_portal(settings), threading.Event()
    worker.stop_on_signals(stop)
    office = _office(portal, division, mood or "")
    if once:
        moved = standin_office.step(portal.database, office, now=utc_now(), skip_notice=True)
        click.echo(f"办理了 {moved} 件。")
    else:
        standin_office.run(portal.database, office, stop, clock=utc_now)


_PASSPHRASE = click.option(
    "--passphrase-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="first line: the passphrase; without it the installation's master key",
)  # fmt: skip


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@_PASSPHRASE
@click.pass_obj
def make_backup(settings: Settings, file: Path, passphrase_file: Path | None) -> None:
    """Write one encrypted FILE with everything, while the site is running.

    With a passphrase the master key is inside; without it the file opens only with the
    master key, which must be kept elsewhere.
    """
    made = backup.make(settings, file, passphrase=_first_line(passphrase_file), now=utc_now())
    click.echo(f"已备份到 {file}：{made.blobs} 个文件，{made.size // 1024} KB。")
    seal = audit_check.write_down(settings, file.parent, now=utc_now())
    click.echo(f"最新的审计封印：{seal}。它也记在旁边的 {audit_check.SEALS} 里，一起抄走。")
    _say_elsewhere(made)


@main.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path))
@_PASSPHRASE
@click.pass_obj
def restore(settings: Settings, file: Path, folder: Path, passphrase_file: Path | None) -> None:
    """Put FILE back into the empty FOLDER, after checking all of it."""
    passphrase = _first_line(passphrase_file)
    restored = backup.restore(settings, file, folder.resolve(), passphrase=passphrase)
    click.echo(f"已恢复到 {folder}：{restored.blobs} 个文件，审计记录完好。")
    _say_elsewhere(restored)


for _more in (
    staff_commands.staff, payment_commands.import_payments, payment_commands.make_up_grants, assistant_commands.appoint, assistant_commands.assistants, upkeep.provision_queue, upkeep.verify_audit, upkeep.doctor, upkeep.rotate_master_key, upkeep.prune_backups, upkeep.new_phone_key, upkeep.new_own_key, office_commands.office, privacy_commands.erase_person, privacy_commands.keep_to_retention,
):  # fmt: skip
    main.add_command(_more)


def _say_elsewhere(done: backup.Done) -> None:
    if done.elsewhere:
        click.echo(f"照片和材料包不在这个文件里。它们在 {done.elsewhere}，要另外备份。")


def _init(settings: Settings, demo: bool) -> None:
    settings.check()
    now = utc_now()
    installation.install(settings, now=now)
    portal = open_portal(settings)
    with portal.database.writing() as session:
        if session.scalars(select(Region.code).limit(1)).first() is None:
            click.echo("导入行政区划（省、市、县、乡镇、村）……")
            regions.import_regions(session)
    _first_administrator(portal, now)
    if demo and settings.mode is Mode.DEMO:
        demonstration.prepare(portal, now=now)
    portal.database.engine.dispose()


def _first_administrator(portal: Portal, now: datetime) -> None:
    with portal.database.writing() as session:
        if session.scalars(select(Staff.id).limit(1)).first() is None:
            made, password, uri = people.add(
                session, "admin", "管理员", Role.ADMINISTRATOR, "", now=now
            )
            staff_commands.show_factors(made.username, password, uri)


def _advance(bar: Any, done: int, whole: int) -> None:
    bar.length = whole
    bar.update(done - bar.pos)


def _first_line(file: Path | None) -> str | None:
    return None if file is None else file.read_text(encoding="utf-8").split("\n", 1)[0]


def _start_standin(settings: Settings, stop: threading.Event) -> None:
    """The stand-in county office, as a thread beside the two processes."""
    portal = open_portal(settings)
    office = _office(portal, _DEMO_DIVISION)
    threading.Thread(
        target=standin_office.run, args=(portal.database, office, stop),
        kwargs={"clock": utc_now}, daemon=True,
    ).start()  # fmt: skip


def _office(portal: Portal, division: str, mood: str = "") -> standin_office.Office:
    post = standin_moods.moody(standin_office.over_http(portal.settings.public_url), mood)
    return standin_office.open_office(
        portal.settings, portal.database, post, region_code=division,
        leaves=demonstration.STAFFED, now=utc_now(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
