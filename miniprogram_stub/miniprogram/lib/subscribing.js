// Subscription messages: asked for when they are needed, inside a tap. Saying no changes nothing else.
import { get, isSignedIn, put } from "./api.js";
import { keep, kept } from "./store.js";

// The ids are fetched beforehand: after waiting for a server WeChat no longer counts it as a tap.
export function loadTemplates() {
  return get("/api/wechat/templates").then((found) => keep("templates", found), () => {});
}

// `moment`: submitted · correction · decision. Resolves whatever is answered. Call it first thing in a tap.
export function ask(moment) {
  const tmplIds = (kept("templates", {})[moment] || []).slice(0, 3);
  if (!tmplIds.length || !isSignedIn()) return Promise.resolve();
  return new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds,
      success: (answer) => resolve(told(tmplIds, answer)),
      fail: () => resolve(undefined),
    });
  });
}

function told(ids, answer) {
  const answers = ids.reduce((all, id) => Object.assign(all, { [id]: answer[id] || "reject" }), {});
  return put("/api/me/wechat-subscriptions", { answers }).catch(() => {});
}
