// What became of a complaint: found by the code told once.
import { get } from "../../lib/api.js";
import { screen } from "../../lib/screen.js";
import { into, spoken } from "../../lib/words.js";

Page(screen({
  data: { code: "", found: null },
  type(event) {
    this.data.code = event.detail.value;
  },
  look() {
    return this.attempt(async () => {
      const code = this.data.code.replace(/\s/g, "");
      const one = await get("/api/complaints/" + (into(code) || "0"));
      this.setData({ found: { topic: one.topic, place: one.place, on: spoken(one.created_at), answer: one.answer || "", answered: one.answered_at ? spoken(one.answered_at) : "", late: Boolean(one.clock && one.clock.state === "late"), words: (one.clock || {}).words || "" } });
    });
  },
  anew() {
    this.setData({ code: "", found: null });
  },
}));
