// What anybody says against a posting: with or without a name, and nobody signs in.
import { Failure, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { screen } from "../../lib/screen.js";
import { forget, forgetKey, keep, kept, keyOf } from "../../lib/store.js";

/** @type {any[]} */
const FIELDS = [
  { name: "sentence", kind: "text", label: "您有什么意见？", hint: "比如：他家有小汽车。", options: [], most: 500 },
  { name: "name", kind: "text", label: "您是谁（可不填）", hint: "", options: [], most: 60 },
  { name: "phone", kind: "phone", label: "您的电话（可不填）", hint: "", options: [], most: 30 },
];

Page(screen({
  data: { fields: [], busy: false, code: "" },
  onLoad(query) {
    this.notice = query.notice;
    this.kept = "objection:" + query.notice;
    this.typed = kept(this.kept, {});
    this.draw({});
    if (!this.notice) throw new Failure({ code: "no_notice", message: "请先选一条公示。" });
  },
  draw(faults) {
    this.setData({ fields: FIELDS.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
    keep(this.kept, this.typed);
  },
  send() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(() => this.sent()).finally(() => this.setData({ busy: false }));
  },
  async sent() {
    const { values } = readAll(FIELDS, this.typed, {});
    const said = { sentence: values.sentence || "", name: values.name || "", phone: values.phone || "" };
    try {
      const { code } = await post(`/api/public-notices/${this.notice}/objections`, said, keyOf(this.kept));
      forgetKey(this.kept);
      forget(this.kept);
      this.setData({ code: code.match(/.{1,4}/g).join(" ") });
      wx.pageScrollTo({ scrollTop: 0 });
    } catch (fault) {
      const told = fault.fields || {};
      this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name][0] }), {}));
      throw fault;
    }
  },
}));
