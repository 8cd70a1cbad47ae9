// The four texts agreed to one by one, before the first personal datum.
import { Failure, get, put } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { outOf } from "../../lib/words.js";

Page(screen({
  data: { texts: [] },
  async onLoad(query) {
    this.next = outOf(query.next) || "/pages/mine/mine";
    signedIn();
    const texts = await get("/api/me/consents");
    const asked = texts.map((text) => Object.assign(text, { on: Boolean(text.given_at), isOpen: false, parts: text.parts.map(([heading, sentences]) => ({ heading, sentences })) }));
    this.setData({ texts: asked });
  },
  open(event) {
    this.change(event, { isOpen: true });
  },
  tick(event) {
    this.change(event, { on: event.detail.value.length > 0 });
  },
  change(event, changes) {
    const { kind } = event.currentTarget.dataset;
    this.setData({ texts: this.data.texts.map((text) => (text.kind === kind ? Object.assign({}, text, changes) : text)) });
  },
  give() {
    return this.attempt(async () => {
      const { texts } = this.data;
      const missing = texts.find((text) => text.needed && !text.on);
      if (missing) throw new Failure({ code: "consents", message: `还没同意“${missing.title}”。不同意，就请去窗口办。` });
      const consents = texts.reduce((all, text) => Object.assign(all, { [text.kind]: text.on ? text.version : null }), {});
      await put("/api/me/consents", { consents });
      wx.redirectTo({ url: this.next, fail: () => wx.reLaunch({ url: "/pages/home/home" }) });
    });
  },
}));
