// One last look at everything a family has said; those that are ticked are handed in together, all or none.
import { get, post } from "../../lib/api.js";
import { applies } from "../../lib/form.js";
import { drafts, family, openedHome, openPages, sendRest } from "../../lib/home.js";
import { sendOn, waiting } from "../../lib/photos.js";
import { programs } from "../../lib/programs.js";
import { said } from "../../lib/said.js";
import { screen, signedIn } from "../../lib/screen.js";
import { kept } from "../../lib/store.js";
import { ask } from "../../lib/subscribing.js";

Page(screen({
  data: { home: "", known: false, missing: [], steps: [], files: [], photos: 0, onPhone: 0, busy: false, subscribes: false, fault: "" },
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
    await openedHome(home);
    await sendRest(home);
    const now = family(home);
    const [all, lines] = await Promise.all([programs(""), Promise.all(openPages(home).map((page) => this.words(page)))]);
    const short = (id) => (all.find((one) => one.id === id) || { short: "申请" }).short;
    const files = drafts(now).map((one) => ({ id: one.id, short: short(one.program_id), ready: now.ready.includes(one.id), on: true }));
    this.chosen = files.map((one) => one.id);
    const missing = [].concat(...now.pages.map((page) => page.missing.map((name) => ({ key: page.key, name: page.key + name, label: page.fields.find((field) => field.name === name).label }))));
    this.setData({ known: true, steps: lines, files, missing, subscribes: Boolean((kept("templates", {}).submitted || []).length) });
    await this.count(files);
  },
  async words({ key, title, fields, answers, known, carried }) {
    const beside = Object.assign({}, known, answers);
    return { key, title, carried, lines: await said(fields.filter((field) => applies(field, beside)), answers) };
  },
  async count(files) {
    const documents = await Promise.all(files.map((one) => get(`/api/applications/${one.id}/documents`)));
    const onPhone = files.reduce((sum, one) => sum + waiting(one.id).length, 0);
    this.setData({ photos: new Set(/** @type {any[]} */ ([]).concat(...documents).map((one) => one.sent_digest)).size + onPhone, onPhone });
  },
  choose(event) {
    this.chosen = event.detail.value;
  },
  // WeChat asks about messages first: it only does so inside a tap.
  submit() {
    if (this.data.busy) return undefined;
    if (!this.chosen.length) return this.setData({ fault: "请至少勾一件。" });
    const asked = ask("submitted", "correction", "decision");
    this.setData({ busy: true, fault: "" });
    return this.attempt(async () => {
      await asked;
      await sendOn();
      await post(`/api/households/${this.data.home}/submission`, { applications: this.chosen });
      wx.redirectTo({ url: "/pages/receipts/receipts?home=" + this.data.home });
    }).finally(() => this.setData({ busy: false }));
  },
}));
