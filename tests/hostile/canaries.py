"""Unique words through every field of every form, and where any of them can be found again."""

import base64
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

from PIL import Image
from werkzeug.datastructures import FileStorage

from portal.policy.catalogue import Program
from tests.api import matrix
from tests.api.test_matrix import BODIES, Trial
from tests.people.test_identity import number
from tests.rules.code import ROOT

_NAMES = re.compile(r'\bname="([a-z_][a-z0-9_]*)"')
PHONES = {"phone", "second_phone", "helper_phone", "old_phone"}
NUMBERS = {"id_number", "applicant_id_number", "number"}
FIXED = {"csrf", "next", "mode", "key"}
"""Made by our own pages, never typed."""
SESSIONS = ("end", "sign_out", "leave", "start_afresh", "change_phone", "start_afresh")
"""Verbs that would end the session of who goes on asking."""


MARK = "CanaryZq7"
_KNOWN = re.compile(rb"CanaryZq7[0-9a-f]{5}Kz|1397[1-9][0-9]{6}|43092319[0-9]{9}[0-9X]")
_HIDDEN = [
    MARK.encode().hex().encode(),
    *(base64.b64encode(b"\0" * n + MARK.encode() + b"\0" * 3)[4:-7] for n in range(3)),
]
"""The mark in hex, and in base64 wherever it begins."""


_COUNT = count()
"""No word is ever handed out twice: what an earlier test left on purpose is not ours."""


@dataclass
class Canaries:
    """Hands out words and remembers which field each went through."""

    where: dict[str, str] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    _sent: list[str] = field(default_factory=list)
    _short: list[str] = field(default_factory=list)

    def word(self, place: str, *, most: int | None = None) -> str:
        n = next(_COUNT)
        if most is not None and most < 16:
            made = f"{chr(0x20000 + n % 0xA000)}{chr(0x2A000 - n % 0xA000)}"
            self._short.append(made)
            return self._keep(made, place)
        return self._keep(f"{MARK}{n:05x}Kz", place)

    def phone(self, place: str) -> str:
        return self._keep(f"139{71000000 + next(_COUNT)}", place)

    def number(self, place: str) -> str:
        n = next(_COUNT)
        return self._keep(number(f"43092319{50 + n // 999 % 40}0101{n % 999:03d}"), place)

    def _keep(self, made: str, place: str) -> str:
        self.where[made] = place
        self._sent.append(made)
        return made

    def answered(self, status: int) -> None:
        """What the last request carried was taken in, or not."""
        if status < 400:
            self.accepted |= set(self._sent)
        self._sent.clear()

    def found_in(self, raw: bytes) -> list[str]:
        """The fields whose words stand in these bytes, as they are, in hex or in base64."""
        there = {one.decode() for one in _KNOWN.findall(raw)}
        there |= {one for one in self._short if one.encode() in raw}
        found = {self.where[one] for one in there if one in self.where}
        return sorted(found | {"hidden" for one in _HIDDEN if one in raw})


