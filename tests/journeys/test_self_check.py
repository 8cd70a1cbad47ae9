"""「看看能办哪些救助」: from home to the reasons, computed on the phone, then into a draft."""

from collections.abc import Callable

import pytest

from tests.journeys.phone import Phone

pytestmark = pytest.mark.browser


def test_在手机上算不出网(phone: Callable[..., Phone]) -> None:
    hers = phone()
    hers.open("/?place=430923")
    hers.tap("我家有困难，看看能办什么")
    page = hers.page
    page.wait_for_selector("html[data-ready]")
    asked: list[str] = []
    for words in ("钱不够过日子", "都不是"):
        page.get_by_label(words, exact=True).check()
    page.locator("[name=area][value=rural]").check()
    page.fill("#members", "3")
    page.wait_for_selector("#income_wage")
    for name in ("income_business", "income_property", "income_transfer"):
        page.fill(f"#{name}", "0")
    page.fill("#income_wage", "9000")
    page.context.set_offline(True)
    page.on("request", lambda request: asked.append(request.url))
    hers.tap("算一算", stays=True)
    hers.sees("低保：可能符合，还要核")
    hers.sees("试算结果仅供参考，以民政部门审核确认为准。")
    assert not asked
    assert page.locator("a[href='/apply/dibao']").is_visible()
