// Signing in: WeChat, the phone WeChat knows, or a text message; then back to where one was going.
import { Failure, post } from "../../lib/api.js";
import { sendOn } from "../../lib/photos.js";
import { screen } from "../../lib/screen.js";
import { bindWeChat, enterByText, enterByWeChat, leave, sendCode, tellPhone } from "../../lib/session.js";
import { outOf } from "../../lib/words.js";

const NO_PHONE = "没有拿到手机号。可以用微信登录，或收短信。";
const NO_QUOTA = 1400001;

Page(screen({
  data: { phone: "", code: "", six: "", sent: false, proof: false, faults: {} },
  onLoad(query) {
    this.next = outOf(query.next) || "/pages/mine/mine";
    this.setData({ proof: query.why === "proof_needed" });
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  byWeChat() {
    return this.attempt(async () => this.entered(await enterByWeChat()));
  },
  byPhone(event) {
    const { code, errno, errMsg } = event.detail;
    if (code) return this.attempt(() => this.tell(code));
    const wasRefused = /deny|cancel|privacy/.test(errMsg || "");
    return this.fail(new Failure({ code: "no_phone", message: errno === NO_QUOTA || !wasRefused ? NO_PHONE : "没关系。" + NO_PHONE }));
  },
  // A number whose account has files is proved by a text; what was begun in WeChat comes along.
  async tell(code) {
    try {
      this.entered((await tellPhone(code)).session || {});
    } catch (fault) {
      this.binds = fault.code === "sms_code_needed";
      throw fault;
    }
  },
  send() {
    return this.attempt(() => this.withFaults(async () => {
      await sendCode(this.data.phone.trim());
      this.setData({ sent: true });
    }));
  },
  byText() {
    return this.attempt(() => this.withFaults(async () => {
      const session = await enterByText(this.data.phone.trim(), this.data.code.trim());
      if (this.binds) await bindWeChat().catch(() => {});
      this.entered(session);
    }));
  },
  prove() {
    return this.attempt(async () => {
      await post("/api/me/proof", { last_six: this.data.six.trim() });
      this.entered({});
    });
  },
  afresh() {
    return this.attempt(async () => {
      await post("/api/me/fresh-start");
      await leave();
      this.setData({ proof: false });
    });
  },
  async withFaults(act) {
    this.setData({ faults: {} });
    try {
      await act();
    } catch (fault) {
      const fields = fault.fields || {};
      this.setData({ faults: Object.keys(fields).reduce((all, name) => Object.assign(all, { [name]: fields[name].join("") }), {}) });
      throw fault;
    }
  },
  entered(session) {
    sendOn();
    if (session.needs_proof) return this.setData({ proof: true });
    const lacks = (session.consents_missing || []).length;
    return wx.redirectTo({ url: lacks ? `/pages/consents/consents?next=${encodeURIComponent(this.next)}` : this.next, fail: () => wx.reLaunch({ url: "/pages/home/home" }) });
  },
}));
