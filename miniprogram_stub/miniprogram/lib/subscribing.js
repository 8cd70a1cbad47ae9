// Subscription messages: asked for when they are needed, inside a tap. Saying no changes nothing else.
import { get, isSignedIn, put } from "./api.js";
import { keep, kept } from "./store.js";

// The ids are fetched beforehand: after waiting for a server WeChat no longer counts it as a tap.
export function loadTemplates() {
  return get("/api/wechat/templates").then((found) => keep("templates", found), () => {});
}

// WeChat shows three questions a tap.
const MOST = 3;

// `moments`: submitted · correction · decision, the first most wanted. Resolves whatever is answered. Call it first
// thing in a tap.
export function ask(...moments) {
  const known = kept("templates", {});
  const all = [].concat(...moments.map((moment) => known[moment] || []));
  const tmplIds = all.filter((id, at) => all.indexOf(id) === at).slice(0, MOST);
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
