// Photos of papers: kept on the phone first, then made small, then sent. Nothing is lost between.
// On plain HTTP there is no crypto.subtle: the plain form does the work.

import * as store from "./store.js";
import { upload } from "./upload.js";

const SIDE = 1600;
const QUALITY = 0.72;
const SAVED = "已存在手机里";
const LATER = "没传上，有信号时再传";
const FULL = "手机存满了。先别关，正在传。";
const STRANGE = "这种照片打不开。请在相机设置里选“兼容性最佳”。再拍一张就行。";
const LASTING = [404, 413, 415, 422];
const NOT_NOW = [401, 403];
const SOON = 1000;
const SELDOM = 30000;
export const HELD = 2;
const DAY = 86400000;

const find = (selector) => document.querySelector(selector);
const places = Array.from(document.querySelectorAll("[data-photos]"));
export const photos = new Map();
export const cards = new Map();
let storing = Promise.resolve();
let work = storing;
let pause = SOON;
let waking = 0;
export let resumed = null;

// One at a time: a cheap phone has memory for one photo.
function next(act, photo) {
  work = work.then(() => act(photo)).catch(() => {});
  return work;
}

export function element(parent, tag, text, look) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (look) made.className = look;
  return parent.appendChild(made);
}

function button(card, text, act, photo) {
  return Object.assign(element(card, "button", text), { type: "button", onclick: () => next(act, photo) });
}

// Where a photo shows: the form of its paper, or a place for whatever is left.
function home({ application, item }) {
  const holds = (own) => "all" in own || (own.application === application && (!own.item || own.item === item));
  return places.find((place) => holds(place.dataset));
}

// What becomes of each. Of what is only sent from here no card is drawn before somebody looks.
function mind(photo, said, failed) {
  const place = home(photo);
  photos.set(photo.id, photo);
  cards.set(photo.id, {});
  if (!("all" in place.dataset)) cards.get(photo.id).parts = card(photo, place.querySelector("ul.th"));
  show(photo, said, failed);
}

export function card(photo, list) {
  const top = element(list, "li", "");
  const image = top.appendChild(new Image());
  image.alt = "刚选的照片";
  image.loading = "lazy";
  image.hidden = !photo.blob;
  const text = element(top, "p", "");
  if (photo.item === "unsorted" && find("[data-sheet]")) sorted(photo, top);
  const again = button(top, "再传一次", send, photo);
  const gone = button(top, "删掉", erase, photo);
  return { top, image, text, again, gone };
}

// Taken in one go: which paper it is of is said afterwards, until it is sent.
function sorted(photo, top) {
  const list = element(element(top, "label", "这张是什么？"), "select", "");
  places.forEach((one) => list.add(new Option(one.querySelector("h3").textContent, one.dataset.item)));
  list.onchange = () => next(async () => {
    if (photo.document) return;
    Object.assign(photo, { item: list.value, sealed: null });
    await seal(photo);
    home(photo).querySelector("ul.th").append(top);
  });
}

async function seal(photo) {
  if (photo.state === "ready") await import("./seal.js").then(({ pack }) => pack(photo)).catch(() => {});
  return store.put(photo);
}

export function show(photo, said, failed) {
  const own = Object.assign(cards.get(photo.id), { said, failed });
  if (failed === HELD) dispatchEvent(new Event("sync:on"));
  if (!own.parts) return;
  const { image, text, again, gone } = own.parts;
  if (photo.state !== "raw" && photo.blob && !own.drawn) {
    own.drawn = true;
    image.src = URL.createObjectURL(photo.blob);
  }
  text.textContent = said;
  text.className = failed ? "e" : "";
  again.hidden = !failed;
  gone.hidden = image.hidden && !photo.refused;
}

async function take(form, chosen) {
  const { application, item } = form.dataset;
  for (const blob of chosen) {
    const at = Date.now();
    const photo = { id: `${at}-${Math.random()}`, application, item, state: "raw", blob, at };
    mind(photo, "");
    await store.put(photo).then(() => show(photo, SAVED), () => show(photo, FULL, true));
    next(finish, photo);
  }
  next(sendAll);
}

function inWorker(file) {
  const worker = new Worker(new URL("photo-worker.js", find("script[src]").src));
  return new Promise((done, failed) => {
    setTimeout(failed, 30000);
    worker.onerror = failed;
    worker.onmessage = (event) => (event.data ? done(event.data) : failed());
    worker.postMessage({ file, side: SIDE, quality: QUALITY });
  });
}

async function onPage(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  const ratio = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * ratio);
  canvas.height = Math.round(image.height * ratio);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

async function finish(photo) {
  const sent = photo.blob;
  try {
    photo.blob = await inWorker(sent).catch(() => onPage(sent));
  } catch (error) {
    if (!/jpeg|png|webp/.test(sent.type)) return refuse(photo, STRANGE);
  }
  const digest = await crypto.subtle.digest("SHA-256", await photo.blob.arrayBuffer());
  const bytes = Array.from(new Uint8Array(digest));
  photo.sha = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  photo.state = "ready";
  await seal(photo).then(() => show(photo, SAVED), () => {});
}

function refuse(photo, said) {
  cards.get(photo.id).refused = true;
  show(photo, said, HELD);
  return store.put(Object.assign(photo, { refused: said })).catch(() => {});
}

// A file the portal does not know yet.
async function isHereOnly({ application }) {
  const { kept } = await import("./draft.js");
  const file = await kept(application + "/");
  return Boolean(file && !file.here);
}

const csrf = () => (find("meta[name=csrf]") || { content: "" }).content;
const documents = (photo) => `/api/applications/${photo.application}/documents`;

