"""A resident at the JSON API, as any client would be."""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.assembly import Portal
from portal.contact import messages

PHOTOS = Path(__file__).parent.parent / "photos"
ANSWERS: dict[str, Any] = {
    "filled_in_by": "self",
    "applicant_name": "王秀英",
    "applicant_id_number": "430923190001010010",
    "phone": "13812345678",
    "household_place": {"code": "430923103", "address": "大桥村三组"},
    "reason": ["illness", "old_age"],
    "income_wage": 0,
    "income_transfer": 144000,
    "expense_medical": "unsure",
    "members": [{"row": "r0", "name": "李大山", "relation": "spouse"}],
}


@dataclass
class Resident:
    client: FlaskClient
    portal: Portal
    phone: str = "13812345678"
    headers: dict[str, str] = field(default_factory=dict)

    def sign_in(self) -> "Resident":
        """By a code to the phone, then all four consents."""
        sent = self.client.post("/api/auth/sms-codes", json={"phone": self.phone})
        assert sent.status_code == 202, sent.json
        body = {"phone": self.phone, "code": self.code()}
        session = self.client.post("/api/auth/sessions", json=body)
        assert session.status_code == 201, session.json
        self.headers = {"Authorization": f"Bearer {session.json['access_token']}"}
        texts = self.client.get("/api/me/consents", headers=self.headers).json
        versions = {text["kind"]: text["version"] for text in texts}
        given = self.client.put(
            "/api/me/consents", json={"consents": versions}, headers=self.headers
        )
        assert given.status_code == 200, given.json
        return self

    def code(self) -> str:
        with self.portal.database.reading() as session:
            sent = [
                m.text for m in messages.latest(session)
                if m.phone == self.phone and m.template.startswith("code_")
            ]  # fmt: skip
            return re.findall(r"[0-9]{6}", sent[0])[0]

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(path, json=body, headers={**self.headers, **headers})

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(path, json=body, headers=self.headers)

    def start(self, program: str = "dibao", key: str = "start-1") -> str:
        made = self.post("/api/applications", {"program_id": program}, **{"Idempotency-Key": key})
        assert made.status_code == 201, made.json
        return str(made.json["id"])

    def fill_in(self, application: str, **answers: Any) -> Any:
        body = {"revision": 0, "answers": answers or ANSWERS}
        saved = self.put(f"/api/applications/{application}/answers", body)
        assert saved.status_code == 200, saved.json
        return saved.json

    def add_photo(
        self, application: str, name: str = "bank_L1_00.jpg", item: str = "bank_account"
    ) -> Any:
        data = (PHOTOS / name).read_bytes()
        return self.send(application, data, item=item, digest=sha256(data).hexdigest())

    def send(self, application: str, data: bytes, *, item: str, digest: str) -> Any:
        photo = FileStorage(BytesIO(data), "x.jpg", content_type="image/jpeg")
        border, body = encode_multipart({"item": item, "digest": digest, "photo": photo})
        return self.client.post(
            f"/api/applications/{application}/documents",
            data=body,
            headers=self.headers,
            content_type=f'multipart/form-data; boundary="{border}"',
        )
