// What hangs in a village now, without signing in; nothing of it is kept on the phone.
import { get } from "../../lib/api.js";
import { remembered } from "../../lib/place.js";
import { screen } from "../../lib/screen.js";

const VILLAGE = 12;
const BESIDE = ["申请人", "有意见打电话"];

Page(screen({
  data: { place: remembered(), board: null },
  onLoad() {
    const place = remembered();
    this.setData({ place });
    return this.show(place.code, 1);
  },
  onReturn() {
    return this.show(this.data.place.code, 1);
  },
  move(event) {
    this.setData({ place: event.detail, board: null });
    return this.attempt(() => this.show(event.detail.code, 1));
  },
  turn(event) {
    return this.attempt(() => this.show(this.data.place.code, Number(event.currentTarget.dataset.page)));
  },
  async show(code, page) {
    if (code.length !== VILLAGE) return;
    const { page: number, pages, notices } = await get(`/api/public-notices?region=${code}&page=${page}`);
    if (code !== this.data.place.code) return;
    this.setData({ board: { number, pages, notices: notices.map(shown) } });
  },
}));

function shown({ id, title, rows, fields }) {
  const told = rows.filter(([label]) => !BESIDE.includes(label)).map(([label, words]) => ({ label, words }));
  return { id, title, name: fields.name, phone: fields.phone || "", rows: told };
}
