// The PIN of who helps others: without it nothing of them can be read on this phone. It is asked for
// in place of the page, and what is sealed goes up meanwhile. Forgotten, it loses nothing: the
// readable copies go, the sealed ones stay.

import { all, close, forget, keep, pinned, put, raw, settle } from "./draft.js";
import { IDLE, dataKey, decrypt, encrypt, portal } from "./seal.js";
import * as store from "./store.js";

const ROUNDS = 600000;
const MINUTE = 60000;
const FREE = 5;
const WAITS = [1, 5, 15];
const LAST = 10;
const { subtle } = crypto;
const find = (selector) => document.querySelector(selector);
const main = find("main");
const isPrivate = Boolean(find("form[data-draft], [data-photos], [data-sheet], [data-outbox], [data-round]"));
const FIELD = (id, words) => `<div class="f"><label for="${id}">${words}</label><input id="${id}" inputmode="numeric" maxlength="6" autocomplete="off"></div>`;
const FORM = (fields, words) => `<form>${fields}<p class="e" role="alert"></p><button class="go">${words}</button></form>`;
const OTHER = (words) => `<p><button class="go second" type="button">${words}</button></p>`;
let asking = false;
let touched = 0;

async function derived(pin, salt) {
  const words = await subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return subtle.deriveKey(how, words, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const usable = (bytes) => subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
const random = (size) => crypto.getRandomValues(new Uint8Array(size));
export const drop = () => settle("pin", undefined, (own) => Object.assign(own, { key: null }));

// What another PIN had locked is left to the portal.
async function lose() {
  await put("pin", {});
  await forget("round");
  await close();
  await store.close();
}

async function make(pin) {
  if (pinned() === "1") await lose();
  const [salt, bytes] = [random(16), random(32)];
  const wrapped = await encrypt(await derived(pin, salt), [bytes]);
  await put("pin", { salt, wrapped, wrong: 0, free: 0, seen: 0, key: await usable(bytes), since: Date.now() });
  localStorage.setItem("pin", "1");
  for (const [key, one] of await all()) await keep(key, one);
  for (const photo of await store.all()) await store.put(photo);
}

// Whether it is the right one. Counted before it is tried, by the latest time this phone has seen.
async function isRight(pin, own) {
  const wrong = own.wrong + 1;
  const seen = Math.max(Date.now(), own.seen);
  const wait = wrong < FREE ? 0 : WAITS[Math.min(wrong - FREE, 2)];
  await put("pin", Object.assign(own, { wrong, seen, free: seen + wait * MINUTE }));
  try {
    const key = await usable(await decrypt(await derived(pin, own.salt), own.wrapped));
    await put("pin", Object.assign(own, { wrong: 0, free: 0, key, since: Date.now() }));
    return true;
  } catch (fault) {
    return false;
  }
}

// ---- In place of the page.

// Resolves once `page` calls what it is given; then the page is there again.
async function show(page) {
  const was = Array.from(main.childNodes);
  const bar = find(".acting");
  if (bar) bar.remove();
  document.documentElement.dataset.ready = "1";
  await new Promise(page);
  main.replaceChildren(...was);
  if (bar) find("header").after(bar);
}

function draw(words, submit, press) {
  main.innerHTML = words;
  const said = find("main .e");
  const input = find("main input");
  const other = find("main .second");
  const say = (text) => { said.textContent = text; input.focus(); };
  find("main form").onsubmit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const pin = input.value.normalize("NFKC").trim();
    input.value = "";
    if (/^\d{6}$/.test(pin)) submit(pin, say);
    else say("请写六个数字。");
  };
  if (other) other.onclick = press;
  input.focus();
}

async function ask(done) {
  const known = await raw("pin");
  if (!known || !known.wrapped) return forgotten(done);
  async function submit(pin, say) {
    const own = await raw("pin");
    const left = Math.min(WAITS[2], Math.ceil((own.free - Date.now()) / MINUTE));
    if (left > 0) return say(`请等${left}分钟再试。`);
    if (await isRight(pin, own)) return done();
    if (own.wrong < LAST) return say(own.wrong < FREE ? "密码不对，请再写一遍。" : `错了${own.wrong}次，请等${(own.free - own.seen) / MINUTE}分钟再试。`);
    await lose();
    return forgotten(done);
  }
  return draw(`<h1>请写手机密码</h1><p>填的、拍的都在，不会丢。</p>${FORM(FIELD("pin", "六个数字"), "打开")}${OTHER("忘了密码")}`, submit, () => forgotten(done));
}

function forgotten(done) {
  set(done, "<p>没关系，填的、拍的不会丢。</p><p>有信号了，会自己交上去。</p><p>登录过期了，用短信再登录。</p><p>现在设一个新密码。</p>", OTHER("想起来了"), () => location.reload());
}

function set(done, lead, other, press) {
  async function submit(pin, say) {
    if (find("#again").value.normalize("NFKC").trim() !== pin) return say("两遍不一样，请再写。");
    return make(pin).then(done);
  }
  draw(`<h1>设手机密码</h1>${lead}${FORM(FIELD("pin", "六个数字") + FIELD("again", "再写一遍"), "设好")}${other}`, submit, press);
}

// Before something of somebody else is kept here. An assistant has to, others may leave it.
export async function offer() {
  if (!portal() || ["1", "no"].includes(pinned())) return;
  await show((done) => set(done, "<p>手机丢了，别人看不到这家的事。</p>", pinned() ? "" : OTHER("先不设"), () => {
    localStorage.setItem("pin", "no");
    done();
  }));
}

// ---- While the page is open.

async function watch() {
  if (asking) return;
  asking = true;
  if (!(await dataKey())) {
    await drop();
    if (isPrivate) await show(ask);
  }
  asking = false;
}

function touch() {
  const now = Date.now();
  if (asking || Math.abs(now - touched) < IDLE / 18) return;
  touched = now;
  settle("pin", undefined, (own) => (now - own.since < IDLE ? Object.assign(own, { since: now }) : own));
}

async function start() {
  const must = find("[data-pin=must]");
  if (must && pinned() !== "1") localStorage.setItem("pin", "must");
  if (must && isPrivate && !find("[data-round]")) await offer();
  if (pinned() !== "1") return;
  if (isPrivate && !(await dataKey())) {
    await drop();
    import("./sync.js").catch(() => {});
    await show(ask);
    location.reload();
    await new Promise(() => {});
  }
  touch();
  for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, touch);
  addEventListener("submit", ({ target }) => /sign-out$|\/pass$/.test(target.action) && drop());
  document.addEventListener("visibilitychange", watch);
  setInterval(watch, 5000);
}

export const ready = start();
