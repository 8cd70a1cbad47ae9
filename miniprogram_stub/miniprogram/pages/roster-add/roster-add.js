// One more household of the village: name and group are enough.
import { get, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { goBack, screen, signedIn } from "../../lib/screen.js";
import { newKey } from "../../lib/store.js";

/** @type {any[]} */
const FIELDS = [
  { name: "name", kind: "text", label: "户主叫什么？", hint: "", options: [], most: 64 },
  { name: "group", kind: "text", label: "哪个组？", hint: "比如：3组。不知道就空着。", options: [], most: 64 },
  { name: "house", kind: "text", label: "门牌", hint: "没有就空着。", options: [], most: 64 },
];

Page(screen({
  data: { fields: [], busy: false },
  async onLoad() {
    signedIn();
    this.typed = {};
    this.key = newKey();
    const { villages } = await get("/api/roster");
    const choose = { name: "village", kind: "choice", label: "哪个村？", hint: "", options: villages.map(({ code, name }) => ({ value: code, label: name })) };
    this.fields = villages.length > 1 ? FIELDS.concat(choose) : FIELDS;
    this.draw({});
  },
  draw(faults) {
    this.setData({ fields: this.fields.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
    this.key = newKey();
  },
  add() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(() => this.added()).finally(() => this.setData({ busy: false }));
  },
  async added() {
    const { values } = readAll(this.fields, this.typed, {});
    const said = Object.keys(values).reduce((all, name) => Object.assign(all, { [name]: values[name] || "" }), { name: "" });
    try {
      await post("/api/roster/households", said, this.key);
      goBack();
    } catch (fault) {
      const told = fault.fields || {};
      this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name][0] }), {}));
      throw fault;
    }
  },
}));
