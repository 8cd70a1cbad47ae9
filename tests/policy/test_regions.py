"""Places in SQL: complete, re-parented, found by parent and by typed words."""

import csv

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.foundation.errors import Invalid, NotFound
from portal.policy import regions
from portal.policy.tables import Region


@pytest.fixture
def session(portal):
    with portal.database.reading() as opened:
        yield opened


def test_hunan_and_yunnan(session):
    assert [r.name for r in regions.children(session, None)] == ["湖南省", "云南省"]
    counted = dict(
        session.execute(
            select(Region.level, func.count()).where(Region.administrative).group_by(Region.level)
        ).all()
    )
    assert (counted["prefecture"], counted["county"]) == (14 + 16, 122 + 129)
    assert (counted["township"], counted["village"]) == (3469, 44422)


def test_everybody_has_a_parent_one_level_up(session):
    above = aliased(Region)
    pairs = session.execute(
        select(Region.level, above.level, func.count())
        .join(above, Region.parent_code == above.code)
        .where(Region.administrative)
        .group_by(Region.level, above.level)
    ).all()
    assert {(low, high) for low, high, _ in pairs} == {
        ("prefecture", "province"), ("county", "prefecture"),
        ("township", "county"), ("village", "township"),
    }  # fmt: skip
    assert sum(n for *_, n in pairs) == 30 + 251 + 3469 + 44422


def test_every_county_has_townships(session):
    above = aliased(Region)
    with_townships = select(func.count(func.distinct(Region.parent_code))).where(
        Region.level == "township"
    )
    assert session.scalar(with_townships) == 251
    parents = select(above.administrative).join(Region, Region.parent_code == above.code).distinct()
    assert session.scalars(parents).all() == [True]


def test_townships_of_zones_belong_to_a_county(session):
    with (regions.PLACES / "reparent.csv").open(encoding="utf-8") as lines:
        moved = list(csv.DictReader(lines))
    assert {r["confidence"] for r in moved} <= {"M", "D"}
    for row in moved:
        township = regions.find(session, row["township"])
        assert (township.name, township.parent_code) == (row["name"], row["county"])
        assert row["note"]
    assert regions.path(session, "430371001") == "430000/430300/430304/430371001"


def test_statistical_zones_are_not_offered(session):
    assert "430371" not in {r.code for r in regions.children(session, "430300")}
    assert not regions.search(session, "示范区", level="county")


def test_full_name(session):
    assert regions.full_name(session, "430923121") == "湖南省益阳市安化县东坪镇"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("岳麓", "湖南省长沙市岳麓区"),
        ("茶亭", "湖南省长沙市望城区茶亭镇"),
        ("云南", "云南省"),
        ("安化 东坪", "湖南省益阳市安化县东坪镇"),
        ("安化县东坪镇", "湖南省益阳市安化县东坪镇"),
        ("姚安栋川", "云南省楚雄彝族自治州姚安县栋川镇"),
        (" 栋川镇 ", "云南省楚雄彝族自治州姚安县栋川镇"),
    ],
)
def test_search(session, typed, first):
    assert regions.search(session, typed)[0].full_name == first


def test_search_in_the_middle_of_a_name(session):
    assert "苗族" in regions.search(session, "苗族", level="township")[0].name


@pytest.mark.parametrize("typed", ["%", "_", "\\", "100%", "", "   ", "'; --", "\x00"])
def test_search_takes_nothing_for_a_wildcard(session, typed):
    assert regions.search(session, typed) == []


def test_search_is_limited(session):
    assert len(regions.search(session, "村", limit=5)) == 5
    with pytest.raises(Invalid):
        regions.search(session, "村", level="planet")


@pytest.mark.parametrize("verb", [regions.find, regions.path, regions.full_name, regions.children])
@pytest.mark.parametrize("code", ["999999", "", "\x00", "４３００００", "430000' or 1"])
def test_unknown(session, verb, code):
    with pytest.raises(NotFound):
        verb(session, code)


def test_import_twice_is_once(portal):
    with portal.database.writing() as session:
        before = session.scalar(select(func.count()).select_from(Region))
        regions.import_regions(session)
        assert session.scalar(select(func.count()).select_from(Region)) == before == 48188
