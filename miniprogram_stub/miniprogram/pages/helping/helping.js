// Whom one helps, and who helps oneself; either is ended in two taps.
import { drop, get } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { remember } from "../../lib/whose.js";

Page(screen({
  data: { people: [], helpers: [], known: false, roster: false },
  onLoad() {
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const { helping, helped, roster } = await get("/api/mandates");
    remember(helping.filter((one) => !one.over));
    this.setData({
      known: true,
      roster: Boolean(roster),
      people: helping.map((one) => ({ id: one.id, person: one.person, words: one.over ? "已经结束，看不到了" : one.applications.length ? `${one.applications.length}份申请` : "还没有申请", unsigned: !one.over && !one.basis })),
      helpers: helped.map(({ id, helper, over }) => ({ id, helper, over })),
    });
  },
  end(event) {
    const { id, name } = event.currentTarget.dataset;
    wx.showModal({
      title: `不要${name}帮您办了？`,
      content: "他马上就看不到您的申请。",
      confirmText: "不要了",
      success: ({ confirm }) => confirm && this.attempt(async () => {
        await drop("/api/mandates/" + id);
        await this.show();
      }),
    });
  },
}));
