// The stage of a case, by reference number and last four digits; no sign-in.
import { post } from "../../lib/api.js";
import { screen } from "../../lib/screen.js";

Page(screen({
  data: { number: "", four: "", found: null },
  onLoad(query) {
    this.setData({ number: query.no || "" });
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  look() {
    const { number, four } = this.data;
    return this.attempt(async () => {
      this.setData({ found: null });
      const { label, whose_turn, what, by_text } = await post("/api/status-lookups", { reference_no: number.trim(), last_four: four.trim() });
      this.setData({ found: { label, whose_turn, what, by_text: by_text || "" } });
    });
  },
}));
