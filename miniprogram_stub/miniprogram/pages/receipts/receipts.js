// What was handed in together last: a number each, and the way to each receipt.
import { get } from "../../lib/api.js";
import { programs } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";
import { spoken } from "../../lib/words.js";

Page(screen({
  data: { home: "", known: false, files: [], at: "" },
  async onLoad(query) {
    signedIn();
    const [{ applications }, all] = await Promise.all([get("/api/households/" + query.home), programs("")]);
    const sent = applications.filter((one) => one.submission_no && one.filed_at);
    const last = sent.map((one) => one.filed_at).sort().pop();
    const title = (id) => (all.find((one) => one.id === id) || { title: "申请" }).title;
    const files = sent.filter((one) => one.filed_at === last).map((one) => ({ id: one.id, title: title(one.program_id), number: one.reference_no }));
    this.setData({ home: query.home, known: true, files, at: last ? spoken(last) : "" });
  },
}));
