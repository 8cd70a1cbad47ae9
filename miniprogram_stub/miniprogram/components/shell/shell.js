// Around every page: larger letters, help now, for whom one acts, what went wrong, whom to call.
import { around } from "../../lib/acting.js";
import { goTo } from "../../lib/screen.js";

const LINKS = [
  { words: "首页", url: "/pages/home/home" },
  { words: "我的申请", url: "/pages/mine/mine" },
  { words: "消息", url: "/pages/messages/messages" },
  { words: "查进度", url: "/pages/status/status" },
  { words: "我的信息", url: "/pages/me/me" },
];

Component(/** @type {any} */ ({
  properties: { failure: { type: Object, value: null }, helped: { type: String, value: "" }, urgent: { type: Boolean, value: false }, call: { type: String, value: "" } },
  data: { links: LINKS, offline: false, round: { number: 1, of: 1, next: null } },
  observers: {
    helped() {
      if (this.data.helped) this.setData({ round: around() });
    },
  },
  lifetimes: {
    attached() {
      wx.getNetworkType({ success: (net) => this.setData({ offline: net.networkType === "none" }) });
      wx.onNetworkStatusChange((net) => this.setData({ offline: !net.isConnected }));
    },
  },
  pageLifetimes: {
    show() {
      if (this.data.helped) this.setData({ round: around() });
    },
  },
  methods: {
    enlarge() {
      this.triggerEvent("enlarge");
    },
    retry() {
      this.triggerEvent("retry");
    },
    next() {
      goTo("/pages/helped/helped?mandate=" + this.data.round.next.mandate);
    },
    urge() {
      goTo("/pages/help-now/help-now");
    },
    dial() {
      wx.makePhoneCall({ phoneNumber: this.data.call, fail() {} });
    },
    go(event) {
      const { url } = event.currentTarget.dataset;
      if (url === "/pages/home/home") wx.reLaunch({ url });
      else goTo(url);
    },
  },
}));
