// What the means check found of this person in the files of others; told to nobody else.
import { get } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { money } from "../../lib/words.js";

Page(screen({
  data: { known: false, records: [] },
  async onLoad() {
    signedIn();
    const { records } = await get("/api/me/checks");
    this.setData({ known: true, records: records.map((one, key) => ({ key, number: one.reference_no, on: one.on_text, lines: linesOf(one.record) })) });
  },
}));

function linesOf({ lines }) {
  return lines.map((line, key) => ({ key, title: line.title, text: line.text, amount: line.amount ? money(line.amount) : "", corrected: Boolean(line.corrected) }));
}
