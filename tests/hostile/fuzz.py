"""Generated requests over the whole manual, as everybody; what is wrong with the answers."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from sqlalchemy import delete

from portal.foundation.rates import RateWindow
from portal.people.tables import PhoneCode
from tests.api import matrix
from tests.api.test_matrix import Trial

REFUSALS = {400, 401, 403, 404, 409, 410, 413, 415, 422, 429}
"""What the manual's default answer stands for; each in the one error shape."""
ERROR = {"code", "message", "request_id", "fields"}
UNASKED = {("GET", "/api/openapi.json")}
"""The generator leaves out the manual itself."""
UNSENT = {
    "host",
    "accept-encoding",
    "content-length",
    "connection",
    "transfer-encoding",
    "authorization",
}


class Fuzz:
    """The world of the access matrix, asked what a generator thinks of."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.app, self.portal = trial, trial.app, trial.portal
        self.schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app=trial.app)
        self.spec = self.trial.spec
        self.rules = dict(self._rules())
        self.statuses: Counter[int] = Counter()
        self.faults: dict[str, str] = {}

    def _rules(self) -> Iterator[tuple[tuple[str, str], Any]]:
        for rule in self.app.url_map.iter_rules():
            path = re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield (path, method), rule

    def operation(self, operation: Any, *, number: int, first: int) -> None:
        """`number` requests to one operation: bodies that fit and bodies that do not."""
        rule = self.rules[(operation.path, operation.method.upper())]
        allowed = sorted(self.trial.table[rule.endpoint])
        names = st.sampled_from(allowed * 3 + sorted(matrix.EVERYBODY))
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        @seed(first)
        @settings(
            max_examples=number, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=cases, name=names, real=st.integers(0, 3))
        def run(case: Any, name: str, real: int) -> None:
            self.ask(case, rule, name, real=real > 0)

        run()
        self._forget_limits()

    def ask(self, case: Any, rule: Any, name: str, *, real: bool) -> None:
        sent = case.as_transport_kwargs(base_url="http://localhost")
        path = self.trial.path(rule) if real else case.formatted_path
        headers = {k: v for k, v in (sent.get("headers") or {}).items() if k.lower() not in UNSENT}
        body = {k: sent[k] for k in ("json", "data") if sent.get(k) is not None}
        answer = self.app.test_client().open(
            path, method=case.method, query_string=case.query or None,
            headers=headers | self.trial.as_(name, fresh=True), **body,
        )  # fmt: skip
        self.statuses[answer.status_code] += 1
        if fault := self.fault(answer, case.operation):
            where = f"{case.method} {path} as {name}: {answer.status_code}, {fault}"
            self.faults.setdefault(f"{case.operation.label}: {fault}", f"{where} {body}"[:600])

    def fault(self, answer: Any, operation: Any) -> str:
        """What is wrong with an answer; empty for nothing."""
        status = answer.status_code
        if status >= 500:
            return "broken"
        said = operation.definition.raw["responses"]
        if status < 300:
            return "" if str(status) in said else "a success the manual does not know"
        if status in (301, 302, 303, 308):
            return "" if str(status) in said else "a redirection the manual does not know"
        if status not in REFUSALS:
            return "a refusal the manual does not know"
        if not answer.is_json or set(answer.json) != ERROR:
            return "not in the error shape"
        return ""

    def _forget_limits(self) -> None:
        self.trial.tokens.clear()
        self.trial.consent()
        with self.portal.database.writing() as session:
            session.execute(delete(RateWindow))
            session.execute(delete(PhoneCode))

    def operations(self) -> list[Any]:
        """Every operation of the manual."""
        found = [one.ok() for one in self.schema.get_all_operations()]
        paths = self.spec["paths"].items()
        said = {(m.upper(), path) for path, one in paths for m in one if m != "parameters"}
        assert {(o.method.upper(), o.path) for o in found} == said - UNASKED
        return found
