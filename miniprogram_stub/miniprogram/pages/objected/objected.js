// What became of what was said against a posting: found by the code told once.
import { get } from "../../lib/api.js";
import { screen } from "../../lib/screen.js";
import { into } from "../../lib/words.js";

Page(screen({
  data: { code: "", states: [] },
  type(event) {
    this.data.code = event.detail.value;
  },
  look() {
    return this.attempt(async () => {
      const code = this.data.code.replace(/\s/g, "");
      this.setData({ states: (await get("/api/public-notices/objections/" + (into(code) || "0"))).states });
    });
  },
}));
