"""Who is calling, as far as limits need to know."""

from ipaddress import ip_address, ip_network

from flask import request

_V4, _V6 = 24, 48


def device() -> str:
    """This browser, else this address."""
    return request.cookies.get("browser", "")[:64] or request.remote_addr or ""


def device_kind() -> str:
    """wechat · phone · tablet · computer, as the browser names itself; nothing finer is kept."""
    agent = request.headers.get("User-Agent", "").lower()
    if "micromessenger" in agent:
        return "wechat"
    if "ipad" in agent or ("android" in agent and "mobile" not in agent):
        return "tablet"
    return "phone" if "mobile" in agent or "android" in agent else "computer"


def network() -> str:
    """The /24 or /48 of the caller; empty for this machine itself, which is not limited."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.is_loopback:
        return ""
    bits = _V4 if address.version == 4 else _V6
    return str(ip_network((address, bits), strict=False))
