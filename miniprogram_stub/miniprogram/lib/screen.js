// What every page has: letters of the chosen size, one place for what went wrong, the way to other pages.
import { doubt, enter } from "./acting.js";
import { Failure, isSignedIn } from "./api.js";
import { HOTLINE } from "../config.js";
import { look, larger } from "./look.js";
import { homeOf } from "./whose.js";
import { into } from "./words.js";

const ELSEWHERE = { sign_in_needed: "/pages/sign-in/sign-in", consents_missing: "/pages/consents/consents", proof_needed: "/pages/sign-in/sign-in", factor_needed: "/pages/factor/factor" };
const FULL = /limit exceed/;

/**
 * A page made of `page`. Its onLoad and onShow may fail: the person reads why and can try again.
 * @param {any} page
 */
export function screen(page) {
  return Object.assign({}, page, METHODS, /** @type {any} */ ({
    data: Object.assign({ look: look(), failure: null, helped: "", call: HOTLINE }, page.data),
    onLoad(query) {
      this.query = query;
      const home = homeOf(query);
      this.setData({ look: look() });
      const begin = () => (page.onLoad ? this.attempt(() => page.onLoad.call(this, query)) : undefined);
      return this.asFor(home, begin, () => switched(begin));
    },
    onShow() {
      const now = look();
      if (now.size !== this.data.look.size) this.setData({ look: now });
      const again = () => page.onReturn && this.attempt(() => page.onReturn.call(this));
      if (this.isBack) this.asFor(homeOf(this.query), again, again);
      this.isBack = true;
      if (page.onShow) page.onShow.call(this);
    },
  }));
}

/** @type {any} */
const METHODS = {
  // Does it, and shows whatever went wrong; true when it was done.
  async attempt(act) {
    if (this.data.failure) this.setData({ failure: null });
    try {
      await act();
      return true;
    } catch (fault) {
      this.again = act;
      this.fail(fault);
      return false;
    }
  },
  // A page of a household opens under its name: at once, or once the person has said yes.
  asFor(home, atOnce, afterYes) {
    const isOfSomebody = Boolean(home || this.query.id || this.query.home);
    const question = isOfSomebody ? doubt(home) : null;
    const opened = (act) => {
      if (isOfSomebody) enter(home);
      this.setData({ helped: home ? home.person : "" });
      return act();
    };
    if (!question) return opened(atOnce);
    return wx.showModal(Object.assign({ cancelText: "不是", success: ({ confirm }) => (confirm ? opened(afterYes) : goBack()) }, question));
  },
  fail(fault) {
    const isOurs = fault instanceof Failure;
    if (isOurs && fault.code in ELSEWHERE) return leadTo(ELSEWHERE[fault.code], fault.code);
    const lines = isOurs ? Object.values(fault.fields).reduce((all, sentences) => all.concat(sentences), []) : [];
    const message = fault.message || "没有办成。请再试一次。";
    this.setData({ failure: { message, lines: lines.filter((line, at) => line !== message && lines.indexOf(line) === at), canRetry: !isOurs || fault.isOffline || fault.status >= 500 } });
    wx.pageScrollTo({ scrollTop: 0 });
    return undefined;
  },
  retry() {
    return this.attempt(this.again);
  },
  enlarge() {
    this.setData({ look: larger() });
  },
  go(event) {
    goTo(event.currentTarget.dataset.url);
  },
  dial(event) {
    wx.makePhoneCall({ phoneNumber: String(event.currentTarget.dataset.phone || HOTLINE), fail() {} });
  },
  back() {
    goBack();
  },
};

// Ten pages at most lie on each other; the eleventh takes the place of the tenth.
export function goTo(url) {
  wx.navigateTo({
    url,
    fail(fault) {
      if (FULL.test(fault.errMsg)) wx.redirectTo({ url });
    },
  });
}

// Nothing of the household left behind lies under the page.
function switched(begin) {
  if (getCurrentPages().length > 1) wx.reLaunch({ url: here() });
  else begin();
}

export function goBack() {
  if (getCurrentPages().length > 1) wx.navigateBack({ delta: 1 });
  else wx.reLaunch({ url: "/pages/home/home" });
}

// Where this page is, to come back to.
export function here() {
  const pages = getCurrentPages();
  const page = /** @type {any} */ (pages[pages.length - 1]);
  const query = Object.entries(page.options || {}).map(([name, value]) => `${name}=${value}`).join("&");
  return `/${page.route}${query ? "?" + query : ""}`;
}

export function signedIn() {
  if (!isSignedIn()) throw new Failure({ code: "sign_in_needed", message: "请先登录。", status: 401 });
}

function leadTo(url, why) {
  wx.redirectTo({ url: `${url}?why=${why}&next=${into(here())}` });
}
