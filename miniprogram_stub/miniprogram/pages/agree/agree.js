// How the person helped says yes: with a finger, by a code, before witnesses, on paper. None is ever demanded.
import { get, post } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";

// portal/people/mandate_terms.py keeps the text that is signed.
const TEXT = ["我办社会救助有困难，请这位帮忙的人代办。", "他可以替我填表、拍照、提交、看进度。", "他不能替我签字，不能改收款账号。", "他办的每一步都有记录，也会告诉我。", "我随时可以取消，不用说为什么。", "有了决定，过了复议期，自动结束。", "依据：社会救助法第三十七条。"];

Page(screen({
  data: { mandate: null, file: "", text: TEXT, phone: "", code: "", coded: false, witnesses: [{ number: "一", name: "", relation: "" }, { number: "二", name: "", relation: "" }] },
  async onLoad(query) {
    signedIn();
    this.id = query.mandate;
    const { helping } = await get("/api/mandates");
    const found = helping.find((one) => one.id === this.id);
    this.take(found);
    this.setData({ file: found.applications.length ? found.applications[found.applications.length - 1].id : "" });
  },
  take({ person, kind, basis }) {
    this.setData({ mandate: { person, kind, basis } });
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  witness(event) {
    const { at, name } = event.currentTarget.dataset;
    this.data.witnesses[at][name] = event.detail.value;
  },
  onScreen() {
    const strokes = this.selectComponent("#signature").strokes();
    return strokes ? this.confirm({ method: "screen", strokes }) : undefined;
  },
  sendCode() {
    return this.attempt(async () => {
      await post(`/api/mandates/${this.id}/confirmations`, this.byPhone());
      this.setData({ coded: true });
    });
  },
  byCode() {
    return this.confirm(Object.assign(this.byPhone(), { code: this.data.code.trim() }));
  },
  byPhone() {
    const phone = this.data.phone.trim();
    return Object.assign({ method: "code" }, phone ? { phone } : {});
  },
  witnessed() {
    return this.confirm({ method: "witnesses", witnesses: this.data.witnesses.map(({ name, relation }) => ({ name: name.trim(), relation: relation.trim() })) });
  },
  confirm(how) {
    return this.attempt(async () => {
      this.take(await post(`/api/mandates/${this.id}/confirmations`, how));
      wx.pageScrollTo({ scrollTop: 0 });
    });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));