class Flock:
    """The world of the access matrix with a canary in every field."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.app, self.portal = trial, trial.app, trial.portal
        self.words = Canaries()

    def fly(self, *, pages: int) -> None:
        """Every operation of the API, and every `pages`-th form."""
        self._answers()
        self._photo()
        rules = [r for r in self.app.url_map.iter_rules() if r.endpoint != "asset"]
        for at, rule in enumerate(sorted(rules, key=lambda r: r.rule)):
            if at % pages and not rule.rule.startswith("/api"):
                continue
            verb = rule.endpoint.rpartition(".")[2]
            if verb.startswith(SESSIONS) or rule.endpoint == "me.change_consents":
                continue
            for method in sorted(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}):
                for name in self._who(rule):
                    self._ask(rule, method, name)

    def _who(self, rule: Any) -> list[str]:
        """A resident and somebody of an office, where it is for them; else who it is for."""
        allowed = sorted(self.trial.table[rule.endpoint] or {matrix.NOBODY})
        staff = [name for name in allowed if name.endswith(":own")]
        residents = [name for name in allowed if name in matrix.RESIDENTS]
        return [*residents[:1], *staff[:1]] or allowed[:1]

    def _ask(self, rule: Any, method: str, name: str) -> None:
        where = f"{method} {rule.rule}"
        if rule.rule.startswith("/api"):
            schema = self._schema(rule, method)
            body = {"json": self._filled(schema, where)} if schema else {}
            if rule.endpoint in BODIES and body:
                fixed = {k: v for k, v in BODIES[rule.endpoint].items() if k != "sentence"}
                body["json"] |= fixed
        else:
            body = {"data": self._form(where)}
        headers = self.trial.as_(name, fresh=True) | {"Idempotency-Key": str(uuid4())}
        answer = self.app.test_client().open(
            self.trial.path(rule), method=method, headers=headers,
            query_string={"q": self.words.word(f"{where} ?q")}, **body,
        )  # fmt: skip
        answer.get_data()
        self.words.answered(answer.status_code)

    def _schema(self, rule: Any, method: str) -> dict[str, Any] | None:
        path = re.sub(r"<(?:[^<>:]*:)?([^<>]+)>", r"{\1}", rule.rule)
        operation = self.trial.spec["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def _filled(self, schema: dict[str, Any], place: str, name: str = "") -> Any:
        while "$ref" in schema:
            schema = self.trial.spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object" and "enum" not in schema:
            inner = schema.get("properties", {})
            return {k: self._filled(v, f"{place} {k}", k) for k, v in inner.items()}
        if kind == "array":
            return [self._filled(schema.get("items", {}), place, name)]
        if kind != "string" or "enum" in schema or "format" in schema:
            return self.trial.example(schema)
        return self._text(place, name, schema.get("maxLength"))

    def _text(self, place: str, name: str, most: int | None = None) -> str:
        if name in PHONES:
            return self.words.phone(place)
        if name in NUMBERS:
            return self.words.number(place)
        return self.words.word(place, most=most)

    def _form(self, place: str) -> dict[str, str]:
        return {name: self._text(f"{place} {name}", name) for name in sorted(page_fields() - FIXED)}

    def _answers(self) -> None:
        """Every field of every program's form, as the owner fills it in."""
        for program in self.portal.catalogue.programs.values():
            if not program.has_form:
                continue
            headers = self.trial.as_(matrix.STRANGER, fresh=True)
            key = {"Idempotency-Key": f"canary-{program.id}"}
            made = self.app.test_client().post(
                "/api/applications", json={"program_id": program.id}, headers=headers | key
            )
            if made.status_code != 201:
                continue
            self.last = made.json["id"]
            for name, value in self._values(program):
                answer = self.app.test_client().put(
                    f"/api/applications/{self.last}/answers", headers=headers,
                    json={"revision": 99, "answers": {name: value}},
                )  # fmt: skip
                self.words.answered(answer.status_code)

    def _values(self, program: Program) -> Iterator[tuple[str, Any]]:
        for one in program.form.fields:
            place = f"{program.id} {one.name}"
            if one.kind == "id_number":
                yield one.name, self.words.number(place)
            elif one.kind == "phone":
                yield one.name, self.words.phone(place)
            elif one.kind == "place":
                yield one.name, {"code": "430923121", "address": self.words.word(place)}
            elif one.kind == "text":
                yield one.name, self.words.word(place)
            elif one.kind == "people":
                row = {"row": "c1", "name": self.words.word(place), "relation": "spouse"}
                yield one.name, [row]

    def _photo(self) -> None:
        """A photo that carries words in its EXIF, its name and its comment."""
        picture, out = Image.new("RGB", (400, 320), "white"), io.BytesIO()
        exif = Image.Exif()
        exif[0x010E] = self.words.word("photo EXIF")
        picture.save(out, "JPEG", exif=exif, comment=self.words.word("photo comment").encode())
        data = out.getvalue()
        name = f"{self.words.word('photo name')}.jpg"
        answer = self.app.test_client().post(
            f"/api/applications/{self.last}/documents",
            headers=self.trial.as_(matrix.STRANGER, fresh=True),
            data={
                "item": "bank_account", "digest": sha256(data).hexdigest(),
                "photo": FileStorage(io.BytesIO(data), name, content_type="image/jpeg"),
            },
        )  # fmt: skip
        self.words.answered(answer.status_code)


@cache
def page_fields() -> frozenset[str]:
    """Every name a form of ours sends."""
    pages: Iterable[Any] = [
        *(ROOT / "static/pages").rglob("*.html"),
        *(ROOT / "static/desk").rglob("*.html"),
    ]
    return frozenset(n for page in pages for n in _NAMES.findall(page.read_text(encoding="utf-8")))
