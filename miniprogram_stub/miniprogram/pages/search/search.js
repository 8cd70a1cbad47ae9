// What may help with a trouble told in own words.
import { get } from "../../lib/api.js";
import { screen } from "../../lib/screen.js";
import { into, outOf } from "../../lib/words.js";

Page(screen({
  data: { words: "", message: "", near: false, programs: [], places: [] },
  async onLoad(query) {
    this.setData({ words: outOf(query.q) });
    if (this.data.words) await this.look();
  },
  type(event) {
    this.data.words = event.detail.value;
  },
  seek() {
    return this.attempt(() => this.look());
  },
  async look() {
    const words = this.data.words.trim();
    if (!words) return this.setData({ message: "请写几个字，比如：没钱看病。" });
    const { message, near, programs, places } = await get("/api/policies/search?q=" + into(words));
    return this.setData({ message: message || "", near: Boolean(near && !message), programs, places });
  },
}));
