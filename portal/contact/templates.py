"""All words that go to people by themselves, in one place: texts, messages, what to say at a door.

A text (TEMPLATES) lies open on tables: at most 70 characters, no program, no person, no outcome.
A message (MESSAGES) is read after signing in and may say more. SAYINGS are for whoever walks over.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 70
MOST_IN_A_WORD = 4
SIGNATURE = "【救助通】"
EXAMPLE = {"code": "123456"}
"""`code` is the only value any text takes."""

TEMPLATES: Mapping[str, str] = {
    "code_sign_in": "【救助通】登录验证码{code}，5分钟内有效。不要告诉别人。",
    "code_sign": "【救助通】签名验证码{code}，5分钟内有效。同意签名才告诉办事人。",
    "code_phone": "【救助通】更换手机号验证码{code}，5分钟内有效。不要告诉别人。",
    "code_mandate": "【救助通】委托验证码{code}，5分钟内有效。同意别人帮您办，才告诉他。",
    "code_payee": "【救助通】改收款账号验证码{code}，5分钟内有效。同意改，才告诉别人。",
    "mandate_given": "【救助通】有人说受您委托来办事。没同意？到救助通点“不是我同意的”，填取消码{code}。",
    "helper_submitted": "【救助通】有人替您交了申请。没同意？到救助通点“不是我同意的”，填取消码{code}。",
    "payee_opened": "【救助通】工作人员说您同意改收款账号，今天能改。没同意？到救助通点“不是我同意的”，填取消码{code}。",
    "phone_changed": "【救助通】您的登录手机号已更换。不是您换的，请打12349。",
    "wechat_bound": "【救助通】有微信连上了您的账户。不是您，请打12349。",
    "session_ended": "【救助通】您的登录有异常，已帮您退出。请重新登录。",
    "submitted": "【救助通】申请已提交，尚未受理。请打开救助通看进度。",
    "accepted": "【救助通】您的申请已受理。请打开救助通看进度。",
    "returned": "【救助通】您的申请要补材料。请打开救助通看清单。",
    "photo_retake": "【救助通】有一张照片要重拍。请打开救助通看是哪一张。",
    "visit_planned": "【救助通】工作人员要上门了解情况。请打开救助通看时间。",
    "not_accepted": "【救助通】您的申请有了答复。请打开救助通看原因。",
    "transferred": "【救助通】您的申请已转到该办的地方。提交时间不变。",
    "extended": "【救助通】您的申请要多办几天。请打开救助通看原因。",
    "hearing": "【救助通】有一件事要先听您的意见。请打开救助通看。",
    "progress": "【救助通】您的申请有新进展。请打开救助通查看。",
    "office_wrote": "【救助通】办事人员给您留言了。请打开救助通看。",
    "payment_failed": "【救助通】请核对收款账号。请打开救助通看，或打电话问。",
    "consent_asked": "【救助通】有一件事想问您愿不愿意。请打开救助通看。",
    "recheck": "【救助通】该看看家里情况变没变了。请打开救助通答几题。",
    "complaint_answered": "【救助通】您反映的事有了答复。请打开救助通看。",
    "draft_waiting": "【救助通】您有一份申请没填完，已存好。不想再提醒，可在我的信息里关。",
    "helped_draft_waiting": "【救助通】您帮人办的一份申请没填完，已存好。不想再提醒，可在我的信息里关。",
    "draft_ends": "【救助通】您有份申请半年没动，两周后删掉。要办就接着填。",
    "alert": "【救助通】有人急需帮助，请马上登录工作台处理。",
    "nudged": "【救助通】有人催办，时限已过。请登录工作台看。",
    "overdue": "【救助通】有申请过了时限还没办。请登录工作台看。",
    "overdue_below": "【救助通】有申请超时，已报到您这里。请登录工作台看。",
    "lead_late": "【救助通】有线索没按时去看。请登录工作台看。",
    "digest_late": "【救助通】今日清单：有超时或急事，请先办。数目见工作台。",
    "digest_going": "【救助通】今日清单：没有超时，有件在办。数目见工作台。",
    "digest_none": "【救助通】今日清单：没有待办，没有超时，各项都是零。",
}

CODES = frozenset(name for name in TEMPLATES if name.startswith("code_"))
OFFICE = frozenset(
    {
        "alert",
        "nudged",
        "overdue",
        "overdue_below",
        "lead_late",
        "digest_late",
        "digest_going",
        "digest_none",
    }
)
"""To the people of an office, who read the rest at the desk."""
ABOUT_A_HELPER = frozenset({"mandate_given", "helper_submitted", "payee_opened"})
"""To who is helped, often without an account; `code` ends the mandate."""
AT_ONCE = CODES | {"alert"}
"""Sent at any hour: somebody waits for a code; a township must know of hunger."""

WORDS = (
    "荷花", "喜鹊", "月亮", "小河", "春天", "石头", "稻谷", "竹子", "茶花", "山泉", "太阳", "燕子",
)  # fmt: skip
"""Offered as code words; a person may choose another of up to four characters."""


@dataclass(frozen=True)
class LongText:
    """A message in the portal: a title and sentences."""

    title: str
    body: str


MESSAGES: Mapping[str, LongText] = {
    "phone_changed": LongText("登录手机号换了", "以后用新号码登录。不是您换的，请打12349。"),
    "wechat_bound": LongText(
        "微信连上了", "以后用这个微信就能登录。不是您连的，请在我的信息里解除，再打12349。"
    ),
    "session_ended": LongText(
        "登录有异常", "有人可能用过您的登录。已帮您退出所有手机。请重新登录。"
    ),
    "submitted": LongText(
        "申请交上来了", "已提交，尚未受理。材料正送往乡镇（街道）。有消息会告诉您。"
    ),
    "accepted": LongText("您的申请受理了", "乡镇（街道）开始办了。下一步会上门了解情况。"),
    "returned": LongText(
        "要您补材料", "要补的列成了一张清单。照清单一样一样补。拿不到的可以跳过。"
    ),
    "photo_retake": LongText("有一张照片要重拍", "点开看是哪一张、怎么拍。拍不了也可以等上门。"),
    "visit_planned": LongText("工作人员要上门", "点开看哪天来、谁来。有事不在家，可以改时间。"),
    "not_accepted": LongText("您的申请有了答复", "请点开看原因。不同意，可以复议，也可以打官司。"),
    "transferred": LongText(
        "申请转到该办的地方", "原来的地方不管这件事。已经帮您转过去了。提交时间不变。"
    ),
    "extended": LongText("要多办几天", "办理时间延长了。点开看原因和新的日期。"),
    "hearing": LongText(
        "要先听您的意见", "作决定以前，想听您怎么说。点开看是什么事。可以写，也可以打电话。"
    ),
    "progress": LongText("您的申请有新进展", "点开看现在到哪一步，轮到谁。"),
    "office_wrote": LongText("办事人员给您留言了", "点开看留言。可以写字回，也可以说话回。"),
    "recheck": LongText("看看情况变没变", "有四题，答一答就行。不想答，可以请人上门。不答也照发。"),
    "complaint_answered": LongText("您反映的事有了答复", "点开看答复。"),
    "payment_failed": LongText(
        "有一笔钱没打进去", "银行没有打成。钱还是您的。请打窗口电话，换一个账户。"
    ),
    "consent_asked": LongText(
        "想问您愿不愿意", "想请别人也来帮您。点开看告诉谁、告诉什么。不愿意，不影响别的事。"
    ),
    "draft_waiting": LongText(
        "有一份申请还没填完", "填过的都存好了。接着填就行，不会填可以打电话。不想再提醒，可以关掉。"
    ),
    "helped_draft_waiting": LongText(
        "您帮人办的一份申请还没填完", "填过的都存好了。接着填就行。不想再提醒，可以关掉。"
    ),
    "draft_ends": LongText(
        "半年没动的申请要删了", "两周后删掉，照片也删。还要办，打开改一处就行。不办，不用管它。"
    ),
}
"""For every text that is not a code and not for the office."""

SAYINGS: Mapping[str, str] = {
    "returned": "申请要补东西。请打窗口电话问，也可以请人帮着拍照。",
    "photo_retake": "有一张照片要重拍。请打窗口电话问，也可以请人帮着拍。",
    "hearing": "有件事要先听本人意见。请尽快打窗口电话，或到窗口说。",
    "office_wrote": "办事人员有话要说。请打窗口电话，或到窗口问。",
    "recheck": "请看看家里变没变：人、收入、住处、账号。不答也不要紧。",
    "complaint_answered": "反映的事有了答复。请打窗口电话，或到窗口问。",
    "payment_failed": "请本人核对收款账号。请打窗口电话，或到窗口问。",
    "consent_asked": "有件事想问本人愿不愿意。请打窗口电话，或到窗口说。",
    "helper_submitted": "有人替本人交了申请。没有同意，请打窗口电话。",
}
SAYING = "申请有新进展。请打窗口电话，或到窗口问。"
"""What somebody is to say at the door: never the program, never the outcome."""


def text_of(template: str, values: Mapping[str, str], *, word: str = "") -> str:
    """The text as it leaves, with the person's code word behind our name.

    Raises ValueError past 70 characters.
    """
    text = TEMPLATES[template].format_map(values)
    if word:
        text = text.replace(SIGNATURE, f"{SIGNATURE}口令：{word}。", 1)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"template {template} grew past {MOST_CHARACTERS} characters")
    return text


def message_of(template: str) -> LongText:
    """What the same says in the portal."""
    return MESSAGES.get(template, MESSAGES["progress"])


def saying_of(template: str) -> str:
    return SAYINGS.get(template, SAYING)
