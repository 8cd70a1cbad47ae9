// Where the person lives: chosen once, remembered on the phone only.
import { remembered, settle } from "../../lib/place.js";
import { screen } from "../../lib/screen.js";

Page(screen({
  data: { place: remembered() },
  onLoad() {
    this.setData({ place: remembered() });
  },
  move(event) {
    settle(event.detail);
  },
}));
