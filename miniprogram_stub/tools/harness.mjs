// Runs the compiled client in jsdom, for the page tests: no browser, no DevTools.
import fs from "node:fs";
import path from "node:path";
import { JSDOM, VirtualConsole } from "jsdom";

const DIST = path.join(import.meta.dirname, "../dist");
const SITE = "http://127.0.0.1:8000";
const read = (name, dist) => fs.readFileSync(path.join(dist, name), "utf8");

// A phone whose storage and files outlive `start`: start again with the same one to reopen after a kill.
export function newPhone() {
  const stored = new Map();
  const storage = {
    getItem: (key) => (stored.has(key) ? stored.get(key) : null),
    setItem: (key, value) => stored.set(key, String(value)),
    removeItem: (key) => stored.delete(key),
    key: (number) => [...stored.keys()][number],
    get length() {
      return stored.size;
    },
  };
  return { storage, disk: new Map(), stored };
}

// `api(method, path, {body, headers})` plays the server: {status, body}, or throws for a dead line.
export async function start({ dist = DIST, entry, api, phone = newPhone(), options = {}, scheme = "light" } = {}) {
  const window = openWindow(dist, scheme);
  const mini = window.__mp;
  const wanted = { fetch: played(api), FormData, Blob, login: async () => "code-1", phone: async () => ({ code: "phone-1" }), subscribe: "accept", origins: { [SITE]: SITE }, ...phone, ...options };
  await mini.boot({ entry, options: wanted });
  return { window, mini, phone, ...hands(window, mini) };
}

function openWindow(dist, scheme) {
  const heard = new VirtualConsole();
  heard.on("error", (...words) => /not implemented/i.test(String(words[0])) || console.error(...words));
  const dom = new JSDOM('<!doctype html><html lang="zh-CN"><body></body></html>', { url: SITE + "/", runScripts: "outside-only", pretendToBeVisual: true, virtualConsole: heard });
  const { window } = dom;
  window.matchMedia = (query) => ({ matches: scheme === "dark" && /dark/.test(query), addEventListener() {} });
  window.scrollTo = () => {};
  window.AbortController = AbortController;
  window.HTMLCanvasElement.prototype.getContext = () => new Proxy({}, { get: () => () => {}, set: () => true });
  window.eval(read("runtime.js", dist));
  window.eval(read("app.js", dist));
  return window;
}

function played(api) {
  return async (address, given) => {
    const url = new URL(address);
    const body = typeof given.body === "string" ? JSON.parse(given.body) : given.body;
    const answer = await api(given.method || "GET", url.pathname + url.search, { body, headers: given.headers || {} });
    return new Response(answer.status === 204 ? null : JSON.stringify(answer.body === undefined ? {} : answer.body), { status: answer.status || 200, headers: { "content-type": "application/json" } });
  };
}

function hands(window, mini) {
  const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  const page = () => mini.stack.top();
  const find = (selector) => page().element.querySelector(selector);
  const said = (element) => element.getAttribute("aria-label") || element.textContent.trim();
  const control = (words) => [...window.document.querySelectorAll("main:not([hidden]) button, .wx-layer button, .wx-nav button, main:not([hidden]) [tabindex], main:not([hidden]) label")].find((one) => said(one) === words);
  return {
    tick,
    find,
    page: () => page().instance,
    path: () => page().path,
    text: () => page().element.textContent,
    calls: (name) => mini.wx.$play.calls.filter((call) => call.name === name),
    all: (selector) => [...page().element.querySelectorAll(selector)],
    async until(holds, most = 10000) {
      const end = Date.now() + most;
      for (;;) {
        const found = holds();
        if (found) return found;
        if (Date.now() > end) throw new Error(`never came true: ${holds}\non ${page().path}: ${page().element.textContent.slice(0, 400)}`);
        await tick(5);
      }
    },
    async tap(words) {
      const found = await this.until(() => control(words));
      found.click();
      await tick();
    },
    async type(label, text) {
      const input = await this.until(() => find(`[aria-label="${label}"]`));
      input.value = text;
      input.dispatchEvent(new window.Event("input", { bubbles: true }));
      await tick();
    },
    close: () => window.close(),
  };
}
