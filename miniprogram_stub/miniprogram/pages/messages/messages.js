// What the portal told this person, newest first. A subscription message opens here.
import { get, put } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { spoken } from "../../lib/words.js";

Page(screen({
  data: { messages: [], known: false },
  onLoad() {
    return this.show();
  },
  async show() {
    signedIn();
    const found = await get("/api/messages");
    const messages = found.map((one) => ({ id: one.id, title: one.title, new: one.new, at: spoken(one.created_at), lines: one.body.split("\n").filter(Boolean), url: one.application_id ? "/pages/case/case?id=" + one.application_id : "" }));
    this.setData({ messages, known: true });
    if (found.some((one) => one.new)) await put("/api/messages/seen", {});
  },
}));
