"""`portal import-payments`: the bank's file; `make-up-grants`: what older grants lack. Tried first."""

import sys
from pathlib import Path

import click

from portal.assembly import open_portal
from portal.casework.after import older
from portal.casework.payment import importing
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.policy.spreadsheets import NotRead

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("import-payments")
@click.argument("file", type=_FILE)
@click.option("--county", required=True, help="administrative code of the county that pays")
@click.option("--dry-run", is_flag=True, help="say what would be done, write nothing")
@click.pass_obj
def import_payments(settings: Settings, file: Path, county: str, dry_run: bool) -> None:
    """Payments as the bank made them, CSV or XLSX; any fault and nothing is written."""
    now, database = utc_now(), open_portal(settings).database
    try:
        with database.reading() as session:
            made = importing.plan(session, file, county, now=now)
    except NotRead as fault:
        raise click.ClickException(str(fault)) from fault
    if not made.faults and not dry_run:
        with database.writing() as session:
            importing.carry_out(session, made, actor="cli", now=now)
    for line in importing.told(made, dry_run=dry_run):
        click.echo(line)
    sys.exit(bool(made.faults))


@click.command("make-up-grants")
@click.option("--dry-run", is_flag=True, help="say what would be done, write nothing")
@click.pass_obj
def make_up_grants(settings: Settings, dry_run: bool) -> None:
    """Grants from before 公布 and 定期核查 were kept get them, from their own letters; once."""
    portal = open_portal(settings)
    made = older.make_up(portal.database, portal.catalogue, dry_run=dry_run, now=utc_now())
    for line in older.told(made, dry_run=dry_run):
        click.echo(line)
