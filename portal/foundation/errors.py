"""The one family of errors people may read.

Refusal                 what was asked cannot be done; says why in plain Chinese
├── BadRequest    400   the request cannot be understood
├── SignInNeeded  401   nobody, or no longer, signed in
├── Forbidden     403   signed in, but not for this
├── NotFound      404   unknown, or not theirs: the two look the same
├── Conflict      409   somebody else was faster, or the state has moved on
├── TooLarge      413
├── WrongType     415
├── Invalid       422   a field needs another value
├── TooOften      429   come back later
└── Busy          503   our side cannot do it now; nothing was kept
"""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """`message` is for people, `code` for programs, `fields` names what to change.

    `keeps` says that what was written before the refusal is to be committed all the
    same (a wrong sign-in code counts as a try even though the request fails).
    """

    status = 400
    code = "refused"
    keeps = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
        retry_after: int | None = None,
        keeps: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.retry_after = retry_after
        self.keeps = type(self).keeps if keeps is None else keeps


class BadRequest(Refusal):
    status, code = 400, "bad_request"


class SignInNeeded(Refusal):
    status, code = 401, "sign_in_needed"


class Forbidden(Refusal):
    status, code = 403, "forbidden"


class NotFound(Refusal):
    status, code = 404, "not_found"

    def __init__(self, message: str = "没有找到。请回到首页再试。", **more: object) -> None:
        super().__init__(message, **more)  # type: ignore[arg-type]


class Conflict(Refusal):
    status, code = 409, "conflict"


class TooLarge(Refusal):
    status, code = 413, "too_large"


class WrongType(Refusal):
    status, code = 415, "wrong_type"


class Invalid(Refusal):
    status, code = 422, "invalid"


class TooOften(Refusal):
    status, code = 429, "too_often"


class Busy(Refusal):
    status, code = 503, "busy"
