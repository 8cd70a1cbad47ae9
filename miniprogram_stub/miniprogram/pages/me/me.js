// What is kept of the person, WeChat and phone, consents, signing out.
import { drop, get, put } from "../../lib/api.js";
import { onPhone } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { bindWeChat, leave, tellPhone, unbindWeChat } from "../../lib/session.js";

Page(screen({
  data: { about: null, consents: [], said: "" },
  onLoad() {
    return this.show();
  },
  async show() {
    signedIn();
    const [{ phone, wechat }, texts] = await Promise.all([get("/api/me"), get("/api/me/consents")]);
    this.versions = texts.reduce((all, text) => Object.assign(all, { [text.kind]: text.version }), {});
    this.setData({ about: { phone: phone || "", wechat: Boolean(wechat) }, consents: texts.map(({ kind, title, given_at }) => ({ kind, title, on: Boolean(given_at) })) });
  },
  tell(event) {
    const { code } = event.detail;
    if (!code) return this.setData({ said: "没关系，以后再说也行。" });
    return this.done(() => tellPhone(code), "手机号记下了。");
  },
  bind() {
    return this.done(bindWeChat, "微信连上了。");
  },
  unbind() {
    return this.done(unbindWeChat, "不连微信了。下次用短信登录。");
  },
  change(event) {
    const { kind } = event.currentTarget.dataset;
    const { on } = this.data.consents.find((one) => one.kind === kind);
    return this.done(() => put("/api/me/consents", { consents: { [kind]: on ? null : this.versions[kind] } }), on ? "撤回了。" : "记下了。");
  },
  done(act, words) {
    return this.attempt(async () => {
      await act();
      this.setData({ said: words });
      await this.show();
    });
  },
  leave() {
    return this.sure(() => this.attempt(() => this.left()));
  },
  leaveAll() {
    return this.sure(() => this.attempt(async () => {
      await drop("/api/me/sessions");
      await this.left();
    }));
  },
  async left() {
    await leave();
    wx.reLaunch({ url: "/pages/home/home" });
  },
  // Nothing of this person stays on the phone; photos that are nowhere else are asked about first.
  sure(act) {
    if (!onPhone()) return act();
    return wx.showModal({
      title: `还有${onPhone()}张照片没传完`,
      content: "退出以后，这些照片就没有了。",
      confirmText: "退出",
      cancelText: "先不退",
      success: ({ confirm }) => confirm && act(),
    });
  },
  contract() {
    wx.openPrivacyContract({ fail() {} });
  },
}));
