// The papers of one application, or of all a family fills in together: each with its photos. None is ever demanded.
import { get } from "../../lib/api.js";
import { opened } from "../../lib/drafts.js";
import { drafts, openedHome } from "../../lib/home.js";
import { roomLeft, sendOn, waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { holds } from "../../shared/conditions.js";

const OTHER = { item: "other", title: "别的材料", hint: "想给窗口看的，都可以拍。", need: "helpful", when: null };
const OPEN = ["draft", "returned"];

Page(screen({
  data: { id: "", home: "", one: "", sections: [], documents: {}, editable: false, room: "" },
  async onLoad(query) {
    signedIn();
    this.setData({ id: query.id || "", home: query.home || "", room: roomLeft() });
    this.item = query.item || "";
    const ids = query.home ? drafts(await openedHome(query.home)).map((one) => one.id) : [query.id];
    this.files = await Promise.all(ids.map((id) => opened(id)));
    await this.refresh();
    this.setData({ sections: this.sections(), editable: this.files.every(({ file }) => OPEN.includes(file.status)) });
    sendOn();
  },
  // Every paper once, in the file that asks it first; those the office looks up itself come last.
  sections() {
    const found = [];
    this.files.forEach((one, number) => this.rules(one, number === 0).forEach(({ item, title, hint, need }) => {
      const there = found.find((section) => section.item === item);
      if (there) there.shared = there.shared && need === "shared";
      else found.push({ item, title, hint, opens: false, shared: need === "shared", application: one.file.id });
    }));
    const all = found.filter((one) => !one.shared).concat(found.filter((one) => one.shared));
    const first = all.find((one) => one.shared);
    if (first) first.opens = true;
    if (!this.item) return all;
    const wanted = all.find((one) => one.item === this.item) || { item: this.item, title: this.item, hint: "", application: this.files[0].file.id };
    this.setData({ one: wanted.title });
    return [Object.assign({}, wanted, { opens: false })];
  },
  // What is asked now, and what there are photos of although it is asked no longer.
  rules({ file, program, draft }, isFirst) {
    const asked = program.documents.filter((rule) => !rule.when || holds(rule.when, draft.answers) || rule.item === this.item);
    const items = (this.data.documents[file.id] || []).concat(waiting(file.id)).map((one) => one.item);
    const left = items.filter((item, at) => items.indexOf(item) === at && !asked.some((rule) => rule.item === item));
    const named = left.map((item) => program.documents.find((rule) => rule.item === item) || Object.assign({}, OTHER, { item, hint: "" }));
    const isThere = left.includes(OTHER.item) || !isFirst;
    return asked.concat(named, isThere ? [] : [OTHER]);
  },
  // The newest list counts, in whatever order the answers come.
  async refresh() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const lists = await Promise.all(this.files.map(({ file }) => this.list(file.id)));
    if (turn !== this.turn) return;
    const documents = this.files.reduce((all, { file }, at) => Object.assign(all, { [file.id]: lists[at] }), {});
    this.setData({ documents, room: roomLeft() });
  },
  async list(id) {
    const found = await get(`/api/applications/${id}/documents`).catch((fault) => (fault.isOffline ? this.data.documents[id] || [] : Promise.reject(fault)));
    return found.map(({ id: photo, item, state, advice }) => ({ id: photo, item, state, advice }));
  },
  onward() {
    const { id, home } = this.data;
    wx.redirectTo({ url: home ? "/pages/walk/walk?home=" + home : "/pages/sign/sign?id=" + id });
  },
  everyStep() {
    const { id, home } = this.data;
    wx.redirectTo({ url: home ? "/pages/walk/walk?home=" + home : "/pages/tasks/tasks?id=" + id });
  },
}));
