// 我家有困难: a few questions, judged on the phone from the rules of one county; no answer leaves it.
import { get } from "../../lib/api.js";
import { drawn, read as readField, write } from "../../lib/form.js";
import { remembered, settle } from "../../lib/place.js";
import { asField, card, offered, rank } from "../../lib/self-check.js";
import { goTo, screen } from "../../lib/screen.js";
import { forget, keep, kept } from "../../lib/store.js";
import { applies, check, propose, read } from "../../shared/eligibility.js";

const AT_ONCE = 6;

Page(screen({
  data: { place: remembered(), fields: [], wrong: [], results: [], offered: [], fault: "" },
  onLoad() {
    this.typed = kept("self-check", {});
    this.setData({ place: remembered() });
    return this.load();
  },
  async load() {
    const name = "rules:" + this.data.place.code.slice(0, 6);
    try {
      this.rules = await get("/api/self-checks/rules?region=" + this.data.place.code.slice(0, 6));
      keep(name, this.rules);
    } catch (fault) {
      this.rules = kept(name, null);
      if (!this.rules) throw fault;
    }
    this.draw();
  },
  move(event) {
    settle(event.detail);
    this.setData({ place: event.detail, results: [], offered: [] });
    return this.attempt(() => this.load());
  },
  // {answers, faults} in the engine's shape; nothing said is left out.
  said() {
    const answers = {};
    const faults = {};
    this.rules.questions.filter((question) => question.name in this.typed).forEach((question) => {
      const { value, fault } = readField(asField(question), this.typed[question.name]);
      if (fault) faults[question.name] = fault;
      else if (value !== null) answers[question.name] = value;
    });
    return { answers, faults };
  },
  // The first questions, those answered, and the next few that would tell something.
  asked(answers) {
    const found = read(this.rules, answers);
    const begun = this.rules.questions.every((question) => !question.first || question.name in answers);
    const ask = begun && !Object.keys(found.errors).length ? check(this.rules, found.facts).ask : [];
    const next = this.rules.questions.filter((question) => ask.includes(question.name) && !(question.name in answers) && applies(question, answers)).slice(0, AT_ONCE);
    return this.rules.questions.filter((question) => applies(question, answers) && (question.first || question.name in this.typed || next.includes(question)));
  },
  draw(faults) {
    const { answers } = this.said();
    const fields = this.asked(answers).map((question) => {
      const field = asField(question);
      return drawn(field, question.name in this.typed ? this.typed[question.name] : write(field, undefined), (faults || {})[question.name]);
    });
    this.names = fields.map((field) => field.name).join();
    this.setData({ fields });
  },
  change(event) {
    const { name, typed } = event.detail;
    this.typed[name] = typed;
    keep("self-check", this.typed);
    const now = this.asked(this.said().answers).map((question) => question.name).join();
    if (now !== this.names) this.draw();
  },
  judge() {
    const { answers, faults } = this.said();
    const found = read(this.rules, answers);
    const all = Object.assign({}, faults, Object.keys(found.errors).reduce((told, name) => Object.assign(told, { [name]: found.errors[name].join("") }), {}));
    this.draw(all);
    this.setData({ wrong: Object.values(all) });
    if (Object.keys(all).length) return wx.pageScrollTo({ scrollTop: 0 });
    const results = check(this.rules, found.facts).results.slice().sort((one, other) => rank(one) - rank(other));
    const cards = results.map((one) => card(one, this.rules.programs));
    this.answers = answers;
    this.setData({ results: cards, offered: offered(cards, propose(this.rules, found.facts, results)), fault: "" });
    this.chosen = this.data.offered.filter((one) => one.on).map((one) => one.program);
    return wx.pageScrollTo({ selector: "#results" });
  },
  choose(event) {
    this.chosen = event.detail.value;
  },
  together() {
    if (!this.chosen.length) return this.setData({ fault: "请至少勾一样。" });
    keep("checked", this.answers);
    return goTo("/pages/matters/matters?programs=" + this.chosen.join(","));
  },
  why(event) {
    const { program } = event.currentTarget.dataset;
    this.setData({ results: this.data.results.map((one) => (one.program === program ? Object.assign({}, one, { isOpen: !one.isOpen }) : one)) });
  },
  onUnload() {
    if (!Object.keys(this.typed || {}).length) forget("self-check");
  },
}));
