// One person signs: with a finger, by a code to the own phone, on paper, or at the visit.
import { Failure, get, post } from "../../lib/api.js";
import { goBack, screen, signedIn } from "../../lib/screen.js";

const PAPER = "signed_page";

Page(screen({
  data: { id: "", name: "", text: { title: "", lines: [] }, phone: "", code: "", coded: false, busy: false, paper: PAPER, documents: [], guardian: false },
  async onLoad(query) {
    signedIn();
    this.setData({ id: query.id });
    this.signer = query.signer;
    this.asGuardian = false;
    const path = "/api/applications/" + query.id;
    const [text, signers] = await Promise.all([get(`${path}/signing-text?signer=${query.signer}`), get(path + "/signatures")]);
    this.version = text.version;
    const found = signers.find((one) => one.key === query.signer);
    if (!found) throw new Failure({ code: "no_signer", message: "不用这个人签了。请回到签名页。" });
    this.setData({ name: found.name, text: { title: text.title, lines: text.lines } });
    await this.refresh();
    if (this.data.helped) await this.mandated();
  },
  // A guardian may sign their own name instead.
  async mandated() {
    const { helping } = await get("/api/mandates");
    const found = helping.find((one) => one.applications.some((file) => file.id === this.data.id));
    this.setData({ guardian: Boolean(found && found.kind === "guardian") });
  },
  guard(event) {
    this.asGuardian = event.detail.value.length > 0;
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  // The newest list counts, in whatever order the answers come.
  async refresh() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const documents = await get(`/api/applications/${this.data.id}/documents`);
    if (turn !== this.turn) return;
    this.setData({ documents: documents.filter((one) => one.item === PAPER).map(({ id, item, state, advice }) => ({ id, item, state, advice })) });
  },
  onScreen() {
    const strokes = this.selectComponent("#signature").strokes();
    return strokes ? this.sign({ method: "screen", strokes }) : undefined;
  },
  sendCode() {
    return this.attempt(async () => {
      await this.send({ method: "code", phone: this.data.phone.trim() });
      this.setData({ coded: true });
    });
  },
  byCode() {
    return this.sign({ method: "code", phone: this.data.phone.trim(), code: this.data.code.trim() });
  },
  onPaper() {
    const { documents } = this.data;
    return this.sign({ method: "paper", document_id: documents[documents.length - 1].id });
  },
  later() {
    return this.sign({ method: "visit" });
  },
  sign(how) {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(async () => {
      await this.send(how);
      goBack();
    }).finally(() => this.setData({ busy: false }));
  },
  send(how) {
    return post(`/api/applications/${this.data.id}/signatures`, Object.assign({ signer: this.signer, text_version: this.version }, this.asGuardian ? { as_guardian: true } : {}, how));
  },
}));
