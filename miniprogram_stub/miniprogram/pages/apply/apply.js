// Before the first question: what it takes, and for whom it is.
import { get, isSignedIn, post } from "../../lib/api.js";
import { remembered } from "../../lib/place.js";
import { program } from "../../lib/programs.js";
import { goTo, screen, signedIn } from "../../lib/screen.js";
import { forget, keep, kept, newKey } from "../../lib/store.js";

const OVER = ["withdrawn", "not_accepted", "denied", "stopped", "aborted", "closed"];

Page(screen({
  data: { program: null, open: null, busy: false, signedIn: false },
  async onLoad(query) {
    this.id = query.program;
    const { id, short, summary, routing_why, form_note } = await program(this.id, remembered().code.slice(0, 9));
    this.setData({ program: { id, short, summary, routing_why, form_note }, signedIn: isSignedIn() });
    await this.look();
  },
  onReturn() {
    return this.look();
  },
  async look() {
    if (!isSignedIn()) return;
    const mine = await get("/api/applications").catch((fault) => (fault.isOffline ? [] : Promise.reject(fault)));
    const open = mine.find((one) => one.program_id === this.id && !OVER.includes(one.status));
    this.setData({ open: open ? { id: open.id, draft: open.status === "draft" } : null, signedIn: true });
  },
  goOn() {
    const { id, draft } = this.data.open;
    goTo(draft ? "/pages/tasks/tasks?id=" + id : "/pages/case/case?id=" + id);
  },
  // One press makes one draft: its key is kept until the answer is here.
  begin() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(async () => {
      signedIn();
      const name = "start:" + this.id;
      const key = kept(name, "") || newKey();
      keep(name, key);
      const made = await post("/api/applications", { program_id: this.id }, key);
      forget(name);
      wx.redirectTo({ url: "/pages/tasks/tasks?id=" + made.id });
    }).finally(() => this.setData({ busy: false }));
  },
}));
