// What offices asked for in all the households an assistant helps, home by home.
import { get } from "../../lib/api.js";
import { back, still, touched } from "../../lib/idle.js";
import { screen, signedIn } from "../../lib/screen.js";
import { learn } from "../../lib/whose.js";

Page(screen({
  data: { homes: [], known: false, away: false },
  onLoad() {
    return this.show();
  },
  onReturn() {
    back(this);
    return this.data.away ? undefined : this.show();
  },
  onUnload() {
    still(this);
  },
  touch() {
    if (!this.data.away) touched(this);
  },
  hideNames() {
    this.setData({ away: true, homes: [] });
  },
  stay() {
    return this.attempt(() => this.show());
  },
  async show() {
    signedIn();
    const { corrections } = await get("/api/roster/corrections");
    learn(corrections.map((one) => ({ id: one.mandate_id, person: one.name, applications: [{ id: one.application_id }] })));
    touched(this);
    this.setData({ homes: byHome(corrections), known: true, away: false });
  },
}));

function byHome(corrections) {
  const homes = [];
  corrections.forEach(({ mandate_id: mandate, application_id: file, name, title, sentence }) => {
    const home = homes.find((one) => one.mandate === mandate) || homes[homes.push({ mandate, file, name, asked: [] }) - 1];
    home.asked.push({ key: home.asked.length, title, sentence });
  });
  return homes;
}
