// The other side of a code: one's own file is taken over, or one offers to help.
import { Failure, get, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { programs } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";
import { STATUS } from "../../lib/statuses.js";

const KINDS = [["kin", "家里人、亲戚"], ["neighbour", "邻居、朋友"], ["cadre", "村（组）干部"], ["assistant", "救助协理员"], ["township", "乡镇（街道）工作人员"], ["guardian", "监护人"]];
const OURS = /\/take\/(\d{8})(?!\d)/;
const NO_CAMERA = "没有扫到。输8个数也一样。";
const FOREIGN = "这不是交接的二维码。请输8个数。";
const plain = (name, label) => ({ name, kind: "text", label, hint: "", options: [], most: 60 });
/** @type {any} */
const PERSON = plain("person", "他叫什么？");
/** @type {any[]} */
const HELPER = [plain("helper", "您叫什么？"), { name: "kind", kind: "choice", label: "您是他的什么人？", hint: "", options: KINDS.map(([value, label]) => ({ value, label })) }, plain("relation", "怎么称呼（不填也行）")];

Page(screen({
  data: { code: "", fault: "", seen: null, files: [], fields: [], goesOn: false, pass: "", state: "" },
  onLoad() {
    signedIn();
    this.typed = {};
  },
  type(event) {
    this.data.code = event.detail.value;
  },
  scan() {
    wx.scanCode({
      scanType: ["qrCode"],
      success: ({ result }) => {
        const found = OURS.exec(result || "");
        if (!found) return this.fail(new Failure({ code: "foreign_square", message: FOREIGN }));
        this.setData({ code: found[1] });
        return this.look();
      },
      fail: ({ errMsg }) => (/cancel/.test(errMsg) ? undefined : this.fail(new Failure({ code: "no_scan", message: NO_CAMERA }))),
    });
  },
  look() {
    return this.attempt(() => this.looked());
  },
  async looked() {
    const [{ way, person, helper, applications }, all] = await Promise.all([post("/api/passes/looks", this.coded({})), programs("")]);
    const short = (id) => (all.find((one) => one.id === id) || { short: "申请" }).short;
    this.fields = person ? HELPER : [PERSON].concat(HELPER);
    this.setData({ seen: { way, person, helper }, files: applications.map((one) => ({ id: one.id, words: `${short(one.program_id)}：${STATUS[one.status] || "办理中"}` })) });
    this.draw({});
  },
  choose(event) {
    this.data.goesOn = event.detail.value === "yes";
  },
  take() {
    return this.attempt(async () => {
      await post("/api/passes/takings", this.coded({ goes_on: this.data.goesOn }));
      wx.reLaunch({ url: "/pages/mine/mine" });
    });
  },
  draw(faults) {
    this.setData({ fields: this.fields.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
  },
  offer() {
    return this.attempt(async () => {
      const { values } = readAll(this.fields, this.typed, {});
      const said = Object.keys(values).reduce((all, name) => Object.assign(all, { [name]: values[name] || "" }), { kind: "", helper: "" });
      try {
        const { id, state } = await post("/api/passes/offers", this.coded(said));
        this.setData({ pass: id, state });
      } catch (fault) {
        const told = fault.fields || {};
        this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name][0] }), {}));
        throw fault;
      }
    });
  },
  again() {
    return this.attempt(async () => this.setData({ state: (await get("/api/passes/" + this.data.pass)).state }));
  },
  anew() {
    this.setData({ code: "", seen: null, pass: "", state: "" });
  },
  coded(more) {
    return Object.assign({ code: this.data.code.replace(/\s/g, "") }, more);
  },
}));
