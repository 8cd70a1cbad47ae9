// 「我现在就需要帮助」: three things, no sign-in, the township sees it at once.
import { post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { remembered } from "../../lib/place.js";
import { screen } from "../../lib/screen.js";
import { forget, forgetKey, keep, kept, keyOf } from "../../lib/store.js";

const NEEDS = [{ value: "food", label: "没饭吃" }, { value: "shelter", label: "没地方住" }];
const FIELDS = [
  { name: "place", kind: "place", label: "您在哪里？", hint: "选到乡镇，或写地名来找。", options: [] },
  { name: "found_by", kind: "text", label: "怎么找到您？", hint: "写电话，或说在哪里等。", options: [], most: 100 },
  { name: "needs", kind: "choices", label: "出了什么事？", hint: "", options: NEEDS },
  { name: "happened", kind: "text", label: "还想说的（可不填）", hint: "说几句就行。", options: [], most: 1000 },
];
const LACKING = { place: "请选您在哪个乡镇（街道）。", found_by: "写个电话，或说在哪里等。", needs: "请选一样，或写几句。" };
const ASKED = { emergency_place: "place", phone: "found_by", applicant_name: "found_by" };

Page(screen({
  data: { fields: [], sent: "", busy: false },
  onLoad() {
    const place = remembered();
    this.typed = Object.assign({ place: { code: place.code, name: place.name, address: "" } }, kept("help-now", {}));
    this.draw({});
  },
  draw(faults) {
    this.setData({ fields: FIELDS.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
    keep("help-now", this.typed);
  },
  send() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(() => this.sent()).finally(() => this.setData({ busy: false }));
  },
  async sent() {
    const { values } = readAll(FIELDS, this.typed, {});
    const body = { place: values.place || {}, found_by: values.found_by || "", needs: values.needs || [], happened: values.happened || "", name: "" };
    try {
      const { reference_no } = await post("/api/urgent-requests", body, keyOf("help-now"));
      forgetKey("help-now");
      forget("help-now");
      this.setData({ sent: reference_no });
      wx.pageScrollTo({ scrollTop: 0 });
    } catch (fault) {
      this.draw(faultsOf(fault));
      throw fault;
    }
  },
}));

// A refusal names the program's questions; this page asks in its own words.
function faultsOf(fault) {
  const wrong = Object.keys(fault.fields || {}).map((name) => ASKED[name] || (name in LACKING ? name : "needs"));
  return wrong.reduce((all, name) => Object.assign(all, { [name]: LACKING[name] }), {});
}
