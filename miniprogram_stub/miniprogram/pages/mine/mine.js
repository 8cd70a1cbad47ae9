// One's own applications, newest first: drafts open where they stopped, the others as a case.
import { get } from "../../lib/api.js";
import { programs } from "../../lib/programs.js";
import { screen, signedIn } from "../../lib/screen.js";
import { STATUS } from "../../lib/statuses.js";

Page(screen({
  data: { files: [], known: false },
  onLoad() {
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const [mine, all] = await Promise.all([get("/api/applications"), programs("")]);
    const files = mine.map((one) => ({
      id: one.id,
      title: (all.find((found) => found.id === one.program_id) || { short: "申请" }).short,
      label: STATUS[one.status] || "办理中",
      number: one.reference_no,
      url: (one.status === "draft" ? "/pages/tasks/tasks?id=" : "/pages/case/case?id=") + one.id,
    }));
    this.setData({ files, known: true });
  },
  home() {
    wx.reLaunch({ url: "/pages/home/home" });
  },
}));
