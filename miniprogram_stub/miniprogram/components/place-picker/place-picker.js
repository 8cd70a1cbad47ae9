// A place of the country, from the province down or by its name. Tells `choose` {code, name}.
import { get } from "../../lib/api.js";
import { placeName } from "../../lib/said.js";

const LEVELS = { province: "省", prefecture: "市（州）", county: "县（市、区）", township: "乡镇（街道）", village: "村（社区）" };

Component(/** @type {any} */ ({
  properties: { code: { type: String, value: "" }, name: { type: String, value: "" }, label: { type: String, value: "" } },
  data: { at: "", shown: "", level: "省", below: /** @type {any[]} */ ([]), sought: "", hits: /** @type {any[]} */ ([]), foundNone: false, fault: "" },
  observers: {
    code(code) {
      if (this.begun && code !== this.data.at) this.load(code, this.data.name);
    },
  },
  lifetimes: {
    attached() {
      this.begun = true;
      this.load(this.data.code, this.data.name);
    },
  },
  methods: {
    async load(code, name) {
      this.setData({ at: code, shown: name, hits: [], foundNone: false, fault: "" });
      try {
        const below = await get("/api/regions?parent=" + code);
        if (code !== this.data.at) return;
        this.setData({ below, level: below.length ? LEVELS[below[0].level] || "地方" : "" });
        if (code && !name) this.setData({ shown: await placeName(code) });
      } catch (fault) {
        this.setData({ fault: fault.message });
      }
    },
    pick(event) {
      const region = this.data.below[Number(event.detail.value)];
      if (region) this.choose(region.code, region.full_name);
    },
    take(event) {
      const { code, name } = event.currentTarget.dataset;
      this.choose(code, name);
    },
    restart() {
      this.choose("", "");
    },
    choose(code, name) {
      this.load(code, name);
      this.triggerEvent("choose", { code, name });
    },
    seek(event) {
      this.data.sought = event.detail.value;
    },
    async find() {
      const sought = this.data.sought.trim();
      if (!sought) return;
      try {
        const hits = await get("/api/regions?q=" + encodeURIComponent(sought));
        this.setData({ hits, foundNone: !hits.length, fault: "" });
      } catch (fault) {
        this.setData({ fault: fault.message });
      }
    },
  },
}));
