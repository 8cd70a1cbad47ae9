"""The application form as it stands on paper: what form.typ prints, made from a frozen file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.foundation.clock import spoken
from portal.handover import delegation, strokes
from portal.handover.frozen import EMPTY

_ALERTS = {
    "food": "急：没饭吃。请马上联系申请人。",
    "shelter": "急：没地方住。请马上联系申请人。",
}
_URGENT = "急难求助：请先救助，后补手续。"
_UNSIGNED, _NOT_ASKED = "还没有签名。入户时可当面补签。", "急难救助不要求先签名。"
_MOST_COLUMNS = 5
"""More do not fit on a portrait page; people are then printed one small table each."""


def of(body: Mapping[str, Any], photos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`body` as frozen, `photos` as they lie in the dossier (title, file, note)."""
    submitted = _moment(body["submitted_at"])
    return {
        "made": [*submitted.timetuple()[:6]],
        "title": f"{body['program']['title']}申请表",
        "subtitle": "已提交，尚未受理",
        "empty": EMPTY,
        "reference": body["reference_no"],
        "alert": _ALERTS.get(body["alert"], _URGENT if body["urgent"] else ""),
        "footer": f"救助通拟定的表样，按申请人所填打印 · 第{body['version']}次提交",
        "facts": [
            ["申请编号", body["reference_no"]],
            ["提交次数", f"第{body['version']}次"],
            ["首次提交", spoken(_moment(body["filed_at"]))],
            ["本次提交", spoken(submitted)],
        ],
        "places": [
            ["送到", body["office"]["name"]],
            ["为什么送这里", body["office"]["why"]],
            *delegation.rows(body.get("mandate")),
        ],
        "steps": [_step(step) for step in body["steps"] if step["fields"]],
        "photos": [_photo(number, photo) for number, photo in enumerate(photos, 1)],
        "absent": "、".join(rule["title"] for rule in body["not_photographed"]),
        "unsigned": _NOT_ASKED if body["urgent"] else _UNSIGNED,
        "signatures": [_signature(one) for one in body["signatures"]],
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    fields = step["fields"]
    return {
        "title": step["title"],
        "rows": [[f["label"], _said(f)] for f in fields if "people" not in f],
        "people": [_group(f) for f in fields if "people" in f],
    }


def _said(field: Mapping[str, Any]) -> str:
    note = "\n（填写后这道题的说法改过）" if field["question_changed"] else ""
    return f"{field['text']}{note}"


def _group(field: Mapping[str, Any]) -> dict[str, Any]:
    """People as rows under common columns, in the order the questions are asked."""
    columns: dict[str, str] = {}
    for person in field["people"]:
        columns.update({f["name"]: f["label"] for f in person["fields"]})
    rows = []
    for person in field["people"]:
        said = {f["name"]: f["text"] for f in person["fields"]}
        rows.append([said.get(name, "—") for name in columns])
    return {
        "label": field["label"],
        "columns": list(columns.values()),
        "rows": rows,
        "wide": len(columns) > _MOST_COLUMNS,
    }


def _photo(number: int, photo: Mapping[str, Any]) -> list[str]:
    return [str(number), photo["title"], photo["note"] or "已附", photo["file"] or "—"]


def _signature(one: Mapping[str, Any]) -> dict[str, str]:
    who = "申请人" if one["signer"] == "applicant" else "家庭成员"
    when = spoken(_moment(one["signed_at"]))
    return {
        "who": f"{one['name']}\n{who}",
        "how": "\n".join(
            filter(
                None,
                (one["method_text"], one.get("phone"), when, f"授权书版本 {one['text_version']}"),
            )
        ),
        "svg": strokes.svg(one["strokes"]),
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
