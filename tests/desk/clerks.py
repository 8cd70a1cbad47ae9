"""A clerk at a browser without a screen: signs in, reads, presses."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from portal.assembly import Portal
from portal.people import staff
from portal.people.access import Role
from tests.conftest import NOW
from tests.handover import files


def hire(
    portal: Portal, username: str = "li", region: str = files.TOWNSHIP,
    role: Role = Role.TOWNSHIP_CLERK, name: str = "李主任",
) -> tuple[str, str]:  # fmt: skip
    """Password and second factor of a new member of staff."""
    with portal.database.writing() as session:
        _member, password, uri = staff.add(session, username, name, role, region, now=NOW)
    return password, uri


@dataclass
class Clerk:
    client: FlaskClient

    def sign_in(self, username: str, password: str, uri: str) -> Any:
        form = {"username": username, "password": password, "totp": staff.code_at(uri, NOW)}
        return self.post("/desk/sign-in", form, at="/desk/sign-in")

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, form: dict[str, Any] | None = None, *, at: str = "/desk/") -> Any:
        """With the token of the page the form stands on."""
        page = self.client.get(at).get_data(as_text=True)
        token = re.search(r'name="csrf" content="([0-9a-f]+)"', page)
        return self.client.post(path, data={"csrf": token[1] if token else "", **(form or {})})


def signed_in(app: Any, portal: Portal, username: str = "li", **how: Any) -> Clerk:
    clerk = Clerk(app.test_client())
    answer = clerk.sign_in(username, *hire(portal, username, **how))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return clerk
