// Who of the offices opened this file: for its owner only.
import { get } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";

Page(screen({
  data: { id: "", known: false, readers: [] },
  async onLoad(query) {
    signedIn();
    const { readers } = await get(`/api/applications/${query.id}/readers`);
    this.setData({ id: query.id, known: true, readers: readers.map(({ on_text, office, role, what, reason }, key) => ({ key, on_text, office, did: role + what, reason })) });
  },
}));
