// Starts the client: what waits from before is sent on, templates for messages are fetched.
import { sendOn } from "./lib/photos.js";
import { loadTemplates } from "./lib/subscribing.js";

App({
  onLaunch() {
    wx.onNetworkStatusChange((net) => {
      if (net.isConnected) sendOn();
    });
    loadTemplates();
  },
  onShow() {
    sendOn();
  },
});
