// The papers of one application: each with its photos. None of them is ever demanded.
import { get } from "../../lib/api.js";
import { opened } from "../../lib/drafts.js";
import { roomLeft, sendOn, waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { holds } from "../../shared/conditions.js";

const OTHER = { item: "other", title: "别的材料", hint: "想给窗口看的，都可以拍。", need: "helpful", when: null };
const OPEN = ["draft", "returned"];

Page(screen({
  data: { id: "", one: "", sections: [], documents: [], editable: false, room: "" },
  async onLoad(query) {
    signedIn();
    this.setData({ id: query.id, room: roomLeft() });
    this.item = query.item || "";
    const { file, program, draft } = await opened(query.id);
    const rules = program.documents.filter((rule) => !rule.when || holds(rule.when, draft.answers) || rule.item === this.item);
    await this.refresh();
    this.setData({ sections: this.sections(rules, program), editable: OPEN.includes(file.status) });
    sendOn();
  },
  sections(rules, program) {
    const shown = rules.concat([OTHER]).map(({ item, title, hint, need }) => ({ item, title, hint, opens: false, shared: need === "shared" }));
    const extra = this.documentsOnly(shown, program);
    const all = shown.filter((one) => !one.shared).concat(extra, shown.filter((one) => one.shared));
    const first = all.find((one) => one.shared);
    if (first) first.opens = true;
    if (!this.item) return all;
    const wanted = all.find((one) => one.item === this.item) || { item: this.item, title: this.item, hint: "" };
    this.setData({ one: wanted.title });
    return [Object.assign({}, wanted, { opens: false })];
  },
  // Photos of papers that are no longer asked for are still shown.
  documentsOnly(shown, program) {
    const known = shown.map((one) => one.item);
    const items = this.data.documents.concat(waiting(this.data.id)).map((one) => one.item).filter((item, at, all) => !known.includes(item) && all.indexOf(item) === at);
    const title = (item) => (program.documents.find((rule) => rule.item === item) || OTHER).title;
    return items.map((item) => ({ item, title: title(item), hint: "", opens: false, shared: false }));
  },
  // The newest list counts, in whatever order the answers come.
  async refresh() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const documents = await get(`/api/applications/${this.data.id}/documents`).catch((fault) => (fault.isOffline ? this.data.documents : Promise.reject(fault)));
    if (turn !== this.turn) return;
    this.setData({ documents: documents.map(({ id, item, state, advice }) => ({ id, item, state, advice })), room: roomLeft() });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));
