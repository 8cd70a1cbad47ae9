"""The public manual over HTTP: programs and regions."""

import pytest


def test_all_programs(client):
    found = client.get("/api/programs").json
    assert len(found) == 13
    assert {p["id"] for p in found if not p["has_form"]} == {"jiaoyu", "jibing"}
    assert all(p["amounts"] == [] for p in found)


def test_one_program_in_a_place(client):
    found = client.get("/api/programs/dibao?region=430923121").json
    assert {a["words"] for a in found["amounts"]} >= {
        "2025年的标准是每月740元。现在至少有这么多。2026年的标准待确认。"
    }
    assert all(a["source"]["document"] for a in found["amounts"])
    assert all(d["source"]["document"] for d in found["deadlines"])
    step = found["form"]["steps"][0]
    assert {"name", "kind", "label", "options", "digest", "when"} <= step["fields"][0].keys()


def test_the_rules_of_a_program(client):
    found = client.get("/api/programs/dibao").json
    counted = found["household"]["counted"][0]
    assert counted == {"text": "丈夫或妻子。", "region": "", "source": counted["source"]}
    assert counted["source"]["article"] == "第7条"
    assert {m["actor"] for m in found["procedure"]} == {"applicant", "township", "county"}
    assert found["referral"] is None
    referral = client.get("/api/programs/cishan").json["referral"]
    assert "applicant_id_number" not in referral["fields"]


def test_local_deadlines_only_there(client):
    here = client.get("/api/programs/linshi?region=532301101").json["deadlines"]
    there = client.get("/api/programs/linshi?region=430923121").json["deadlines"]
    assert [d["days"] for d in here if d["unit"] == "hour"] == [None, 48, 48]
    assert [d["days"] for d in there if d["unit"] == "hour"] == [None]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/programs/moon", 404),
        ("/api/programs?region=999999", 422),
        ("/api/programs/dibao?region=999999", 422),
        ("/api/programs?region=" + "4" * 13, 422),
        ("/api/regions?parent=999999", 422),
        ("/api/regions?q=x&limit=1000", 422),
        ("/api/regions?q=x&level=planet", 422),
    ],
)
def test_refused_with_a_sentence(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json["message"].endswith("。")


def test_regions_by_parent(client):
    assert [r["name"] for r in client.get("/api/regions").json] == ["湖南省", "云南省"]
    found = client.get("/api/regions?parent=430923").json
    assert "湖南省益阳市安化县东坪镇" in {r["full_name"] for r in found}


def test_regions_by_words(client):
    found = client.get("/api/regions", query_string={"q": "茶亭", "level": "township"}).json
    assert found[0]["full_name"] == "湖南省长沙市望城区茶亭镇"
    assert client.get("/api/regions", query_string={"q": "%"}).json == []