async function sendAll() {
  for (const photo of photos.values()) {
    if (!cards.get(photo.id).refused && (await send(photo))) return;
  }
}

// True when the others would fare no better now.
async function send(photo) {
  if (photo.state !== "ready" || !photos.has(photo.id) || !csrf()) return;
  show(photo, "正在上传");
  try {
    const sent = await upload(photo, csrf(), (part) => show(photo, `正在上传 ${Math.floor(part * 100)}%`));
    Object.assign(photo, { state: "sent", document: sent.id, refused: "" });
    show(photo, "✓ 已上传");
    const { parts } = cards.get(photo.id);
    if (parts) parts.top.querySelectorAll("label").forEach((sorted) => sorted.remove());
    await store.put(photo).catch(() => {});
    pause = SOON;
    dispatchEvent(new Event("photo:sent"));
  } catch ({ status, said }) {
    if (LASTING.includes(status) && !(await isHereOnly(photo))) return refuse(photo, said.message);
    show(photo, NOT_NOW.includes(status) ? said.message : LATER, status === 403 ? HELD : true);
    trySoon();
    return !status || status === 401;
  }
}

// A broken line is often back in a moment; a dead one is left alone for longer and longer.
function trySoon() {
  clearTimeout(waking);
  waking = setTimeout(() => next(sendAll), pause);
  pause = Math.min(SELDOM, pause * 2);
}

// Advice comes once the portal has prepared the photo; it warns and stops nothing.
async function advise() {
  const waiting = Array.from(photos.values()).filter((one) => one.document && cards.get(one.id).parts && !cards.get(one.id).advised);
  if (!waiting.length) return;
  const found = await (await fetch(documents(waiting[0]))).json();
  waiting.forEach((photo) => {
    const row = found.find((one) => one.id === photo.document);
    if (!row || row.state === "received") return;
    const { parts } = Object.assign(cards.get(photo.id), { advised: true });
    row.advice.forEach((words) => { element(parts.top, "p", words).className = "e"; });
  });
}

async function erase(photo) {
  if (photo.document) {
    const address = `${documents(photo)}/${photo.document}`;
    const answer = await fetch(address, { method: "DELETE", headers: { "X-CSRF-Token": csrf() } }).catch(() => ({ status: 0 }));
    if (!answer.ok && answer.status !== 404) return show(photo, "没删掉，请再试一次");
  }
  await store.remove(photo.id);
  photos.delete(photo.id);
  const { parts } = cards.get(photo.id);
  if (parts) parts.top.remove();
  dispatchEvent(new Event("sync:on"));
}

// Only what a signed receipt names leaves the phone, and not on the first day.
async function leave(photo) {
  if (Date.now() - photo.at < DAY) return;
  const answer = await fetch(`/api/applications/${photo.application}/submission`);
  const named = answer.ok ? (await answer.json()).receipt.photos.map((one) => one.sha256) : [];
  if (named.includes(photo.sha)) await store.remove(photo.id);
}

// What an earlier visit left is finished and sent.
async function resume() {
  for (const one of await store.all()) {
    const isHere = places.some(({ dataset }) => dataset.application === one.application);
    const photo = isHere || one.state === "raw" ? await store.opened(one) : one;
    if (photo.state === "sent") {
      await leave(photo).catch(() => {});
    } else if (home(photo) && !photos.has(photo.id)) {
      mind(photo, photo.refused || SAVED, photo.refused && HELD);
      if (photo.state === "raw" && photo.blob) next(finish, photo);
    }
  }
  next(sendAll);
}

function offerCamera(form, keep) {
  const way = form.querySelector("[data-camera]");
  way.hidden = !navigator.mediaDevices;
  way.onclick = () => import("./camera.js").then(({ shoot }) => shoot(way, keep)).catch(() => {
    way.before("这里的相机打不开。请点上面的按钮。");
    document.querySelectorAll("[data-camera]").forEach((one) => one.remove());
  });
}

function start(form) {
  const input = form.elements.photo;
  const keep = (...chosen) => { storing = Promise.all([storing, take(form, chosen)]); };
  form.dataset.live = "1";
  form.querySelector("[data-plain]").hidden = true;
  form.addEventListener("submit", (event) => event.preventDefault());
  const taken = () => {
    keep(...input.files);
    input.value = "";
  };
  input.addEventListener("change", taken);
  if (input.files.length) taken();
  offerCamera(form, keep);
}

// Going on waits for photos under way; a second tap goes at once, they are safe on the phone.
function wait(event) {
  const goes = event.target.closest(event.type === "submit" ? "main form:not([data-photos])" : "main a");
  const sent = (photo) => photo.document || cards.get(photo.id).refused;
  if (!goes || goes.dataset.waits || goes.closest("[data-sheet]") || places.every((place) => place.hidden) || Array.from(photos.values()).every(sent)) return;
  event.preventDefault();
  goes.dataset.waits = "1";
  (goes.querySelector("button") || goes).textContent = "正在传照片，请等一下";
  storing.then(() => next(() => (goes.href ? location.assign(goes.href) : goes.submit())));
}

if (self.crypto && crypto.subtle) {
  resumed = next(resume);
  places.filter((place) => place.elements).forEach(start);
  addEventListener("click", wait);
  addEventListener("submit", wait);
  addEventListener("online", () => next(sendAll));
  addEventListener("photo:send", () => next(sendAll));
  addEventListener("visibilitychange", () => document.hidden || next(sendAll));
  setInterval(() => next(sendAll), SELDOM);
  setInterval(() => next(advise), 3000);
}
