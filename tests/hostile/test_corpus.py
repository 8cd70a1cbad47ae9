"""The corpus of bad input (corpus.yaml): each gets the answer written beside it, over HTTP."""

import json
from hashlib import sha256
from io import BytesIO

import pytest
import yaml
from werkzeug.datastructures import FileStorage

from tests.api.walk import Resident
from tests.handover import files
from tests.people.test_names import BLOCKS
from tests.rules.code import ROOT

CORPUS = yaml.safe_load((ROOT / "tests/hostile/corpus.yaml").read_text(encoding="utf-8"))
UP_TO_H = [name for name in BLOCKS if name.startswith(("基本区", "扩展"))]


@pytest.fixture
def resident(client, portal):
    return Resident(client, portal).sign_in()


def body_of(case) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    text = case.get("body", "")
    for part in ("repeat", "tail"):
        if part in case:
            piece, times, end = case[part]
            text += "".join(piece.replace("%d", str(n)) for n in range(times)) + end
    return text.encode()


def judge(case, answer) -> str:
    if answer.status_code != case["status"]:
        return f"{case['is']}: {answer.status_code} {answer.text[:120]}"
    if case["status"] >= 400:
        said = answer.json
        if set(said) != {"code", "message", "request_id", "fields"}:
            return f"{case['is']}: no error shape"
        if said["code"] != case.get("code", said["code"]):
            return f"{case['is']}: {said['code']}"
        if case.get("field", "") not in {"", *said["fields"]}:
            return f"{case['is']}: {said['fields']}"
    return ""


def faults(found) -> list[str]:
    return [one for one in found if one]


def test_json(resident):
    def sent(case):
        more = {"Content-Encoding": case["encoding"]} if "encoding" in case else {}
        return resident.client.post(
            "/api/applications", data=body_of(case),
            headers=resident.headers | {"Idempotency-Key": "k"} | more,
            content_type=case.get("type", "application/json"),
        )  # fmt: skip

    assert faults(judge(case, sent(case)) for case in CORPUS["json"]) == []
    assert resident.get("/api/applications").json == [], "nothing of it was taken in"


def test_headers(resident):
    def sent(case):
        headers = {k: v * case.get("times", 1) for k, v in case["headers"].items()}
        return resident.client.get("/api/applications", headers=resident.headers | headers)

    before = resident.get("/api/applications").data
    for case in CORPUS["headers"]:
        answer = sent(case)
        assert judge(case, answer) == ""
        if case["status"] == 200:
            assert answer.data == before


def test_paths(client):
    for case in CORPUS["paths"]:
        answer = client.get(case["path"])
        assert answer.status_code in case["statuses"], (case, answer.status_code)
        assert b"root:x:" not in answer.data
        assert "evil.example" not in answer.headers.get("Location", "")


def test_multipart(resident):
    application = resident.start()
    found = []
    for number, case in enumerate(CORPUS["multipart"]):
        data = files.jpeg(size=(400, 320 + number))
        name = (
            case.get("name")
            or "".join(case.get("name_times", ["x", 1])[:1]) * case.get("name_times", ["x", 1])[1]
        )
        form = {
            "item": "bank_account", "digest": sha256(data).hexdigest(),
            "photo": FileStorage(BytesIO(data), name, content_type=case.get("type", "image/jpeg")),
        } | case.get("more", {})  # fmt: skip
        form |= {f"part{n}": "x" for n in range(case.get("parts", 0))}
        form.pop(case.get("drop", ""), None)
        body = (
            {"data": case["raw"], "content_type": "multipart/form-data"}
            if "raw" in case
            else {"data": form}
        )
        path = f"/api/applications/{application}/documents"
        answer = resident.client.post(path, headers=resident.headers, **body)
        found.append(judge(case, answer))
        assert name.encode() not in answer.data or name == "x"
    assert faults(found) == []


@pytest.mark.parametrize(
    ("part", "field"), [("numbers", "applicant_id_number"), ("names", "applicant_name")]
)
def test_answers(resident, part, field):
    application = resident.start()
    path, found = f"/api/applications/{application}/answers", []
    for case in CORPUS[part]:
        value = case["value"] * case.get("times", 1) if "times" in case else case["value"]
        revision = resident.get(path).json["revision"]
        answer = resident.put(path, {"revision": revision, "answers": {field: value}})
        if case.get("refused"):
            right = answer.status_code == 422 and field in answer.json["fields"]
            found.append("" if right else f"{case['is']}: {answer.status_code} {answer.text[:200]}")
            continue
        kept = resident.get(path).json["answers"].get(field)
        kept = kept.get("value") if isinstance(kept, dict) else kept
        found.append("" if kept == case["kept"] else f"{case['is']}: {answer.status_code} {kept!r}")
    assert faults(found) == []


def test_every_ideograph_is_a_name_and_comes_back_as_it_was(resident):
    """97,000 characters of CJK and its extensions to H, fifty a name, thirty people a request."""
    points = [chr(p) for name in UP_TO_H for p in range(BLOCKS[name][0], BLOCKS[name][1] + 1)]
    names = ["".join(points[at : at + 50]) for at in range(0, len(points), 50)]
    assert len(points) > 97_000
    application = resident.start()
    path, revision = f"/api/applications/{application}/answers", 0
    for at in range(0, len(names), 30):
        members = [
            {"row": f"r{n}", "name": name, "relation": "sibling"}
            for n, name in enumerate(names[at : at + 30])
        ]
        answer = resident.put(path, {"revision": revision, "answers": {"members": members}})
        assert answer.status_code == 200, answer.text[:300]
        revision = answer.json["revision"]
        kept = json.dumps(resident.get(path).json, ensure_ascii=False)
        assert all(one["name"] in kept for one in members)
