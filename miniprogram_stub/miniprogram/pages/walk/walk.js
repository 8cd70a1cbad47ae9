// All forms of one family filled in together: every topic once, and how far each is.
import { get } from "../../lib/api.js";
import { stateOf } from "../../lib/form.js";
import { answers, drafts, openedHome, openPages } from "../../lib/home.js";
import { waiting } from "../../lib/photos.js";
import { programs } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";

const LOOKS = { 已填: "good", 要补: "bad", 上次填的: "", 未填: "" };

Page(screen({
  data: { home: "", known: false, programs: [], next: null, tasks: [], photos: 0, sign: "", unsigned: 0 },
  onLoad(query) {
    this.setData({ home: query.home });
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const { home } = this.data;
    const [family, all] = await Promise.all([openedHome(home), programs("")]);
    const files = drafts(family);
    const tasks = openPages(home).map((page) => {
      const state = this.stateOf(home, page);
      return { key: page.key, title: page.title, state, look: LOOKS[state] };
    });
    const short = (id) => (all.find((one) => one.id === id) || { short: "申请" }).short;
    this.setData({ known: true, programs: files.map((one) => ({ id: one.id, short: short(one.program_id) })), tasks, next: tasks.find((task) => task.state !== "已填") || null });
    await this.count(files);
  },
  stateOf(home, page) {
    const missing = page.missing.reduce((all, name) => Object.assign(all, { [name]: true }), {});
    const known = answers(home, page);
    const state = stateOf(page, known, missing);
    return page.carried && state !== "未填" ? "上次填的" : state;
  },
  // A photo that several of them have is one; whoever signs in one of them has signed in all.
  async count(files) {
    const nothing = () => [];
    const [documents, signers] = await Promise.all(["documents", "signatures"].map((what) => Promise.all(files.map((one) => get(`/api/applications/${one.id}/${what}`).catch(nothing)))));
    const sums = /** @type {any[]} */ ([]).concat(...documents).map((one) => one.sent_digest);
    const onPhone = files.reduce((sum, one) => sum + waiting(one.id).length, 0);
    const signing = signers.findIndex((list) => list.length > 0);
    this.setData({ photos: new Set(sums).size + onPhone, sign: signing < 0 ? "" : files[signing].id, unsigned: signing < 0 ? 0 : signers[signing].filter((one) => !one.method).length });
  },
}));
