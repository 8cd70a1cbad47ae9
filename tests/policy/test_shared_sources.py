"""What the offices of a place look up themselves is never asked for there (社会救助法 第62条)."""

from dataclasses import replace
from pathlib import Path

from portal.assembly import Portal
from portal.casework import office
from portal.filing.tables import Application
from portal.handover import frozen
from portal.policy import asking, loader
from portal.policy.catalogue import Catalogue
from tests.apps import app_over
from tests.conftest import NOW
from tests.handover import files
from tests.pages.test_household import begin, signed_in
from tests.policy.tampering import change

HERE, ELSEWHERE = "430000/430900/430923", "530000/530100"


def spoilt(folder: Path) -> Catalogue:
    """Hunan's offices look bank accounts up; the real lists are empty."""
    change(folder, "places/430000.yaml", "shared_sources: []", "shared_sources: [bank_account]")
    return loader.load(folder)


def needs(catalogue: Catalogue, path: str) -> str:
    rules = catalogue.at("dibao", path).documents
    return next(rule.need for rule in rules if rule.item == "bank_account")


def test_the_lists_are_empty_until_somebody_publishes_one() -> None:
    assert set(loader.load().shared_sources.values()) == {frozenset()}


def test_only_there_and_below(folder: Path) -> None:
    catalogue = spoilt(folder)
    assert needs(catalogue, HERE) == needs(catalogue, "430000") == "shared"
    assert needs(catalogue, ELSEWHERE) == needs(catalogue, "") == "helpful"
    assert catalogue.at("dibao", ELSEWHERE) is catalogue.find("dibao")


def test_nobody_asks_for_it(folder: Path) -> None:
    here = spoilt(folder).at("dibao", HERE)
    assert "bank_account" not in {rule.item for rule in asking.documents(here, {})}
    assert "bank_account" not in dict(office.askable(here))


def test_the_page_says_so_and_the_dossier_misses_nothing(portal: Portal, folder: Path) -> None:
    portal = replace(portal, catalogue=spoilt(folder))
    her = signed_in(app_over(portal, lambda: NOW), portal)
    home = begin(her, "dibao", "yiliao")
    before = her.open(f"{home}/photos").page.text.partition("下面这些不用交")
    assert 'id="bank_account"' in before[0]
    her.open(f"{home}/steps/household_place").press(
        "保存，下一步", household_place__code=files.TOWNSHIP
    )
    asked, _line, looked_up = her.open(f"{home}/photos").page.text.partition("下面这些不用交")
    assert 'id="bank_account"' not in asked
    assert 'id="bank_account"' in looked_up
    check = her.open(f"{home}/check").page.text
    assert "拍银行卡或存折" not in check
    with portal.database.reading() as session:
        file = session.query(Application).filter_by(program_id="dibao").one()
        program = portal.catalogue.at("dibao", file.region_path)
        body = frozen.freeze(session, file, program, now=NOW)
        assert "bank_account" not in {paper["item"] for paper in body["not_photographed"]}
