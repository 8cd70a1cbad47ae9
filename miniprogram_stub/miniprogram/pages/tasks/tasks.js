// All steps of one application and how far each is.
import { drop, get } from "../../lib/api.js";
import { opened } from "../../lib/drafts.js";
import { readAll, stateOf, steps } from "../../lib/form.js";
import { waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget } from "../../lib/store.js";

const LOOKS = { 已填: "good", 要补: "bad", 未填: "" };

Page(screen({
  data: { id: "", title: "", number: "", next: null, tasks: [], photos: 0, signers: 0, unsigned: 0 },
  onLoad(query) {
    this.setData({ id: query.id });
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const { id } = this.data;
    const { file, program, draft } = await opened(id);
    const answers = Object.assign({}, draft.answers, readAll([].concat(...program.form.steps.map((step) => step.fields)), draft.typed, draft.answers).values);
    const tasks = steps(program.form, answers, Boolean(this.data.helped)).map((step) => {
      const state = stateOf(step, answers, draft.missing);
      return { key: step.key, title: step.title, state, look: LOOKS[state] };
    });
    const next = tasks.find((task) => task.state !== "已填") || null;
    this.setData({ title: program.short, number: file.reference_no, tasks, next });
    await this.count(id);
  },
  async count(id) {
    const [documents, signers] = await Promise.all([get(`/api/applications/${id}/documents`), get(`/api/applications/${id}/signatures`)]).catch(() => [[], []]);
    this.setData({ photos: documents.length + waiting(id).length, signers: signers.length, unsigned: signers.filter((one) => !one.method).length });
  },
  discard() {
    wx.showModal({
      title: "删掉这份草稿？",
      content: "删掉以后，填的内容找不回来。",
      confirmText: "删掉",
      success: ({ confirm }) => confirm && this.attempt(async () => {
        await drop("/api/applications/" + this.data.id);
        forget("draft:" + this.data.id);
        wx.redirectTo({ url: "/pages/mine/mine" });
      }),
    });
  },
}));
