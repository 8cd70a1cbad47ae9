"""Every published standard is there once, says where it comes from, and is never more than it is."""

from datetime import date

import pytest

from portal.policy import amounts, loader

CATALOGUE = loader.load()
BY_ID = {(a.region, a.program, a.area, a.item, a.kind, a.since): a for a in CATALOGUE.amounts}
HUNAN, YUNNAN, DONGCHUAN = "430000", "530000", "530113"
BASIC = "基本生活标准"
PUBLISHED = [
    (HUNAN, "dibao", "urban", "guide_min", "2020-11-01", 550, "month"),
    (HUNAN, "dibao", "urban", "guide_min", "2021", 550, "month"),
    (HUNAN, "dibao", "urban", "guide_min", "2022-07", 550, "month"),
    (HUNAN, "dibao", "urban", "guide_min", "2023", 650, "month"),
    (HUNAN, "dibao", "urban", "guide_min", "2025", 740, "month"),
    (HUNAN, "dibao", "rural", "guide_min", "2021-01-01", 358, "month"),
    (HUNAN, "dibao", "rural", "guide_min", "2023", 5000, "year"),
    (HUNAN, "dibao", "rural", "guide_min", "2025", 485, "month"),
    (HUNAN, "dibao", "urban", "avg_actual", "2020-04", 531, "month"),
    (HUNAN, "dibao", "rural", "avg_actual", "2020-04", 4740, "year"),
    (HUNAN, "dibao", "urban", "avg_actual", "2024-12", 703, "month"),
    (HUNAN, "dibao", "rural", "avg_actual", "2024-12", 515, "month"),
    (HUNAN, "dibao", "urban", "avg_actual", "2025-05", 710, "month"),
    (HUNAN, "dibao", "rural", "avg_actual", "2025-05", 477, "month"),
    (HUNAN, "dibao", "urban", "avg_paid", "2020-04", 386, "month"),
    (HUNAN, "dibao", "rural", "avg_paid", "2020-04", 250, "month"),
    (HUNAN, "dibao", "urban", "avg_paid", "2020-11-01", 374, "month"),
    (HUNAN, "dibao", "rural", "avg_paid", "2021-01-01", 229, "month"),
    (HUNAN, "dibao", "urban", "avg_paid", "2022-07", 374, "month"),
    (HUNAN, "tekun", "urban", "avg_actual", "2020-04", 8399, "year"),
    (HUNAN, "tekun", "rural", "avg_actual", "2020-04", 6427, "year"),
    (HUNAN, "tekun", "urban", "guide_min", "2020-11-01", 715, "month"),
    (HUNAN, "linshi", "all", "threshold", "2025-05-27", 20000, "once"),
    ("431100", "dibao", "urban", "local", "2023-01-01", 650, "month"),
    ("431100", "dibao", "rural", "local", "2023-01-01", 5000, "year"),
    ("430481", "dibao", "urban", "local", "2021-10", 600, "month"),
    ("430481", "dibao", "rural", "local", "2021-10", 380, "month"),
    ("430481", "tekun", "urban", "local", "2021-10", 780, "month"),
    ("430481", "tekun", "rural", "local", "2021-10", 494, "month"),
    (YUNNAN, "dibao", "urban", "guide_min", "2020-06-01", 640, "month"),
    (YUNNAN, "dibao", "rural", "guide_min", "2020-06-01", 4500, "year"),
    (YUNNAN, "dibao", "urban", "guide_min", "2021-07-01", 660, "month"),
    (YUNNAN, "dibao", "rural", "guide_min", "2021-07-01", 4770, "year"),
    (YUNNAN, "dibao", "urban", "guide_min", "2024", 735, "month"),
    (YUNNAN, "dibao", "rural", "guide_min", "2024", 6400, "year"),
    (YUNNAN, "dibao", "urban", "guide_min", "2025-07-01", 744, "month"),
    (YUNNAN, "dibao", "rural", "guide_min", "2025-07-01", 6720, "year"),
    (YUNNAN, "dibao", "rural", "local_sample", "2024-07", 534, "month"),
    (YUNNAN, "dibao", "rural", "local_sample", "2024-07", 310, "month"),
    (YUNNAN, "dibao", "rural", "local_sample", "2024-07", 220, "month"),
    (YUNNAN, "tekun", "all", "guide_min", "2020-06-01", 832, "month"),
    (YUNNAN, "tekun", "all", "guide_min", "2021-07-01", 858, "month"),
    (YUNNAN, "tekun", "all", "guide_min", "2025-07-01", 968, "month"),
    (YUNNAN, "linshi", "all", "threshold", "2023", 1000, "once"),
    *((YUNNAN, "tekun", "all", "guide_min", "2020-06-01", v, "month") for v in (835, 418, 251)),
    *((YUNNAN, "tekun", "all", "guide_min", "2020-06-01", v, "month") for v in (151, 88, 50)),
    *((YUNNAN, "tekun", "all", "guide_min", "2025-07-01", v, "month") for v in (1035, 518, 311)),
    *((YUNNAN, "tekun", "all", "guide_min", "2025-07-01", v, "month") for v in (187, 109, 62)),
    (DONGCHUAN, "dibao", "urban", "local", "2024", 735, "month"),
    (DONGCHUAN, "dibao", "rural", "local", "2024", 534, "month"),
    (DONGCHUAN, "dibao", "urban", "local", "2025-07-01", 744, "month"),
    (DONGCHUAN, "dibao", "rural", "local", "2025-07-01", 560, "month"),
    *((DONGCHUAN, "tekun", "all", "local", "2024", v, "month") for v in (956, 995, 498, 299, 179)),
    *(
        (DONGCHUAN, "tekun", "all", "local", "2025-07-01", v, "month")
        for v in (968, 1035, 518, 311, 187)
    ),
    ("532528", "dibao", "urban", "local", "2020", 640, "month"),
    ("532528", "dibao", "rural", "local", "2020", 4500, "year"),
    *(("532528", "dibao", "rural", "local", "2020-11", v, "month") for v in (375, 243, 193)),
    ("530100", "dibian", "all", "local_sample", "2023-06-16", 50000, "once"),
]


