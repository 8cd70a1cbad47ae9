// Helping somebody: who it is, and on what ground; then their application is begun.
import { post } from "../../lib/api.js";
import { applies, drawn, readAll, write } from "../../lib/form.js";
import { remembered } from "../../lib/place.js";
import { program } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget, keep, kept, newKey } from "../../lib/store.js";
import { add } from "../../lib/whose.js";

const KINDS = [["kin", "家里人、亲戚"], ["neighbour", "邻居、朋友"], ["cadre", "村（组）干部"], ["assistant", "救助协理员"], ["township", "乡镇（街道）工作人员"], ["guardian", "监护人"], ["proactive", "他没法委托，我们主动帮他"]];
const ROLES = KINDS.filter(([value]) => ["cadre", "assistant", "township"].includes(value));
const choose = (pairs) => pairs.map(([value, label]) => ({ value, label }));
const FIELDS = [
  { name: "person", kind: "text", label: "您帮谁办？他叫什么？", hint: "", options: [], most: 60 },
  { name: "kind", kind: "choice", label: "您是他的什么人？", hint: "", options: choose(KINDS) },
  { name: "role", kind: "choice", label: "您在哪里工作？", hint: "他说不清、又没有监护人，才选主动帮。", options: choose(ROLES), when: { kind: "proactive" } },
  { name: "relation", kind: "text", label: "他是您的什么人？（可不填）", hint: "比如：母亲，邻居。", options: [], most: 60 },
  { name: "phone", kind: "phone", label: "他自己的手机号", hint: "没有就空着。不要填您的号码。", options: [] },
  { name: "helper", kind: "text", label: "您叫什么？", hint: "", options: [], most: 60 },
  { name: "why", kind: "text", label: "他为什么要人帮？（可不填）", hint: "比如：眼睛看不清，不识字。", options: [], most: 60 },
];

Page(screen({
  data: { short: "", fields: [], busy: false },
  async onLoad(query) {
    this.program = query.program;
    this.name = "another:" + this.program;
    this.typed = kept(this.name, { typed: {} }).typed;
    this.draw({});
    this.setData({ short: (await program(this.program, remembered().code.slice(0, 9))).short });
    signedIn();
  },
  draw(faults) {
    const { values } = readAll(FIELDS, this.typed, {});
    const shown = FIELDS.filter((field) => applies(field, values));
    this.setData({ fields: shown.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    const { name, typed } = event.detail;
    this.typed[name] = typed;
    keep(this.name, { typed: this.typed });
    if (name === "kind") this.draw({});
  },
  begin() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(() => this.begun()).finally(() => this.setData({ busy: false }));
  },
  // Two steps, each with its key: stopped between them, the next press goes on where it was.
  async begun() {
    signedIn();
    const { values } = readAll(FIELDS, this.typed, {});
    const said = Object.keys(values).reduce((all, name) => Object.assign(all, { [name]: values[name] || "" }), { kind: "", person: "", helper: "" });
    const form = kept(this.name, { typed: this.typed });
    const keys = { mandate: form.mandate || newKey(), file: form.file || newKey() };
    keep(this.name, Object.assign(form, keys));
    try {
      const mandate = await post("/api/mandates", said, keys.mandate);
      const file = await post("/api/applications", { program_id: this.program, mandate_id: mandate.id }, keys.file);
      add(file.id, mandate.id, mandate.person);
      forget(this.name);
      wx.redirectTo({ url: `/pages/agree/agree?mandate=${mandate.id}` });
    } catch (fault) {
      if (fault.status === 422) keep(this.name, { typed: this.typed });
      this.draw(first(fault.fields || {}));
      throw fault;
    }
  },
}));

function first(fields) {
  return Object.keys(fields).reduce((all, name) => Object.assign(all, { [name]: fields[name][0] }), {});
}
