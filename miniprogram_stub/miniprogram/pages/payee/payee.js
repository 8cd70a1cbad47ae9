// Another payee account: only the person helped can allow it, by a code on their own phone.
import { get, post } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";

Page(screen({
  data: { person: "", files: [], coded: false, open: false, code: "" },
  async onLoad(query) {
    signedIn();
    this.id = query.mandate;
    const { helping } = await get("/api/mandates");
    const found = helping.find((one) => one.id === this.id);
    this.setData({ person: found ? found.person : "他", files: found ? found.applications.map(({ id, reference_no, status }) => ({ id, number: reference_no, url: status === "draft" ? "/pages/tasks/tasks?id=" + id : "/pages/case/case?id=" + id })) : [] });
  },
  type(event) {
    this.data.code = event.detail.value;
  },
  send() {
    return this.attempt(async () => {
      await this.said({});
      this.setData({ coded: true });
    });
  },
  prove() {
    return this.attempt(async () => {
      await this.said({ code: this.data.code.trim() });
      this.setData({ open: true });
      wx.pageScrollTo({ scrollTop: 0 });
    });
  },
  said(more) {
    return post(`/api/mandates/${this.id}/confirmations`, Object.assign({ method: "code", purpose: "payee" }, more));
  },
}));
