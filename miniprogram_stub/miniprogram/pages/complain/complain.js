// A complaint, about anything or about one's own file; it goes past the office concerned.
import { isSignedIn, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { screen } from "../../lib/screen.js";
import { forget, forgetKey, keep, kept, keyOf } from "../../lib/store.js";

const TOPICS = [["refused", "不给受理，或不给办"], ["slow", "办得太慢"], ["attitude", "态度不好"], ["money", "要钱、要东西"], ["privacy", "把我的事说出去了"], ["unfair", "办得不公平"], ["fraud", "有人骗取救助"], ["other", "别的事"]];
const AGAINST = [["village", "村（社区）"], ["township", "乡镇（街道）"], ["county", "县民政局"], ["unsure", "说不清"]];
const choose = (pairs) => pairs.map(([value, label]) => ({ value, label }));
const PLACE = { name: "place", kind: "place", label: "事情在哪个县？", hint: "选到县就行。", options: [], townOnly: true };
const FIELDS = [
  { name: "topic", kind: "choice", label: "是什么事？", hint: "", options: choose(TOPICS) },
  { name: "against", kind: "choice", label: "反映谁？", hint: "", options: choose(AGAINST) },
  { name: "words", kind: "text", label: "说说是什么事", hint: "最多1000个字。", options: [], most: 1000 },
  { name: "phone", kind: "phone", label: "回电话打哪个号码？（可不填）", hint: "", options: [] },
];

Page(screen({
  data: { id: "", fields: [], signedIn: false, unnamed: false, busy: false, code: "", due: "" },
  onLoad(query) {
    this.setData({ id: query.id || "", signedIn: isSignedIn() });
    this.fields = query.id ? FIELDS : FIELDS.concat(/** @type {any} */ (PLACE));
    this.kept = "complaint:" + (query.id || "");
    this.typed = kept(this.kept, {});
    this.draw({});
  },
  draw(faults) {
    this.setData({ fields: this.fields.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
    keep(this.kept, this.typed);
  },
  hide(event) {
    this.data.unnamed = event.detail.value.length > 0;
  },
  send() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(() => this.sent()).finally(() => this.setData({ busy: false }));
  },
  async sent() {
    const { values } = readAll(this.fields, this.typed, {});
    const { place } = values;
    const said = { topic: values.topic || "", against: values.against || "", words: values.words || "", phone: values.phone || "", place: (place && place.code) || "", named: !this.data.unnamed };
    try {
      const { code, due_on: due } = await post(this.data.id ? `/api/applications/${this.data.id}/complaints` : "/api/complaints", said, keyOf(this.kept));
      forgetKey(this.kept);
      forget(this.kept);
      const [year, month, day] = due.split("-").map(Number);
      this.setData({ code: code.match(/.{1,4}/g).join(" "), due: `${year}年${month}月${day}日` });
      wx.pageScrollTo({ scrollTop: 0 });
    } catch (fault) {
      const told = fault.fields || {};
      this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name][0] }), {}));
      throw fault;
    }
  },
}));
