// 「家里有变化」: told to the township, which looks into it; no money changes by it.
import { get, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget, keep, kept } from "../../lib/store.js";

const WORDS = { name: "sentence", kind: "text", label: "变成什么样了？", hint: "比如：儿子去打工了。", options: [], most: 300 };

Page(screen({
  data: { id: "", known: false, fields: [], means: [], reports: [], busy: false, said: "" },
  onLoad(query) {
    this.setData({ id: query.id });
    this.kept = "changes:" + query.id;
    this.typed = kept(this.kept, {});
    return this.show();
  },
  async show() {
    signedIn();
    this.take(await get(`/api/applications/${this.data.id}/changes`));
    this.draw({});
  },
  take({ kinds, means, reports }) {
    const options = Object.keys(kinds).map((value) => ({ value, label: kinds[value] }));
    this.fields = [{ name: "kind", kind: "choice", label: "什么变了？", hint: "", options }, WORDS];
    this.means = means;
    this.setData({ known: true, reports: reports.map(({ id, title, on_text, sentence, answer, open }) => ({ id, title, on: on_text, sentence, answer: answer || "", open })) });
  },
  draw(faults) {
    const fields = this.fields.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name]));
    this.setData({ fields, means: this.means[this.typed.kind] || [] });
  },
  change(event) {
    const { name, typed } = event.detail;
    this.typed[name] = typed;
    keep(this.kept, this.typed);
    if (name === "kind") this.setData({ means: this.means[typed] || [] });
  },
  send() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true, said: "" });
    return this.attempt(() => this.sent()).finally(() => this.setData({ busy: false }));
  },
  async sent() {
    const { values } = readAll(this.fields, this.typed, {});
    try {
      this.take(await post(`/api/applications/${this.data.id}/changes`, { kind: values.kind || "", sentence: values.sentence || "" }));
      forget(this.kept);
      this.typed = {};
      this.draw({});
      this.setData({ said: "交给乡镇了。钱不会因为这个马上变。" });
      wx.pageScrollTo({ scrollTop: 0 });
    } catch (fault) {
      const told = fault.fields || {};
      this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: name === "kind" ? "请选什么变了。" : told[name][0] }), {}));
      throw fault;
    }
  },
}));
