// How this person is told: the word in every true text, a second number, reminders.
import { get, put } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";

Page(screen({
  data: { known: false, words: [], word: "", own: "", second: "", number: "", reminders: false, faults: {}, said: "" },
  async onLoad() {
    signedIn();
    this.take(await get("/api/me/contact"));
    this.setData({ known: true });
  },
  take({ word, second_phone, reminders, words }) {
    const isOwn = word && !words.includes(word);
    this.setData({ word: word || "", own: isOwn ? word : "", second: second_phone || "", reminders, words: words.map((one) => ({ word: one, on: one === word })) });
  },
  type(event) {
    this.data[event.currentTarget.dataset.name] = event.detail.value;
  },
  choose(event) {
    this.chosen = event.detail.value;
  },
  keepWord() {
    return this.change({ word: this.data.own.trim() || this.chosen || this.data.word }, "记下了。我们的短信都会带上它。");
  },
  noWord() {
    this.chosen = "";
    return this.change({ word: "" }, "好。短信里不带口令词了。");
  },
  keepSecond() {
    return this.change({ second_phone: this.data.number.trim() }, "记下了。");
  },
  remind() {
    return this.change({ reminders: !this.data.reminders }, "记下了。");
  },
  change(wish, words) {
    return this.attempt(async () => {
      this.setData({ faults: {}, said: "" });
      try {
        this.take(await put("/api/me/contact", wish));
        this.setData({ said: words, number: "" });
      } catch (fault) {
        const told = fault.fields || {};
        this.setData({ faults: Object.keys(told).reduce((all, name) => Object.assign(all, { [name]: told[name].join("") }), {}) });
        throw fault;
      }
    });
  },
}));
