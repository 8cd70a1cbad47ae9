"""「我现在就需要帮助」: three answers, no sign-in, the township knows."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.filing.tables import Application
from tests.journeys.phone import Phone
from tests.journeys.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["有脚本", "没有脚本"])
def test_没饭吃马上报到乡镇(phone: Callable[..., Phone], site: Site, script: bool) -> None:
    his = phone(script=script)
    his.open("/guide/linshi")
    his.tap("我现在就需要帮助", within=his.page.locator("nav.urgent"))
    his.tap("马上求助")
    his.sees("有3处要改")
    his.place("place", "云南省", "昆明市", "五华区", "华山街道")
    his.answer({"found_by": "火车站出站口，穿蓝衣服", "needs": ("food",), "happened": "钱包丢了"})
    his.tap("马上求助")
    his.sees("求助已送出")
    with site.portal.database.reading() as session:
        asked = session.scalars(select(Application)).one()
        assert asked.alert == "food"
        assert asked.reference_no in his.page.locator("main").inner_text()
