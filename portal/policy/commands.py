"""`portal check-policy` and `portal policy-diff`: for those who keep the policy data."""

import sys
from datetime import date
from pathlib import Path

import click

from portal.foundation.clock import local_date, utc_now
from portal.policy import loader, review, workdays

_ON = click.option(
    "--on", "on_text", metavar="YYYY-MM-DD", default="", help="as of that day; today when left out"
)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("check-policy")
@_ON
def check_policy(on_text: str) -> None:
    """Read every policy file as the start does, and judge it; exits 1 when something is to mend."""
    on, catalogue = _day(on_text), loader.load()
    for program in catalogue.programs.values():
        click.echo(f"{program.id}  {program.title}  {program.version}  {len(program.cases)} 个例子")
    for year in workdays.YEARS.values():
        said = "已公布" if year.published else "没有公布，到这一年的日期都是暂定"
        click.echo(f"放假安排  {year.year}  {said}")
    faults = review.faults(catalogue, on=on)
    for fault in faults:
        click.echo(fault)
    click.echo("政策数据没有问题。" if not faults else f"有 {len(faults)} 处要改。")
    sys.exit(bool(faults))


@click.command("policy-diff")
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@_ON
def policy_diff(old: Path, new: Path, on_text: str) -> None:
    """Say in words what changes for the example cases from data folder OLD to NEW.

    Each holds programs/ and places/, as portal/policy does.
    """
    said = review.differences(loader.load(old), loader.load(new), on=_day(on_text))
    for line in said:
        click.echo(line)
    if not said:
        click.echo("对例子没有变化。")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else local_date(utc_now())
    except ValueError as fault:
        raise click.BadParameter("日期写成 2026-11-22 这样。", param_hint="--on") from fault
