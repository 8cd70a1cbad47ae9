// wx: what is shown around the page, the way between pages, what device it is.
export function screenCalls(play) {
  const { host, options } = play;
  const window = () => ({ windowWidth: globalThis.innerWidth || 375, windowHeight: (globalThis.innerHeight || 667) - 48, pixelRatio: globalThis.devicePixelRatio || 2 });
  const isDark = () => Boolean(globalThis.matchMedia && globalThis.matchMedia("(prefers-color-scheme: dark)").matches);
  return {
    getWindowInfo: window,
    getAppBaseInfo: () => ({ SDKVersion: "3.5.8", language: "zh_CN", theme: isDark() ? "dark" : "light", fontSizeSetting: options.fontSizeSetting || 17 }),
    getAccountInfoSync: () => ({ miniProgram: { appId: "touristappid", envVersion: options.envVersion || "develop", version: "" } }),
    getUpdateManager: () => ({ onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} }),
    onThemeChange() {},
    nextTick: (act) => void Promise.resolve().then(act),
    showToast: play.call("showToast", (given) => host.ui.showToast(given)),
    showLoading: play.call("showLoading", (given) => host.ui.showToast(given, true)),
    hideLoading: play.call("hideLoading", () => host.ui.hideToast()),
    showModal: play.call("showModal", (given) => new Promise((resolve) => host.ui.modal(given, resolve))),
    showActionSheet: play.call("showActionSheet", ({ itemList }) => new Promise((resolve, reject) => {
      host.ui.sheet(itemList, (tapIndex) => (tapIndex < 0 ? reject(new Error("cancel")) : resolve({ tapIndex })));
    })),
    setNavigationBarTitle: play.call("setNavigationBarTitle", ({ title }) => {
      host.stack.top().title = title;
      host.ui.title(title);
    }),
    stopPullDownRefresh: play.call("stopPullDownRefresh", () => {}),
    pageScrollTo: play.call("pageScrollTo", ({ scrollTop = 0, selector }) => {
      const found = selector && host.stack.top().element.querySelector(selector.replace(/^#(.+)$/, '[id$="$1"]'));
      if (found && found.scrollIntoView) found.scrollIntoView();
      else if (globalThis.scrollTo) globalThis.scrollTo(0, scrollTop);
    }),
    createSelectorQuery: () => query(host),
    navigateTo: play.call("navigateTo", ({ url }) => host.stack.to(url)),
    redirectTo: play.call("redirectTo", ({ url }) => host.stack.redirect(url)),
    reLaunch: play.call("reLaunch", ({ url }) => host.stack.relaunch(url)),
    navigateBack: play.call("navigateBack", ({ delta = 1 }) => host.stack.back(delta)),
  };
}

// select("#id") with fields or boundingClientRect: what the client uses of it.
function query(host) {
  const wanted = [];
  let found = null;
  const self = {
    in: () => self,
    select(selector) {
      found = host.stack.top().element.querySelector(selector.replace(/^#(.+)$/, '[id$="$1"]'));
      return self;
    },
    fields() {
      wanted.push(found);
      return self;
    },
    boundingClientRect() {
      wanted.push(found);
      return self;
    },
    exec(heard) {
      heard(wanted.map((element) => element && { node: element, ...size(element) }));
    },
  };
  return self;
}

function size(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
}
