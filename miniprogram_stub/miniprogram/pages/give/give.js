// A code for the phone beside this one: the person takes the file over, or a helper asks to help.
import { leave } from "../../lib/acting.js";
import { get, post } from "../../lib/api.js";
import { waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget } from "../../lib/store.js";
import { learn } from "../../lib/whose.js";

Page(screen({
  data: { mandate: "", person: "", homes: [], known: false, onPhone: 0, pass: null, code: "", square: "", state: "", helper: null },
  async onLoad(query) {
    signedIn();
    const mandate = query.mandate || "";
    this.setData({ mandate });
    if (mandate) await this.whose(mandate);
    else this.setData({ homes: (await get("/api/households")).map(({ id, name }) => ({ id, name: name || "我家" })) });
    this.setData({ known: true });
  },
  async whose(mandate) {
    const found = (await get("/api/mandates")).helping.find((one) => one.id === mandate);
    if (!found) return;
    learn([found]);
    this.household = found.household_id;
    this.files = found.applications.map((one) => one.id);
    this.setData({ person: found.person, onPhone: found.applications.reduce((all, one) => all + waiting(one.id).length, 0) });
  },
  show(event) {
    const { mandate } = this.data;
    const where = mandate ? "/api/mandates/" + mandate : "/api/households/" + event.currentTarget.dataset.id;
    return this.attempt(async () => {
      const { id, code, square, state } = await post(where + "/passes");
      this.setData({ pass: id, code: code.slice(0, 4) + " " + code.slice(4), square, state });
    });
  },
  look() {
    return this.attempt(() => this.looked());
  },
  async looked() {
    const { state, offer } = await get("/api/passes/" + this.data.pass);
    if (state === "taken" && this.data.mandate) this.letGo();
    this.setData({ state, helper: offer ? { name: offer.helper, relation: offer.relation } : null });
  },
  // What was the person's leaves this phone.
  letGo() {
    leave(this.data.mandate);
    (this.files || []).forEach((id) => [`draft:${id}`, `file:${id}`, `talk:${id}`].forEach(forget));
    [`home:${this.household}`, `typed:${this.household}`].forEach(forget);
  },
  answer(event) {
    const agrees = Boolean(event.currentTarget.dataset.agrees);
    return this.attempt(async () => {
      this.setData({ state: (await post(`/api/passes/${this.data.pass}/answer`, { agrees })).state });
    });
  },
  anew() {
    this.setData({ pass: null, code: "", square: "", state: "", helper: null });
  },
}));
