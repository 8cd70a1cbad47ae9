// When somebody comes, what the means check found of the person, and what they say to it.
import { get, post } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget, keep, kept, newKey } from "../../lib/store.js";
import { money } from "../../lib/words.js";

Page(screen({
  data: { id: "", known: false, visit: null, check: null, own: null, when: "", wrong: "", documents: [], said: "" },
  onLoad(query) {
    this.setData({ id: query.id, when: this.typed(query.id, "visit").text, wrong: this.typed(query.id, "dispute").text });
    return this.show();
  },
  async show() {
    signedIn();
    const { check: told, own } = await get(`/api/applications/${this.data.id}/check`);
    const { visit, check } = told || { visit: null, check: null };
    this.setData({
      known: true,
      visit: visit ? { at: visit.at_text, names: visit.names.join("、"), change: visit.change, canChange: Boolean(visit.can_change) } : null,
      check: check ? { text: check.text, sentence: check.sentence, on: check.on_text, people: check.people, canDispute: Boolean(check.can_dispute), dispute: disputed(check.dispute) } : null,
      own: own ? found(own) : null,
    });
    await this.refresh();
  },
  async refresh() {
    if (!this.data.check || !this.data.check.canDispute) return;
    const documents = await get(`/api/applications/${this.data.id}/documents`);
    this.setData({ documents: documents.map(({ id, item, state, advice }) => ({ id, item, state, advice })) });
  },
  typed(id, what) {
    return kept(`${what}:${id}`, { text: "", key: "" });
  },
  type(event) {
    const { what } = event.currentTarget.dataset;
    keep(`${what}:${this.data.id}`, { text: event.detail.value, key: newKey() });
  },
  otherTime() {
    return this.say("visit", "visit-changes", "记下了。窗口会再约您。", { when: "" });
  },
  dispute() {
    return this.say("dispute", "disputes", "您的异议交上去了。", { wrong: "" });
  },
  say(what, path, words, empty) {
    return this.attempt(async () => {
      const { text, key } = this.typed(this.data.id, what);
      await post(`/api/applications/${this.data.id}/${path}`, { sentence: text.trim() }, key || newKey());
      forget(`${what}:${this.data.id}`);
      this.setData(Object.assign({ said: words }, empty));
      await this.show();
    });
  },
}));

function found({ record, totals, instead }) {
  const lines = record ? record.lines.map((line, key) => ({ key, title: line.title, text: line.text, amount: line.amount ? money(line.amount) : "", corrected: Boolean(line.corrected) })) : [];
  return {
    instead: instead || "",
    lines,
    missing: record ? record.missing.join("、") : "",
    totals: totals.map(({ title, amount }) => ({ title, amount: money(amount) })),
  };
}

function disputed(one) {
  if (!one) return null;
  return { sentence: one.sentence || "", on: one.on_text, over: Boolean(one.outcome), outcome: one.outcome_text || "", answer: one.answer || "", answered: one.answered_text || "" };
}
