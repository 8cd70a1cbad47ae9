// The assistant's second factor: a code of an app, asked once on each phone.
import { beKnown, post } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { outOf } from "../../lib/words.js";

Page(screen({
  data: { secret: "", code: "", fault: "", copied: false },
  onLoad(query) {
    signedIn();
    this.next = outOf(query.next) || "/pages/roster/roster";
  },
  type(event) {
    this.data.code = event.detail.value;
  },
  begin() {
    return this.attempt(async () => {
      const { secret } = await post("/api/roster/factor");
      this.setData({ secret });
    });
  },
  copy() {
    wx.setClipboardData({ data: this.data.secret, success: () => this.setData({ copied: true }) });
  },
  prove() {
    return this.attempt(async () => {
      this.setData({ fault: "" });
      try {
        beKnown((await post("/api/roster/devices", { code: this.data.code.trim() })).device);
      } catch (fault) {
        this.setData({ fault: ((fault.fields || {}).code || [""])[0] });
        throw fault;
      }
      wx.redirectTo({ url: this.next });
    });
  },
  later() {
    wx.redirectTo({ url: "/pages/helping/helping" });
  },
}));
