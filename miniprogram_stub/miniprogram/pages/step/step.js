// One step of the form. Every change is on the phone at once; the big button merges it with the server.
import { Failure } from "../../lib/api.js";
import { applies, drawn, write } from "../../lib/form.js";
import { goBack, screen, signedIn } from "../../lib/screen.js";
import { sheet } from "../../lib/sheets.js";

const FULL = "手机存不下了。请先连网，按保存。";
const LATER = "没有网。已存在手机上，有网时再交。";

Page(screen({
  data: { title: "", lead: "", carried: false, number: 0, count: 0, percent: 0, fields: [], faults: {}, wrong: [], conflict: null, previous: "", all: "", back: "", busy: false, said: "" },
  async onLoad(query) {
    signedIn();
    this.setData({ back: query.back || "" });
    this.key = query.step;
    this.sheet = sheet(query);
    await this.sheet.open();
    if (!this.sheet.find(this.key)) throw new Failure({ code: "no_step", message: "这一步不用填了。请看全部步骤。" });
    this.draw({});
  },
  // The steps as they are with what is answered so far, and where this one stands.
  place() {
    const all = this.sheet.steps(Boolean(this.data.helped));
    const at = all.findIndex((step) => step.key === this.key);
    return { all, at, step: all[at] || this.sheet.find(this.key) };
  },
  draw(faults) {
    const { all, at, step } = this.place();
    this.fields = step.fields;
    this.setData({
      title: step.title,
      lead: step.lead,
      carried: this.sheet.isCarried(this.key),
      number: at + 1,
      count: all.length,
      percent: Math.round(((at + 1) / all.length) * 100),
      previous: at > 0 ? this.sheet.at(all[at - 1].key) : "",
      all: this.sheet.all,
      faults,
      wrong: Object.values(faults),
      fields: this.shown(faults),
    });
  },
  shown(faults) {
    const [typed, known, answers] = [this.sheet.typed(this.key), this.sheet.known(this.key), this.sheet.answers(this.key)];
    return this.fields.filter((field) => applies(field, answers)).map((field) => {
      const now = field.name in typed ? typed[field.name] : write(field, known[field.name]);
      return Object.assign(drawn(field, now, faults[field.name]), field.kind === "people" ? { asked: field } : {});
    });
  },
  change(event) {
    const { name, typed } = event.detail;
    if (!this.sheet.change(this.key, name, typed)) this.setData({ said: FULL });
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
      const { faults } = await this.sheet.save(this.key, this.fields, Boolean(this.data.helped));
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
    return wx.redirectTo({ url: next ? this.sheet.at(next.key) : this.sheet.after });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));

function sentences(fields) {
  return Object.keys(fields).reduce((all, name) => Object.assign(all, { [name]: fields[name].join("") }), {});
}
