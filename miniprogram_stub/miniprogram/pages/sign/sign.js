// Who is asked to sign, and what each has done. Nobody has to before handing in.
import { get, post } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { spoken } from "../../lib/words.js";

const METHODS = { screen: "已签：在手机上签", code: "已签：用本人手机验证码", paper: "已签：在纸上签后拍照", visit: "已选：上门时签" };

Page(screen({
  data: { id: "", next: "", all: "", signers: [], known: false },
  onLoad(query) {
    const { id, home } = query;
    this.setData({ id, next: home ? "/pages/hand-in/hand-in?home=" + home : "/pages/review/review?id=" + id, all: home ? "/pages/walk/walk?home=" + home : "/pages/tasks/tasks?id=" + id });
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const found = await get(`/api/applications/${this.data.id}/signatures`);
    const signers = found.map(({ key, name, method }) => ({ key, name, method, words: METHODS[method] || "还没签", outside: key.startsWith("outside:"), link: "", until: "" }));
    this.setData({ signers, known: true });
  },
  link(event) {
    const { key } = event.currentTarget.dataset;
    return this.attempt(async () => {
      const { url, expires_at } = await post(`/api/applications/${this.data.id}/signers/${key}/links`);
      wx.setClipboardData({ data: url, fail() {} });
      this.setData({ signers: this.data.signers.map((one) => (one.key === key ? Object.assign({}, one, { link: url, until: spoken(expires_at) }) : one)) });
    });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));