def test_every_published_standard_is_there_once():
    found = [
        (a.region, a.program, a.area, a.kind, a.since, a.value // 100, a.period)
        for a in CATALOGUE.amounts
        if a.value is not None
    ]
    assert sorted(found) == sorted(PUBLISHED)
    assert len(BY_ID) == len(CATALOGUE.amounts)


@pytest.mark.parametrize("yuan", [1006, 750], ids=["没写是哪个州", "推算出来的"])
def test_what_must_never_be_shown_is_not_there(yuan):
    assert yuan * 100 not in {a.value for a in CATALOGUE.amounts}


def test_values_nobody_published_are_null():
    unknown = {(a.region, a.program) for a in CATALOGUE.amounts if a.value is None}
    wanted = {(HUNAN, "tekun"), (HUNAN, "linshi"), (YUNNAN, "dibao"), (YUNNAN, "linshi")}
    assert unknown == wanted


def test_whole_yuan_and_a_document_each():
    for amount in CATALOGUE.amounts:
        assert amount.value is None or amount.value % 100 == 0
        assert amount.source.document
        assert amount.source.date or amount.source.number
        assert amount.changes_on == {"43": "01-01", "53": "07-01"}[amount.region[:2]]


@pytest.mark.parametrize(
    "on", [date(2019, 1, 1), date(2021, 6, 1), date(2024, 8, 1), date(2026, 11, 22)], ids=str
)
def test_averages_samples_and_borders_are_never_in_force(on):
    for path in ("430000/430400/430481", "530000/530100/530113", "530000/532500/532528"):
        for program in CATALOGUE.programs:
            found = amounts.in_force(CATALOGUE, program, path, on=on)
            assert {a.kind for a in found} <= {"guide_min", "local"}
            if on.year < 2020:
                assert found == ()


@pytest.mark.parametrize(
    ("program", "path", "on", "said"),
    [
        ("dibao", "430000", date(2025, 12, 31), "全省最低标准是每月740元。"),
        ("dibao", "430000", date(2026, 1, 1), "2025年的标准是每月740元。现在至少有这么多。"),
        ("dibao", "530000", date(2026, 6, 30), "全省最低标准是每月744元。"),
        ("dibao", "530000", date(2026, 7, 1), "2025年的标准是每月744元。现在至少有这么多。"),
        ("dibao", "530000", date(2025, 6, 30), "全省最低标准是每月735元。"),
        ("dibao", "530000/532500/532528", date(2026, 11, 22), "744元"),
        ("dibao", "430000/431100", date(2023, 6, 1), "当地标准是每月650元。"),
        ("dibao", "430000/431100", date(2026, 11, 22), "740元"),
        ("tekun", "530000/530100/530113", date(2026, 1, 1), "当地标准是每月1035元。"),
        ("tekun", "530000/530100/530113", date(2026, 11, 22), "2025年的标准是每月968元。"),
        ("tekun", "430000/430400/430481", date(2026, 11, 22), amounts.UNKNOWN),
        ("tekun", "430000/430400/430481", date(2024, 1, 1), "现在的标准，以受理地"),
    ],
)
def test_in_words(program, path, on, said):
    found = amounts.in_force(CATALOGUE, program, path, on=on)
    assert any(said in amounts.words(a, on=on) for a in found)


def test_a_county_below_its_province_is_history():
    """社会救助法 第19条."""
    on, path = date(2026, 11, 22), "430000/430400/430481"
    ruling = {a.region for a in amounts.in_force(CATALOGUE, "dibao", path, on=on)}
    past = amounts.history(CATALOGUE, "dibao", path, on=on)
    assert ruling == {"430000"}
    assert "2021年10月，当地标准是每月600元。" in [words for _amount, words in past]
    assert "2025年5月，全省平均标准是每月710元。" in [words for _amount, words in past]


def test_what_still_holds_is_not_called_past():
    past = amounts.history(CATALOGUE, "tekun", "530000/530100/530113", on=date(2026, 1, 1))
    assert past
    assert max(a.since for a, _words in past) == "2024"
