// The stack of pages: open, replace, go back; ten at most, as in WeChat.
const MOST = 10;
const root = globalThis;

export function createStack(host, backend, space) {
  const pages = [];
  const top = () => pages[pages.length - 1];

  function need(path) {
    if (!host.config.pages.includes(path)) throw new Error(`navigateTo:fail page "${path}" is not found`);
  }

  async function open(url) {
    const [path, query] = parsed(url);
    need(path);
    if (top()) hide(host, top());
    const page = draw(host, backend, space, path, query);
    pages.push(page);
    host.ui.page(page);
    if (root.scrollTo) root.scrollTo(0, 0);
    await host.call(page.instance, "onLoad", query);
    if (!pages.includes(page)) return;
    host.call(page.instance, "onShow");
    host.call(page.instance, "onReady");
  }

  function close() {
    const page = pages.pop();
    host.call(page.instance, "onUnload");
    page.root.release();
    page.element.remove();
  }

  return {
    top,
    instances: () => pages.map((page) => page.instance),
    depth: () => pages.length,
    async launch(entry, app) {
      const [path, query] = parsed(entry || host.config.pages[0]);
      host.launched = { path, query, scene: 1001, referrerInfo: {} };
      host.call(app, "onLaunch", host.launched);
      host.call(app, "onShow", host.launched);
      await open(entry || host.config.pages[0]);
    },
    async to(url) {
      if (pages.length >= MOST) throw new Error("navigateTo:fail webview count limit exceed");
      await open(url);
    },
    async redirect(url) {
      need(parsed(url)[0]);
      close();
      await open(url);
    },
    async relaunch(url) {
      need(parsed(url)[0]);
      while (pages.length) close();
      await open(url);
    },
    back(delta) {
      if (pages.length <= 1) throw new Error("navigateBack:fail cannot navigate back at first page.");
      for (let left = delta; left > 0 && pages.length > 1; left -= 1) close();
      show(host, top());
    },
  };
}

// WeChat does not decode what stands behind the question mark.
function parsed(url) {
  const [path, text = ""] = url.replace(/^\//, "").split("?");
  const query = {};
  for (const pair of text.split("&").filter(Boolean)) {
    const [name, ...rest] = pair.split("=");
    query[name] = rest.join("=");
  }
  return [path, query];
}

function draw(host, backend, space, path, query) {
  const element = root.document.createElement("main");
  element.setAttribute("data-page", path);
  const holder = root.document.createElement("span");
  element.appendChild(holder);
  host.ui.pages().appendChild(element);
  const made = backend.createRoot("wx-page", space, path);
  const instance = made.get();
  for (const [name, value] of Object.entries({ route: path, options: query })) {
    Object.defineProperty(instance, name, { value, configurable: true });
  }
  made.attach(element, holder);
  element.firstElementChild.setAttribute("data-page", path);
  return { path, query, root: made, instance, element };
}

function show(host, page) {
  page.element.hidden = false;
  host.ui.page(page);
  host.call(page.instance, "onShow");
  if (root.scrollTo) root.scrollTo(0, page.scroll || 0);
}

function hide(host, page) {
  page.scroll = root.scrollY || 0;
  page.element.hidden = true;
  host.call(page.instance, "onHide");
  if (root.scrollTo) root.scrollTo(0, 0);
}
