"""石桂香's application in the mini-program, step by step, as she taps it."""

from collections.abc import Callable
from pathlib import Path

from tests.miniprogram.handset import Handset

PHOTOS = Path(__file__).parent.parent / "photos"
NAME, NUMBER, PHONE = "石桂香", "433127195411081222", "13874312345"
VILLAGE = ("湖南省", "湘西土家族苗族自治州", "永顺县", "芙蓉镇")
SAVE = "保存，下一步"


def begin(hers: Handset) -> str:
    """From the first page to the list of steps; the application's id."""
    hers.open()
    hers.tap("申请低保")
    hers.tap("开始填")
    hers.at("sign-in")
    hers.tap("用微信登录")
    hers.at("consents")
    consent(hers)
    hers.at("apply")
    hers.tap("开始填")
    hers.at("tasks")
    hers.sees("低保申请")
    return str(hers.page.evaluate("__mp.stack.top().instance.data.id"))


def consent(hers: Handset) -> None:
    hers.main.locator("label.option").first.wait_for()
    for box in hers.main.locator("label.option").all():
        box.tap()
    hers.tap("下一步")


def _helper(hers: Handset) -> None:
    hers.main.locator("label.option").first.tap()


def _applicant(hers: Handset) -> None:
    hers.type("要申请的人叫什么名字？", NAME)
    hers.type("他的身份证号码", NUMBER)


def _contact(hers: Handset) -> None:
    hers.type("联系电话", PHONE)


def _place(hers: Handset) -> None:
    hers.place("户口在哪个乡镇（街道）？", *VILLAGE)
    hers.type("户口在哪个乡镇（街道）？：门牌号", "三组12号")


def _reason(hers: Handset) -> None:
    for place in (0, 1):
        hers.main.locator("label.option").nth(place).tap()
    hers.type("用自己的话说说", "老伴走了，我常年吃药。")


def _living(hers: Handset) -> None:
    hers.tick("否")


def _kind(hers: Handset) -> None:
    hers.main.locator("label.option").first.tap()


def _health(hers: Handset) -> None:
    hers.tick("有慢性病（长期吃药的病）")


def _household(hers: Handset) -> None:
    hers.tap("加一个人")
    hers.type("姓名", "石小军")
    hers.type("哪天出生的？：年", "2014")
    hers.type("哪天出生的？：月", "３")
    hers.type("哪天出生的？：日", "5")
    hers.tick("孙子孙女、外孙外孙女")


def _income(hers: Handset) -> None:
    hers.type("打工、上班挣的钱", "0")
    hers.type("种地、养殖、做买卖挣的钱", "1200.5")
    hers.tick("养老金、儿女给的钱、补助：说不清，上门时再核")


def _assets(hers: Handset) -> None:
    hers.main.locator("label.option").last.tap()


def _expenses(hers: Handset) -> None:
    hers.type("看病自己付的钱", "4800")


def _account(_hers: Handset) -> None:
    """Nothing: it may be left open."""


def _declarations(hers: Handset) -> None:
    hers.tick("我说的都是真的。")
    hers.tick("我知道结果要在村里公布。")


STEPS: dict[str, Callable[[Handset], None]] = {
    "helper": _helper, "applicant": _applicant, "contact": _contact, "household_place": _place,
    "reason": _reason, "living": _living, "apply_type": _kind, "own_health": _health,
    "household": _household, "income": _income, "assets": _assets, "expenses": _expenses,
    "account": _account, "declarations": _declarations,
}  # fmt: skip


def on_step(hers: Handset, key: str) -> None:
    hers.page.wait_for_function(
        "key => __mp.stack.top().instance.key === key && __mp.stack.top().instance.data.title",
        arg=key,
    )
    hers.sees(hers.page.evaluate("__mp.stack.top().instance.data.title"))


def photo(name: str) -> str:
    return str(PHOTOS / name)
