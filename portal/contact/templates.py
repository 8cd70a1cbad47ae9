"""Every text message, whole: at most 70 characters, and nothing about a person in it.

A phone lies on tables: no message names a program, a person, or an outcome.
"""

from collections.abc import Mapping

MOST_CHARACTERS = 70

TEMPLATES: Mapping[str, str] = {
    "code_sign_in": "【救助通】登录验证码{code}，5分钟内有效。不要告诉别人。",
    "code_sign": "【救助通】签名验证码{code}，5分钟内有效。同意签名才告诉办事人。",
    "code_phone": "【救助通】更换手机号验证码{code}，5分钟内有效。不要告诉别人。",
    "phone_changed": "【救助通】您的登录手机号已更换。不是您换的，请打12349。",
    "session_ended": "【救助通】您的登录有异常，已帮您退出。请重新登录。",
    "submitted": "【救助通】申请已提交，尚未受理。请打开救助通看进度。",
    "accepted": "【救助通】您的申请已受理。请打开救助通看进度。",
    "returned": "【救助通】您的申请要补材料。请打开救助通看清单。",
    "not_accepted": "【救助通】您的申请有了答复。请打开救助通看原因。",
    "transferred": "【救助通】您的申请已转到该办的地方。提交时间不变。",
    "progress": "【救助通】您的申请有新进展。请打开救助通查看。",
    "alert": "【救助通】有人急需帮助，请马上登录工作台处理。",
}
"""`code` is the only value any of them takes."""
