// One step of the form. Every change is on the phone at once; the big button merges it with the server.
import { change, draft, opened, save } from "../../lib/drafts.js";
import { applies, drawn, readAll, steps, write } from "../../lib/form.js";
import { goBack, screen, signedIn } from "../../lib/screen.js";

const FULL = "手机存不下了。请先连网，按保存。";
const LATER = "没有网。已存在手机上，有网时再交。";

Page(screen({
  data: { id: "", title: "", lead: "", number: 0, count: 0, percent: 0, fields: [], faults: {}, wrong: [], conflict: null, previous: "", back: "", busy: false, said: "" },
  async onLoad(query) {
    signedIn();
    this.setData({ id: query.id, back: query.back || "" });
    this.key = query.step;
    const { program } = await opened(query.id);
    this.form = program.form;
    this.draw({});
  },
  // The steps as they are with what is answered so far, and where this one stands.
  place() {
    const all = steps(this.form, this.answers(), Boolean(this.data.helped));
    const at = all.findIndex((step) => step.key === this.key);
    return { all, at, step: all[at] || this.form.steps.find((step) => step.key === this.key) };
  },
  answers() {
    const now = draft(this.data.id);
    return Object.assign({}, now.answers, readAll([].concat(...this.form.steps.map((step) => step.fields)), now.typed, now.answers).values);
  },
  draw(faults) {
    const { all, at, step } = this.place();
    this.fields = step.fields;
    this.setData({
      title: step.title,
      lead: step.lead,
      number: at + 1,
      count: all.length,
      percent: Math.round(((at + 1) / all.length) * 100),
      previous: at > 0 ? all[at - 1].key : "",
      faults,
      wrong: Object.values(faults),
      fields: this.shown(faults),
    });
  },
  shown(faults) {
    const now = draft(this.data.id);
    const answers = this.answers();
    return this.fields.filter((field) => applies(field, answers)).map((field) => {
      const typed = field.name in now.typed ? now.typed[field.name] : write(field, now.answers[field.name]);
      return Object.assign(drawn(field, typed, faults[field.name]), field.kind === "people" ? { asked: field } : {});
    });
  },
  change(event) {
    const { name, typed } = event.detail;
    if (!change(this.data.id, name, typed)) this.setData({ said: FULL });
    if (this.asksOthers(name)) this.setData({ fields: this.shown(this.data.faults) });
  },
  asksOthers(name) {
    return this.fields.some((field) => field.when && JSON.stringify(field.when).includes(`"${name}"`));
  },
  save() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true, conflict: null, said: "" });
    return this.attempt(() => this.saved()).finally(() => this.setData({ busy: false }));
  },
  async saved() {
    try {
      const { faults } = await save(this.data.id, this.fields);
      if (Object.keys(faults).length) return this.refused(faults);
    } catch (fault) {
      if (fault.isOffline) wx.showToast({ title: LATER, icon: "none" });
      else if (fault.status === 409) return this.differs(fault);
      else if (Object.keys(fault.fields || {}).length) return this.refused(sentences(fault.fields));
      else throw fault;
    }
    return this.onward();
  },
  refused(faults) {
    this.draw(faults);
    wx.pageScrollTo({ scrollTop: 0 });
  },
  differs(fault) {
    this.draw({});
    const lines = Object.values(sentences(fault.fields));
    this.setData({ conflict: lines.length ? lines : [fault.message] });
    wx.pageScrollTo({ scrollTop: 0 });
  },
  onward() {
    if (this.data.back) return goBack();
    const { all, at } = this.place();
    const next = all[at + 1];
    return wx.redirectTo({ url: next ? `/pages/step/step?id=${this.data.id}&step=${next.key}` : `/pages/photos/photos?id=${this.data.id}` });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));

function sentences(fields) {
  return Object.keys(fields).reduce((all, name) => Object.assign(all, { [name]: fields[name].join("") }), {});
}
