"""A file from one mini-program to another by eight digits, help asked for face to face, and another payee."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.site import Site
from tests.miniprogram import story
from tests.miniprogram.handset import Handset
from tests.miniprogram.test_looks import call
from tests.miniprogram.test_roster import texted

pytestmark = pytest.mark.browser

HIS, HERS = "13874300002", "13874300003"
OTHERS = "13874300004", "13874300005"


def entered(phone: Handset, number: str) -> Handset:
    phone.open("pages/sign-in/sign-in")
    phone.type("手机号", number)
    phone.tap("发短信验证码")
    phone.sees("短信已发出。")
    phone.type("验证码", texted(phone))
    phone.tap("登录")
    phone.at("consents")
    story.consent(phone)
    phone.at("mine")
    return phone


def shown_code(phone: Handset) -> str:
    phone.sees("十五分钟里有用，只能用一次。")
    return phone.main.locator(".big").inner_text()


def taken(phone: Handset, code: str) -> None:
    phone.kill("pages/take/take")
    phone.type("交接码", code)
    phone.tap("看一看")


def test_转给本人_再请原来的人帮_本人在自己手机上点头(
    handset: Callable[..., Handset], site: Site
) -> None:
    his = entered(handset(user="neighbour"), HIS)
    helped = {"kind": "neighbour", "person": "田老大", "helper": "张邻居", "phone": HERS}
    mandate = call(his, "POST", "/api/mandates", helped)["id"]
    call(his, "POST", "/api/applications", {"program_id": "dibao", "mandate_id": mandate})
    his.kill(f"pages/give/give?mandate={mandate}")
    his.tap("他在身边，出示交接码")
    code = shown_code(his)
    hers = entered(handset(user="tian"), HERS)
    taken(hers, "0000 0000")
    hers.sees("请看这里")
    taken(hers, code)
    hers.sees("田老大家的申请")
    hers.tap("是我家的，接过来")
    hers.at("mine")
    hers.sees("低保")
    his.tap("他输好了，看一看")
    his.sees("田老大接过去了")
    his.kill("pages/helping/helping")
    his.sees("已经结束，看不到了")
    hers.kill("pages/give/give")
    hers.tap("出示交接码")
    taken(his, shown_code(hers))
    his.sees("请您帮着办")
    his.tap("请他点头")
    his.sees("请看这里")
    his.type("您叫什么？", "张邻居")
    his.tick("邻居、朋友")
    his.tap("请他点头")
    his.sees("等他在自己手机上点头")
    hers.tap("他输好了，看一看")
    hers.sees("请张邻居帮您办吗？")
    hers.tap("可以，请他帮我办")
    hers.sees("他可以帮您办了")
    his.tap("他点好了，看一看")
    his.sees("他同意了")
    his.tap("看我帮的人")
    expect(his.main.locator(".tap").first).to_be_visible()


def test_改收款账号_只凭他手机上的验证码(handset: Callable[..., Handset]) -> None:
    his = entered(handset(user="payee"), OTHERS[0])
    helped = {"kind": "neighbour", "person": "田老大", "helper": "张邻居", "phone": OTHERS[1]}
    mandate = call(his, "POST", "/api/mandates", helped)["id"]
    call(his, "POST", "/api/applications", {"program_id": "dibao", "mandate_id": mandate})
    his.kill(f"pages/payee/payee?mandate={mandate}")
    his.tap("给他发验证码")
    his.sees("发出去了。请他念给您听。")
    his.type("短信里的6个数字", "000000")
    his.tap("他同意改")
    his.sees("请看这里")
    his.type("短信里的6个数字", texted(his))
    his.tap("他同意改")
    his.sees("他同意了。十分钟里可以改。")
