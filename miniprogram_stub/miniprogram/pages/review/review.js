// Everything that was said, once more; then it is handed in.
import { get, post } from "../../lib/api.js";
import { draft, opened, sendRest } from "../../lib/drafts.js";
import { applies, steps } from "../../lib/form.js";
import { sendOn, waiting } from "../../lib/photos.js";
import { said } from "../../lib/said.js";
import { screen, signedIn } from "../../lib/screen.js";
import { kept } from "../../lib/store.js";
import { ask } from "../../lib/subscribing.js";

Page(screen({
  data: { id: "", known: false, missing: [], steps: [], photos: 0, onPhone: 0, signers: 0, unsigned: 0, busy: false, subscribes: false },
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
    const { program } = await opened(id);
    await sendRest(id, program.form);
    this.form = program.form;
    const { answers, missing } = draft(id);
    const all = steps(program.form, answers, Boolean(this.data.helped));
    const lacking = [].concat(...all.map((step) => step.fields.filter((field) => field.name in missing).map((field) => ({ key: step.key, name: field.name, label: field.label }))));
    const lines = await Promise.all(all.map(async (step) => ({ key: step.key, title: step.title, lines: await said(step.fields.filter((field) => applies(field, answers)), answers) })));
    this.setData({ known: true, missing: lacking, steps: lines });
    await this.count(id);
  },
  async count(id) {
    const [documents, signers] = await Promise.all([get(`/api/applications/${id}/documents`), get(`/api/applications/${id}/signatures`)]);
    const onPhone = waiting(id).length;
    const subscribes = Boolean((kept("templates", {}).submitted || []).length);
    this.setData({ subscribes, photos: documents.length + onPhone, onPhone, signers: signers.length, unsigned: signers.filter((one) => !one.method).length });
  },
  // WeChat asks about messages first: it only does so inside a tap.
  submit() {
    if (this.data.busy) return undefined;
    const asked = ask("submitted", "correction", "decision");
    this.setData({ busy: true });
    return this.attempt(async () => {
      await asked;
      await sendOn();
      await sendRest(this.data.id, this.form);
      await post(`/api/applications/${this.data.id}/submission`);
      wx.redirectTo({ url: "/pages/receipt/receipt?id=" + this.data.id });
    }).finally(() => this.setData({ busy: false }));
  },
}));
