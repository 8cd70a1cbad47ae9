// An assistant's village by group: what waits, who was visited, whom to help next.
import { drop, get, post } from "../../lib/api.js";
import { back, still, touched } from "../../lib/idle.js";
import { programs } from "../../lib/programs.js";
import { groups, hasReturned, MOST_AT_ONCE, opened, sieves, sifted } from "../../lib/roster.js";
import { goTo, screen, signedIn } from "../../lib/screen.js";
import { learn } from "../../lib/whose.js";
import { into } from "../../lib/words.js";

Page(screen({
  data: { known: false, away: false, title: "", words: "", sought: "", only: "", inside: "", sieves: [], groups: [], found: 0, fold: false, asked: false },
  onLoad() {
    return this.show();
  },
  onReturn() {
    back(this);
    return this.data.away ? undefined : this.show();
  },
  onUnload() {
    still(this);
  },
  touch() {
    if (!this.data.away) touched(this);
  },
  hideNames() {
    this.every = this.households = [];
    this.setData({ away: true, groups: [] });
  },
  stay() {
    return this.attempt(() => this.show());
  },
  async show() {
    signedIn();
    const words = this.data.words.trim();
    const [{ villages, households }, found, all] = await Promise.all([get("/api/roster"), words ? get("/api/roster?words=" + into(words)) : null, programs("")]);
    learn(opened(households));
    Object.assign(this, { villages, every: households, households: found ? found.households : households, programs: all });
    touched(this);
    this.setData({ known: true, away: false, sought: words, title: villages.map((one) => one.name).join("、") + "的名册", asked: hasReturned(households) });
    this.draw();
  },
  draw() {
    const { only, inside } = this.data;
    const found = sifted(this.households, only);
    const every = groups(found, this.villages, this.programs);
    const shown = inside ? every.filter((group) => group.title === inside) : every;
    this.setData({ sieves: sieves(this.every, only), groups: shown, found: found.length, fold: !inside && found.length > MOST_AT_ONCE });
  },
  type(event) {
    this.data.words = event.detail.value;
  },
  seek() {
    this.setData({ inside: "" });
    return this.attempt(() => this.show());
  },
  all() {
    this.setData({ words: "", only: "", inside: "" });
    return this.attempt(() => this.show());
  },
  sift(event) {
    this.setData({ only: event.currentTarget.dataset.key, inside: "" });
    this.draw();
  },
  open(event) {
    this.setData({ inside: event.currentTarget.dataset.title });
    this.draw();
    wx.pageScrollTo({ scrollTop: 0 });
  },
  visit(event) {
    return this.attempt(async () => {
      await post(`/api/roster/households/${event.currentTarget.dataset.id}/visits`);
      await this.show();
    });
  },
  // One tap; then the person says yes.
  help(event) {
    return this.attempt(async () => {
      const mandate = await post(`/api/roster/households/${event.currentTarget.dataset.id}/mandates`);
      learn([mandate]);
      goTo(`/pages/${mandate.basis ? "helped/helped" : "agree/agree"}?mandate=${mandate.id}`);
    });
  },
  remove(event) {
    const { id, name } = event.currentTarget.dataset;
    wx.showModal({
      title: `从名册去掉${name}？`,
      content: "写错了，或者搬走了，再去掉。",
      confirmText: "去掉",
      success: ({ confirm }) => confirm && this.attempt(async () => {
        await drop("/api/roster/households/" + id);
        await this.show();
      }),
    });
  },
}));
