// The first page: 我家有困难, the place, the programs, what is under way.
import { get, isSignedIn } from "../../lib/api.js";
import { places, remembered, settle } from "../../lib/place.js";
import { programs } from "../../lib/programs.js";
import { placeName } from "../../lib/said.js";
import { goTo, screen } from "../../lib/screen.js";
import { into } from "../../lib/words.js";

const FIRST = ["dibao", "linshi", "tekun"];

Page(screen({
  data: { first: [], place: remembered(), words: "", said: "", fresh: 0 },
  async onLoad(query) {
    if (query.scene || query.region) this.fromPoster(query);
    this.named();
    const all = await programs(this.data.place.code);
    this.setData({ first: FIRST.map((id) => all.find((one) => one.id === id)).filter(Boolean) });
    this.news();
  },
  onShow() {
    this.setData({ place: remembered() });
  },
  onReturn() {
    return this.news();
  },
  // A village's poster: region=… , or scene=r=<code>&p=<program> from a mini-program code.
  fromPoster(query) {
    const { region, program } = places(query);
    if (region) settle({ code: region, name: "" });
    if (program) goTo("/pages/guide/guide?program=" + program);
  },
  // A poster gives the code alone.
  async named() {
    const { code, name } = remembered();
    this.setData({ place: { code, name } });
    if (!code || name) return;
    const found = await placeName(code);
    if (remembered().code !== code || found === code) return;
    settle({ code, name: found });
    this.setData({ place: remembered() });
  },
  async news() {
    if (!isSignedIn()) return;
    const found = await get("/api/messages").catch(() => []);
    this.setData({ fresh: found.filter((one) => one.new).length });
  },
  type(event) {
    this.data.words = event.detail.value;
  },
  seek() {
    const words = this.data.words.trim();
    if (words) goTo("/pages/search/search?q=" + into(words));
    else this.setData({ said: "请写几个字，比如：没钱看病。" });
  },
  onShareAppMessage() {
    return { title: "救助通：困难了，在这里申请救助", path: "/pages/home/home" };
  },
}));
