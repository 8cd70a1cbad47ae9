"""A whole form filled in on the phone's own copy of it, without a signal."""

from playwright.sync_api import Locator, expect

from tests.journeys import story
from tests.journeys.phone import Phone
from tests.journeys.site import soon


def begin(
    phone: Phone, program: str, *, person: str = "", helper: str = "", pin: str = "",
    signs: bool = False,
) -> str:  # fmt: skip
    """A new file, for oneself or for `person`; its id, which the phone made. `pin`: set it first; "no": it is
    offered, and left. `signs`: the person signs the mandate, where the phone can ask for it."""
    phone.open(f"/fill/{program}")
    if person:
        phone.tick("whom", "other")
        phone.answer({"person": person, "kind": ("neighbour",), "helper": helper})
    else:
        phone.tick("whom", "self")
    phone.tap("开始填", stays=True)
    if pin == "no":
        phone.sees("设手机密码")
        phone.tap("先不设", stays=True)
    elif pin:
        set_pin(phone, pin)
    later = phone.page.get_by_role("button", name="以后再说")
    expect(phone.page.locator("[data-later], [data-ways]:not([hidden])")).to_be_visible()
    if signs:
        sign(phone, phone.page.locator("[data-part=begin] section"))
    elif later.is_visible():
        later.tap()
    expect(phone.page.locator("[data-ways]")).to_be_visible()
    return phone.page.url.partition("#")[2].partition("/")[0]


def set_pin(phone: Phone, pin: str) -> None:
    phone.sees("设手机密码")
    for name in ("pin", "again"):
        phone.page.locator(f"#{name}").fill(pin)
    phone.tap("设好", stays=True)


def only(phone: Phone, answers: dict[str, object]) -> None:
    """Just the topics of these answers, opened by their address; then the photos."""
    for name, value in answers.items():
        part = phone.page.locator(f'[data-name="{name}"]')
        _open(phone, str(part.evaluate("(part) => part.closest('form').dataset.page")))
        if name == "household_place":
            phone.place(name, *story.VILLAGE)
        else:
            phone.answer({name: value})
    _open(phone, "photos")


def _open(phone: Phone, step: str) -> None:
    phone.page.evaluate(
        "(step) => { location.hash = location.hash.split('/')[0] + '/' + step }", step
    )
    expect(phone.page.locator(f'[data-page="{step}"]')).to_be_visible()


def fill(phone: Phone, answers: dict[str, object]) -> None:
    """Through all topics of the sheet, up to the photos."""
    page = phone.page
    for _step in range(20):
        expect(page.locator("[data-page]:not([hidden])")).to_be_visible()
        if page.locator("[data-page=photos]").is_visible():
            return
        shown = page.locator("form[data-page]:not([hidden])")
        for name, value in answers.items():
            if shown.locator(f'[name="{name}"]').count():
                phone.answer({name: value})
        if shown.locator('[name="household_place.address"]').count():
            phone.place("household_place", *story.VILLAGE)
        before = page.url
        shown.get_by_role("button", name="存好，下一步").tap()
        _turned(phone, before)
    raise AssertionError("never comes to the photos")


def photograph(phone: Phone, item: str, *names: str) -> None:
    form = phone.page.locator(f'form[data-paper="{item}"]')
    if not form.is_visible():
        phone.tap("下面这些不用交，愿意拍也行", stays=True)
    form.locator("input[type=file]").set_input_files([story.photo(name) for name in names])
    expect(form.locator("li")).to_have_count(len(names))
    expect(form.locator("li").last).to_contain_text("已存在手机里")


def sign(phone: Phone, card: Locator) -> None:
    """With a finger, in the pad of this signer."""
    card.locator("summary").last.tap()
    phone.sign(card.locator("canvas"))
    card.locator("[data-keep]").tap()


def finish(phone: Phone) -> None:
    """From the photos past the signatures; then it goes by itself."""
    phone.tap("拍好了，下一步", stays=True)
    signs = phone.page.locator("[data-page=sign]:not([hidden])")
    expect(signs.or_(phone.page.locator("[data-page=done]:not([hidden])"))).to_be_visible()
    if signs.count():
        phone.tap("下一步", stays=True)
    phone.tap("填好了，有信号就交")


def with_its_camera(phone: Phone, item: str) -> None:
    """One more photo, by the camera in the page."""
    form = phone.page.locator(f'form[data-paper="{item}"]')
    before = form.locator("li").count()
    form.get_by_role("button", name="用这里的相机拍").tap()
    form.get_by_role("button", name="拍一张").tap()
    expect(form.locator("li")).to_have_count(before + 1)
    expect(form.locator("li").last).to_contain_text("已存在手机里")


def _turned(phone: Phone, before: str) -> None:
    """The address says the next topic a moment before it is shown."""
    page = phone.page
    assert soon(lambda: page.url != before)
    expect(page.locator(f'[data-page="{page.url.rpartition("/")[2]}"]')).to_be_visible()
