// Another phone number: a code to the new one, and one to the old, or the identity number instead.
import { end, get, post, put } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";

const BY_CODE = "old_code";
const BY_SIX = "last_six";

Page(screen({
  data: { known: false, old: "", way: "", phone: "", code: "", proof: "", sent: false, done: false, faults: {} },
  async onLoad() {
    signedIn();
    const { phone } = await get("/api/me");
    this.setData({ known: true, old: phone || "", way: phone ? BY_CODE : "" });
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  choose(event) {
    this.setData({ way: event.detail.value, proof: "", sent: false });
  },
  send() {
    return this.withFaults(async () => {
      await post("/api/auth/sms-codes", { phone: this.data.phone.trim(), purpose: "change_phone" });
      if (this.data.way === BY_CODE) await post("/api/auth/sms-codes", { purpose: "leave_phone" });
      this.setData({ sent: true });
    });
  },
  change() {
    return this.withFaults(async () => {
      const { phone, code, way, proof } = this.data;
      const said = Object.assign({ phone: phone.trim(), code: code.trim() }, way ? { [way]: proof.trim() } : {});
      await put("/api/me/phone", said);
      end();
      this.setData({ done: true });
      wx.pageScrollTo({ scrollTop: 0 });
    });
  },
  withFaults(act) {
    return this.attempt(async () => {
      this.setData({ faults: {} });
      try {
        await act();
      } catch (fault) {
        const told = fault.fields || {};
        this.setData({ faults: { phone: first(told.phone), code: first(told.code), proof: first(told[BY_CODE] || told[BY_SIX]) } });
        throw fault;
      }
    });
  },
  enter() {
    wx.reLaunch({ url: "/pages/sign-in/sign-in?next=%2Fpages%2Fme%2Fme" });
  },
}));

function first(sentences) {
  return (sentences || [""])[0];
}
