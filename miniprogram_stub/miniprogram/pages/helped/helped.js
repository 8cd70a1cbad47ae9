// One person helped: their applications, whether they agreed, what a helper may not do.
import { enter, leave } from "../../lib/acting.js";
import { drop, Failure, get, post } from "../../lib/api.js";
import { programs } from "../../lib/programs.js";
import { goTo, screen, signedIn } from "../../lib/screen.js";
import { STATUS } from "../../lib/statuses.js";
import { forget, keep, kept, newKey } from "../../lib/store.js";
import { add, remember } from "../../lib/whose.js";

Page(screen({
  data: { mandate: null, files: [], programs: [] },
  onLoad(query) {
    this.id = query.mandate;
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const [{ helping }, all] = await Promise.all([get("/api/mandates"), programs("")]);
    remember(helping.filter((one) => !one.over));
    const found = helping.find((one) => one.id === this.id);
    if (!found) throw new Failure({ code: "not_found", message: "没有找到这个人。请回到“我帮的人”。" });
    const { id, person, basis, told, over, applications } = found;
    const files = applications.map((one) => ({ id: one.id, title: (all.find((program) => program.id === one.program_id) || { short: "申请" }).short, label: STATUS[one.status] || "办理中", url: (one.status === "draft" ? "/pages/tasks/tasks?id=" : "/pages/case/case?id=") + one.id }));
    const others = all.filter((program) => program.has_form && !applications.some((one) => one.program_id === program.id));
    this.setData({ helped: over ? "" : person });
    if (!over) enter({ mandate: id, person });
    this.setData({ mandate: { id, person, basis, told, over }, files, programs: others.map(({ id: program, short }) => ({ id: program, short })) });
  },
  begin(event) {
    const chosen = this.data.programs[Number(event.detail.value)];
    return chosen && this.attempt(async () => {
      const name = `start:${this.id}:${chosen.id}`;
      const key = kept(name, "") || newKey();
      keep(name, key);
      const file = await post("/api/applications", { program_id: chosen.id, mandate_id: this.id }, key);
      forget(name);
      add(file.id, this.id, this.data.mandate.person);
      goTo("/pages/tasks/tasks?id=" + file.id);
    });
  },
  pause() {
    leave(this.id);
    wx.reLaunch({ url: "/pages/helping/helping" });
  },
  end() {
    wx.showModal({
      title: `不帮${this.data.mandate.person}办了？`,
      content: "以后您就看不到他的申请。",
      confirmText: "不帮了",
      success: ({ confirm }) => confirm && this.attempt(async () => {
        await drop("/api/mandates/" + this.id);
        wx.redirectTo({ url: "/pages/helping/helping" });
      }),
    });
  },
}));
