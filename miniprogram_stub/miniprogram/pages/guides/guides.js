// Every program in one list.
import { remembered } from "../../lib/place.js";
import { programs } from "../../lib/programs.js";
import { screen } from "../../lib/screen.js";

Page(screen({
  data: { programs: [] },
  async onLoad() {
    const found = await programs(remembered().code);
    this.setData({ programs: found.map(({ id, title, summary }) => ({ id, title, summary })) });
  },
}));
