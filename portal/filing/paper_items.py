"""The papers a photo can lie under: a program's own, and those every program takes."""

from collections.abc import Mapping

from portal.foundation.errors import Invalid
from portal.policy.catalogue import Program

OTHER = "other"
SIGNED_PAGE = "signed_page"
MANDATE_PAPER = "proxy_letter"
GUARDIAN_PROOF = "guardian_proof"
UNSORTED = "unsorted"
"""Taken first, to be sorted later; what is still here at submission goes along as OTHER."""

TITLES: Mapping[str, str] = {
    OTHER: "其他材料",
    SIGNED_PAGE: "签过字的纸",
    MANDATE_PAPER: "签过字的委托书",
    GUARDIAN_PROOF: "监护人的证明",
    UNSORTED: "先拍，后分",
}
"""Beside a program's own: anything else, the consent signed on paper, what a mandate rests on."""


def check(program: Program, item: str) -> None:
    """Raises Invalid for a paper this program has no place for."""
    if item not in {rule.item for rule in program.documents} | set(TITLES):
        raise Invalid("没有这项材料。请刷新页面再试。", fields={"item": ["没有这项材料。"]})


def title(program: Program, item: str) -> str:
    """身份证; 其他材料."""
    named = {rule.item: rule.title for rule in program.documents}
    return named.get(item) or TITLES.get(item, TITLES[OTHER])
