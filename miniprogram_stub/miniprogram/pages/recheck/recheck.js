// 「还是老样子吗」: one tap when nothing changed; else every question for itself, or somebody is asked to come.
import { get, post } from "../../lib/api.js";
import { drawn, readAll, write } from "../../lib/form.js";
import { screen, signedIn } from "../../lib/screen.js";

const ANSWERS = [{ value: "same", label: "还一样" }, { value: "changed", label: "变了" }];
const asked = (name, label) => ({ name, kind: "choice", label, hint: "", options: ANSWERS });
const FIELDS = [
  asked("members", "家里还是这些人吗？"),
  asked("income", "收入和以前差不多吗？"),
  asked("address", "还住在原来的地方吗？"),
  asked("account", "收钱的账号还是那个吗？"),
];
const WAYS = [{ how: "visit", words: "请人上门来看" }, { how: "video", words: "打视频说" }, { how: "phone", words: "打电话说" }];

Page(screen({
  data: { id: "", due: "", isOpen: false, visit: false, known: false, fields: [], ways: WAYS, busy: false, said: "" },
  onLoad(query) {
    this.setData({ id: query.id });
    this.typed = {};
    return this.show();
  },
  async show() {
    signedIn();
    this.take(await get(`/api/applications/${this.data.id}/changes`));
    this.draw({});
  },
  take({ recheck }) {
    const { due_text: due, open_now: isOpen, visit } = recheck || { due_text: "", open_now: false, visit: false };
    this.setData({ due, isOpen, visit, known: true });
  },
  draw(faults) {
    this.setData({ fields: FIELDS.map((field) => drawn(field, field.name in this.typed ? this.typed[field.name] : write(field, undefined), faults[field.name])) });
  },
  change(event) {
    this.typed[event.detail.name] = event.detail.typed;
  },
  allSame() {
    return this.send({ same: FIELDS.reduce((all, { name }) => Object.assign(all, { [name]: true }), {}) }, "记下了，谢谢您。");
  },
  answer() {
    const { values } = readAll(FIELDS, this.typed, {});
    const same = Object.keys(values).filter((name) => values[name]).reduce((all, name) => Object.assign(all, { [name]: values[name] === "same" }), {});
    return this.send({ same }, "记下了，谢谢您。");
  },
  anotherWay(event) {
    return this.send({ how: event.currentTarget.dataset.how }, "会有人来的，等电话就行。");
  },
  send(body, words) {
    if (this.data.busy) return undefined;
    this.setData({ busy: true, said: "" });
    return this.attempt(() => this.sent(body, words)).finally(() => this.setData({ busy: false }));
  },
  async sent(body, words) {
    try {
      this.take(await post(`/api/applications/${this.data.id}/rechecks`, body));
      this.draw({});
      this.setData({ said: words });
    } catch (fault) {
      const told = fault.fields || {};
      this.draw(Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name][0] }), {}));
      throw fault;
    }
  },
}));
