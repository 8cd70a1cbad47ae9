// Several programs begun at once for one family; what it has said before comes along.
import { Failure, get, post } from "../../lib/api.js";
import { remembered } from "../../lib/place.js";
import { programs } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";
import { STATUS } from "../../lib/statuses.js";
import { newKey } from "../../lib/store.js";
import { add } from "../../lib/whose.js";

Page(screen({
  data: { known: false, homes: [], home: "", person: "", running: [], programs: [], fault: "", busy: false },
  async onLoad(query) {
    this.mandate = query.mandate || "";
    this.chosen = [];
    this.key = newKey();
    await this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const [homes, all] = await Promise.all([this.mandate ? this.helpedHome() : get("/api/households"), programs("")]);
    Object.assign(this, { homes, all });
    const home = this.data.home || (homes.length ? homes[0].id : "");
    this.setData({ known: true, homes: homes.map(({ id, name }) => ({ id, name: name || "我家" })), home });
    this.draw();
  },
  async helpedHome() {
    const found = (await get("/api/mandates")).helping.find((one) => one.id === this.mandate && !one.over);
    if (!found) throw new Failure({ code: "not_found", message: "没有找到这个人。请回到“我帮的人”。" });
    this.setData({ person: found.person });
    return [{ id: found.household_id, name: found.person, applications: found.applications }];
  },
  draw() {
    const home = this.homes.find((one) => one.id === this.data.home) || { applications: [] };
    const short = (id) => (this.all.find((one) => one.id === id) || { short: "申请" }).short;
    const running = home.applications.map((one) => ({ id: one.id, short: short(one.program_id), label: STATUS[one.status] || "办理中", url: (one.status === "draft" ? "/pages/tasks/tasks?id=" : "/pages/case/case?id=") + one.id }));
    const open = this.all.filter((one) => one.has_form && !home.applications.some((file) => file.program_id === one.id));
    this.setData({ running, programs: open.map(({ id, short: title, summary }) => ({ id, title, summary, on: this.chosen.includes(id) })) });
  },
  at(event) {
    this.chosen = [];
    this.setData({ home: event.detail.value === "new" ? "" : event.detail.value });
    this.draw();
  },
  choose(event) {
    this.chosen = event.detail.value;
    this.key = newKey();
  },
  begin() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true, fault: "" });
    return this.attempt(() => this.begun()).finally(() => this.setData({ busy: false }));
  },
  async begun() {
    if (!this.chosen.length) return this.setData({ fault: "请选要办的。" });
    const { home, person } = this.data;
    const made = home
      ? await post(`/api/households/${home}/applications`, { programs: this.chosen }, this.key)
      : await post("/api/households", { programs: this.chosen, region: remembered().code.slice(0, 9) }, this.key);
    const files = home ? made : made.applications;
    if (this.mandate) files.forEach((one) => add(one.id, this.mandate, person));
    this.chosen = [];
    this.key = newKey();
    if (!home) this.setData({ home: made.id });
    await this.show();
    return wx.pageScrollTo({ scrollTop: 0 });
  },
}));
