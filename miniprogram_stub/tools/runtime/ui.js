// What WeChat draws around a page: title bar, toast, modal, action sheet, picture viewer. Real, focusable HTML.
let host;
let shell;
let title;
let back;
let pages;
let layer;
let toast = null;

function made(tag, given = {}, ...inner) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "tap") element.addEventListener("click", value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inner);
  return element;
}

export const ui = {
  said: [],
  init(given) {
    host = given;
    back = made("button", { class: "wx-back", type: "button", "aria-label": "返回", tap: () => host.stack.back(1) }, "‹");
    title = made("div", { class: "wx-title" });
    pages = made("div", { class: "wx-pages" });
    layer = made("div", { class: "wx-layer", "aria-live": "polite" });
    shell = made("div", { class: "wx-shell" }, made("header", { class: "wx-nav" }, back, title), pages, layer);
    host.mount.appendChild(shell);
  },
  pages: () => pages,
  title(text) {
    title.textContent = text;
    document.title = text;
  },
  fontSize(size) {
    if (size) document.documentElement.style.fontSize = size;
  },
  page(page) {
    const own = { ...host.config.app.window, ...host.config.comps[page.path] };
    ui.title(page.title || own.navigationBarTitleText || "");
    ui.fontSize(page.element.rootFontSize);
    back.hidden = host.stack.depth() <= 1;
  },
  showToast({ title: words, icon = "success", duration = 1500 }, loading) {
    ui.hideToast();
    toast = made("div", { class: "wx-toast", role: "status", "data-icon": loading ? "loading" : icon }, words);
    layer.append(toast);
    ui.said.push(words);
    if (!loading) setTimeout((gone) => gone.remove(), duration, toast);
  },
  hideToast() {
    if (toast) toast.remove();
    toast = null;
  },
  modal({ title: heading = "", content = "", showCancel = true, cancelText = "取消", confirmText = "确定" }, done) {
    const end = (confirm) => {
      mask.remove();
      done({ confirm, cancel: !confirm });
    };
    const yes = made("button", { type: "button", class: "yes", tap: () => end(true) }, confirmText);
    const no = showCancel ? [made("button", { type: "button", tap: () => end(false) }, cancelText)] : [];
    const box = made("div", { class: "wx-modal", role: "alertdialog", "aria-modal": "true", "aria-label": heading || content }, made("strong", {}, heading), made("p", {}, content), made("div", { class: "wx-row" }, ...no, yes));
    const mask = made("div", { class: "wx-mask" }, box);
    layer.append(mask);
    ui.said.push(heading, content);
    yes.focus();
  },
  sheet(items, done) {
    const end = (number) => {
      mask.remove();
      done(number);
    };
    const one = (text, number) => made("button", { type: "button", tap: () => end(number) }, text);
    const box = made("div", { class: "wx-sheet", role: "dialog", "aria-modal": "true", "aria-label": "请选择" }, ...items.map(one), one("取消", -1));
    const mask = made("div", { class: "wx-mask" }, box);
    layer.append(mask);
  },
  preview(address) {
    const picture = made("img", { src: address, alt: "照片" });
    const mask = made("div", { class: "wx-mask wx-preview", role: "dialog", "aria-label": "看照片，点一下关掉", tap: () => mask.remove() }, picture);
    layer.append(mask);
  },
  choose(multiple) {
    return new Promise((resolve) => {
      const input = made("input", { type: "file", accept: "image/*", multiple, hidden: true });
      const end = () => {
        resolve(Array.from(input.files));
        input.remove();
      };
      input.addEventListener("change", end);
      input.addEventListener("cancel", end);
      layer.append(input);
      input.click();
    });
  },
};
