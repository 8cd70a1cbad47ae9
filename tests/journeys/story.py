"""The 72-year-old's application, step by step, as she taps it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.journeys.phone import Phone

PHOTOS = Path(__file__).parent.parent / "photos"
NAME, NUMBER, PHONE = "石桂香", "433127195411081222", "13874312345"
VILLAGE = ("湖南省", "湘西土家族苗族自治州", "永顺县", "芙蓉镇")

STEPS: Mapping[str, Mapping[str, Any]] = {
    "helper": {"filled_in_by": ("self",)},
    "applicant": {"applicant_name": NAME, "applicant_id_number": NUMBER},
    "contact": {"phone": PHONE},
    "household_place": {"household_place.address": "三组12号"},
    "reason": {"reason": ("illness", "old_age"), "reason_words": "老伴走了，我常年吃药。"},
    "living": {"lives_elsewhere": ("no",)},
    "apply_type": {"apply_type": ("rural",)},
    "own_health": {"applicant_health": ("chronic",), "applicant_work": ("unable",)},
    "household": {},
    "income": {
        "income_wage": "0", "income_business": "1200.5", "income_property": "０",
        "income_transfer.unsure": ("1",),
    },
    "assets": {"assets": ("none",)},
    "expenses": {"expense_medical": "4800"},
    "account": {},
    "declarations": {
        "near_kin": ("absent",), "declares_true": ("1",), "knows_publication": ("1",),
    },
}  # fmt: skip


def begin(phone: Phone) -> str:
    """From the first page to the task list; the application's address."""
    phone.open("/")
    phone.tap("申请低保")
    phone.tap("用手机号登录，开始填")
    phone.sign_in(PHONE)
    phone.consent()
    phone.sees("申请低保")
    phone.tap("开始填")
    phone.sees("低保申请")
    return phone.page.url.removeprefix(phone.url).removesuffix("/tasks")


def answer_all(phone: Phone) -> None:
    """Every step in its turn, saved with the big button."""
    phone.tap("接着填")
    for step, answers in STEPS.items():
        assert phone.page.url.partition("?")[0].endswith(f"/steps/{step}"), phone.page.url
        if step == "household_place":
            phone.place("household_place", *VILLAGE)
        phone.answer(answers)
        if step == "household":
            add_grandson(phone)
        phone.tap("保存，下一步")


def add_grandson(phone: Phone) -> None:
    phone.tap("加一个人", stays=phone.script)
    row = phone.page.locator("[data-row]:not(template *)").last.get_attribute("data-row")
    phone.type(f"{row}.name", "石小军")
    phone.type(f"{row}.birth_date.y", "2014")
    phone.type(f"{row}.birth_date.m", "３")
    phone.type(f"{row}.birth_date.d", "5")
    phone.choose(f"{row}.relation", "孙子孙女、外孙外孙女")
    phone.tick(f"{row}.health", "healthy")
    phone.choose(f"{row}.work", "在上学")


def photo(name: str) -> str:
    return str(PHOTOS / name)
