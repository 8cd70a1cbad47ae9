// One family's matters: where each stands, further ones begun at once, and no said to what is not wanted.
import { drop, Failure, get, post } from "../../lib/api.js";
import { remembered } from "../../lib/place.js";
import { programs } from "../../lib/programs.js";
import { goTo, screen, signedIn } from "../../lib/screen.js";
import { STATUS } from "../../lib/statuses.js";
import { forget, kept, newKey } from "../../lib/store.js";
import { add, learn } from "../../lib/whose.js";

const HERE = "/pages/matters/matters";

Page(screen({
  data: { known: false, homes: [], home: "", person: "", granted: "", running: [], drafts: 0, programs: [], fault: "", busy: false, said: "" },
  async onLoad(query) {
    this.mandate = query.mandate || "";
    this.wanted = query.home || "";
    this.chosen = (query.programs || "").split(",").filter(Boolean);
    this.said = this.chosen.length ? kept("checked", {}) : {};
    this.key = newKey();
    await this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    if (this.data.helped && !this.mandate) return wx.redirectTo({ url: `${HERE}?mandate=${await this.mandateOf(this.wanted)}` });
    const [homes, all] = await Promise.all([this.mandate ? this.helpedHome() : get("/api/households"), programs("")]);
    Object.assign(this, { homes, all });
    const known = homes.find((one) => one.id === (this.data.home || this.wanted)) || homes[0];
    this.setData({ known: true, homes: homes.map(({ id, name }) => ({ id, name: name || "我家" })), home: known ? known.id : "" });
    this.draw();
  },
  async mandateOf(home) {
    const found = (await get("/api/mandates")).helping.find((one) => one.household_id === home);
    return found ? found.id : "";
  },
  async helpedHome() {
    const found = (await get("/api/mandates")).helping.find((one) => one.id === this.mandate && !one.over);
    if (!found) throw new Failure({ code: "not_found", message: "没有找到这个人。请回到“我帮的人”。" });
    learn([found]);
    this.setData({ person: found.person });
    return [{ id: found.household_id, name: found.person, applications: found.applications, recognised: [] }];
  },
  draw() {
    const home = this.homes.find((one) => one.id === this.data.home) || { applications: [], recognised: [] };
    const about = (id) => this.all.find((one) => one.id === id) || { short: "申请", travels_alone: false };
    const running = home.applications.map((one) => this.line(one, about(one.program_id)));
    const open = this.all.filter((one) => one.has_form && !one.travels_alone && !home.applications.some((file) => file.program_id === one.id));
    this.setData({
      running,
      drafts: running.filter((one) => one.isTogether).length,
      granted: home.recognised.map((id) => about(id).short).join("、"),
      programs: open.map(({ id, short: title, summary }) => ({ id, title, summary, on: this.chosen.includes(id) })),
    });
  },
  line({ id, status, why, can_say_no: canSayNo }, { short, travels_alone: alone }) {
    const isDraft = status === "draft";
    const url = isDraft ? "/pages/tasks/tasks?id=" + id : "/pages/case/case?id=" + id;
    return { id, short, label: STATUS[status] || "办理中", why: why || "", url, isDraft, isTogether: isDraft && !alone, canDrop: !this.mandate && Boolean(isDraft || canSayNo) };
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
  fill() {
    goTo("/pages/walk/walk?home=" + this.data.home);
  },
  // 「这一件不要办」: a draft is thrown away, what an office handed in is taken back.
  sayNo(event) {
    const one = this.data.running.find(({ id }) => id === event.currentTarget.dataset.id);
    wx.showModal({
      title: `${one.short}不要办？`,
      content: one.isDraft ? "这一件填的内容就没有了。别的照样办。" : "撤回以后，还可以再申请。",
      confirmText: "不要办",
      cancelText: "先留着",
      success: ({ confirm }) => confirm && this.attempt(async () => {
        await (one.isDraft ? drop("/api/applications/" + one.id) : post(`/api/applications/${one.id}/withdrawal`));
        forget("draft:" + one.id);
        this.setData({ said: `${one.short}不办了。` });
        await this.show();
      }),
    });
  },
  begin() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true, fault: "" });
    return this.attempt(() => this.begun()).finally(() => this.setData({ busy: false }));
  },
  async begun() {
    if (!this.chosen.length) return this.setData({ fault: "请选要办的。" });
    const { home, person } = this.data;
    const wanted = { programs: this.chosen, said: this.said };
    const made = home
      ? await post(`/api/households/${home}/applications`, wanted, this.key)
      : await post("/api/households", Object.assign({ region: remembered().code.slice(0, 9) }, wanted), this.key);
    forget("checked");
    const files = home ? made : made.applications;
    if (this.mandate) files.forEach((one) => add(one.id, this.mandate, person));
    Object.assign(this, { chosen: [], said: {}, key: newKey() });
    if (!home) this.setData({ home: made.id });
    return this.fill();
  },
}));
