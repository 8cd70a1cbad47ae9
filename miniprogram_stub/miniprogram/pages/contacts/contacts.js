// Whom to call in a place: window, village assistant, hotline.
import { get } from "../../lib/api.js";
import { remembered, settle } from "../../lib/place.js";
import { screen } from "../../lib/screen.js";

Page(screen({
  data: { place: remembered(), contacts: [] },
  onLoad(query) {
    const place = query.region ? { code: query.region, name: "" } : remembered();
    return this.show(place);
  },
  async show(place) {
    this.setData({ place });
    this.setData({ contacts: await get("/api/contacts?region=" + place.code) });
  },
  move(event) {
    settle(event.detail);
    return this.attempt(() => this.show(event.detail));
  },
}));
