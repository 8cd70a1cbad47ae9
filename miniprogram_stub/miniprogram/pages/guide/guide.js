// One program in plain words, and what is paid where the person lives.
import { remembered, settle } from "../../lib/place.js";
import { blocks, program } from "../../lib/programs.js";
import { screen } from "../../lib/screen.js";

const AREAS = { urban: "城市：", rural: "农村：", all: "" };

Page(screen({
  data: { program: null, blocks: [], amounts: [], place: remembered() },
  onLoad(query) {
    this.id = query.program;
    return this.show();
  },
  async show() {
    const place = remembered();
    const found = await program(this.id, place.code.slice(0, 9));
    const { id, title, short, summary, has_form, go_to } = found;
    const automatic = found.automatic ? found.automatic.text : "";
    this.setData({
      place,
      program: { id, title, short, summary, has_form, go_to, automatic },
      blocks: blocks(found.guide),
      amounts: place.code ? found.amounts.map((amount) => AREAS[amount.area] + amount.words) : [],
    });
    wx.setNavigationBarTitle({ title: short + "怎么办" });
  },
  move(event) {
    settle(event.detail);
    return this.attempt(() => this.show());
  },
  onShareAppMessage() {
    return { title: this.data.program ? this.data.program.title + "怎么办" : "救助通", path: "/pages/guide/guide?program=" + this.id };
  },
}));
