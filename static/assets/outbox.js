// What waits on this phone: a card a file with how far it is, what to do where something is in the
// way, and one button to send it all now. Its topics and photos are drawn while somebody looks.

import { all, fileOf, forget, isFile, keep, kept } from "./draft.js";
import { HELD, card as drawn, cards as own, element as made, photos, resumed, show } from "./photo.js";
import * as store from "./store.js";
import { ask } from "./post.js";
import { who } from "./seal.js";
import { move, state, sync } from "./sync.js";

const MIB = 1048576;
const SOON_FULL = 0.8;
const SOON = 500;
const SMALL = 400;
const WAYS = {
  consents_missing: ["/consents?next=/waiting", "去看隐私说明"],
  proof_needed: ["/prove?next=/waiting", "去证明是本人"],
};

const box = document.querySelector("[data-outbox]");
const find = (selector) => box.querySelector(selector);
const list = find("[data-typed]");
const cards = new Map();
let drawing = Promise.resolve();
let due = 0;
let found = null;
let stale = true;
let moved = false;

async function isNearlyFull() {
  if (!navigator.storage || !navigator.storage.estimate) return false;
  const { usage, quota } = await navigator.storage.estimate();
  return usage > quota * SOON_FULL || quota - usage < 50 * MIB;
}

function link(parent, [address, words]) {
  made(made(parent, "p", ""), "a", words, "go second").href = address;
}

function button(parent, words, act) {
  const one = made(parent, "button", words, "go second");
  one.type = "button";
  one.onclick = () => act().then(() => {
    stale = true;
    return sync(true);
  });
}

const errors = (parent, all) => all.forEach((words) => made(parent, "p", words, "e"));
const goes = () => (state.signedIn && state.signal ? "正在传" : "等信号");
const size = (all) => (all < MIB ? `${Math.ceil(all / 1024)} KB` : `${(all / MIB).toFixed(1)} MB`);

// What a topic or a photo weighs, as it will be sent.
function weight({ sealed, locked, blob, typed }) {
  const thing = sealed || blob || locked || new TextEncoder().encode(JSON.stringify(typed || ""));
  return thing.size || thing.byteLength;
}

// What somebody has to read of a photo; nothing where it only waits.
function trouble({ id, refused }) {
  const { said, failed } = own.get(id) || { said: refused, failed: HELD };
  return failed === HELD && said;
}

// ---- What stands on the card of a file.

function topic(place, draft) {
  const item = made(place, "li", "", "part");
  made(item, "strong", draft.title || "封好的一页");
  made(item, "p", `填的内容 ${size(weight(draft))}`, "plain");
  if (!draft.refused) return made(item, "p", goes());
  errors(item, draft.refused);
  return link(item, WAYS[draft.code] || [draft.page, "去看一看，再保存"]);
}

// What became of a file begun or finished here.
function begun(place, key, one) {
  if (one.receipt) {
    made(place, "p", `已经交了，编号 ${one.receipt.reference_no}，照片${one.receipt.photos.length}张`);
    button(place, "知道了", () => forget(key));
  } else if (one.refused) {
    errors(place, one.refused);
    if (one.code === "already_open") button(place, "并到那一份里", () => join(one));
    else if (WAYS[one.code] || one.here || !one.closed) link(place, WAYS[one.code] || [one.here ? `/${one.files ? "household" : "applications"}/${one.id}/check` : `/fill/${one.program}#${one.id}`, "去看一看"]);
  } else if (one.here && !one.finished) {
    made(place, "p", "已经传上去了。");
    link(place, [`/applications/${one.id}/tasks`, "接着填"]);
    button(place, "知道了", () => forget(key));
  } else if (!one.here && state.own && who() && !state.own.includes(one.who)) {
    made(place, "p", one.who ? "这是别的号码填的。请换回那个号码登录。" : "这份是您填的吗？");
    if (!one.who) button(place, "是我填的，传上去", async () => keep(key, Object.assign(await kept(key), { who: who() })));
  } else {
    made(place, "p", one.closed ? "封好了，有信号就自己交" : one.finished ? "等信号，传完就交" : goes());
    if (!one.here && !one.closed) link(place, [`/fill/${one.program}#${one.id}`, "接着填"]);
  }
}

async function join(one) {
  const { said } = await ask("/api/applications", "GET", "");
  const open = Array.isArray(said) && said.find((other) => other.program_id === one.program && !other.closed_at);
  if (!open) return;
  await move(one.id, open.id);
  location.reload();
}

// Whatever somebody has to see without opening anything.
function words(id, { one, topics, waiting }) {
  const place = document.createElement("div");
  (one.again || []).forEach((way) => link(place, way));
  if (one.begun || one.finished) begun(place, id + "/", one);
  else {
    made(place, "p", goes());
    if (one.here && !one.closed) link(place, [`/fill/${one.program}#${id}`, "接着填"]);
  }
  topics.forEach(([, draft]) => draft.refused && topic(place, draft));
  const held = waiting.map(trouble).filter(Boolean);
  if (held.length) errors(place, [`${held.length}张照片没传上。`].concat(Array.from(new Set(held))));
  return place;
}

function rest({ topics, waiting, sent }) {
  const things = topics.map(([, draft]) => draft).concat(waiting);
  if (!things.length) return "都传上去了";
  const whole = things.reduce((sum, one) => sum + weight(one), 0);
  return `已传${Math.floor((100 * sent) / (sent + things.length))}%，还有${topics.length}页、${waiting.length}张照片没传。共${size(whole)}。`;
}

// Whom it is for; without a name, when.
function title({ one, topics, waiting }) {
  const { at, person } = [one].concat(topics.map(([, draft]) => draft), waiting).find((any) => any.at) || one;
  const name = [one.person || person, one.short].filter(Boolean).join("：");
  return name && !one.closed && !one.locked ? `${name}申请` : `${new Date(at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" })}填的`;
}

// ---- What is in it, for as long as somebody looks.

function card(id) {
  const top = made(list, "li", "", "card");
  const one = { top, title: made(top, "h3", ""), rest: made(top, "p", "", "plain"), words: made(top, "div", ""), more: made(top, "details", "") };
  made(one.more, "summary", "看这一份的");
  one.more.ontoggle = () => {
    fold(id);
    if (one.inner) one.inner.remove();
    one.inner = one.more.open && made(one.more, "div", "");
    if (!one.inner) return;
    made(one.inner, "ul", "", "cards");
    unfold(made(one.inner, "ul", "", "th"), id);
    inside(one);
  };
  cards.set(id, one);
  return one;
}

// Its topics; those with a fault stand on the card.
async function inside({ inner, its }) {
  if (!inner) return;
  const fresh = document.createElement("ul");
  fresh.className = "cards";
  for (const [key, draft] of its.topics) {
    if (!draft.refused) topic(fresh, (draft.locked && (await kept(key))) || draft);
  }
  instead(inner.firstChild, fresh);
}

async function unfold(place, id) {
  await resumed;
  const here = Array.from(photos.values()).filter((one) => one.application === id && one.state !== "sent");
  if (!place.isConnected) return;
  here.forEach((photo) => {
    const { said, failed } = Object.assign(own.get(photo.id), { parts: drawn(photo, place), drawn: true });
    made(own.get(photo.id).parts.top, "p", size(weight(photo)));
    show(photo, said, failed);
  });
  for (const photo of here) await little(photo, own.get(photo.id).parts).catch(() => {});
}

// A whole picture would stay in memory long after it is gone from the page.
async function little(photo, { top, image, gone }) {
  const { blob } = await store.opened(photo);
  if (!blob || !top.isConnected) return;
  image.hidden = gone.hidden = false;
  image.onload = () => URL.revokeObjectURL(image.src);
  image.src = await small(blob).catch(() => URL.createObjectURL(blob));
}

async function small(blob) {
  const bitmap = await createImageBitmap(blob, { resizeWidth: SMALL });
  const canvas = document.createElement("canvas");
  canvas.width = SMALL;
  canvas.height = (SMALL * bitmap.height) / bitmap.width;
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", 0.7);
}

function fold(id) {
  photos.forEach((photo) => {
    if (photo.application === id) own.get(photo.id).parts = null;
  });
}

// ---- All of them.

// What lies here by file. Locked topics stay locked where the card does not need their words.
async function files() {
  const entries = await all((key, one, keys) => isFile(key) || one.refused || !keys.includes(fileOf(key) + "/"));
  const by = new Map();
  const joint = {};
  entries.forEach(([key, { files }]) => files && files.forEach((id) => { joint[id] = fileOf(key); }));
  const of = (own) => {
    const id = joint[own] || own;
    return by.get(id) || by.set(id, { one: {}, topics: [], waiting: [], sent: 0 }).get(id);
  };
  entries.forEach(([key, one]) => {
    if (isFile(key)) Object.assign(of(fileOf(key)), { one, sent: Object.keys(one.seen || {}).length });
    else of(fileOf(key)).topics.push([key, one]);
  });
  (await store.all()).forEach((photo) => {
    if (photo.state === "sent") of(photo.application).sent += 1;
    else of(photo.application).waiting.push(photo);
  });
  by.forEach(({ one, topics, waiting }, id) => one.begun || one.finished || one.again || topics.length + waiting.length || by.delete(id));
  return by;
}

// What stands there goes only for something else; who was at its button stays near it.
function instead(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return old;
  const held = old.contains(document.activeElement);
  const next = fresh.querySelector("a, button") || old.parentNode.querySelector("summary");
  old.replaceWith(fresh);
  if (held) next.focus();
  return fresh;
}

function update(its, id) {
  const one = cards.get(id) || card(id);
  if (!one.its) one.more.open = its.waiting.some(trouble);
  one.its = its;
  one.title.textContent = title(its);
  one.rest.textContent = rest(its);
  const said = JSON.stringify([its.one, state, its.waiting.map(trouble), its.topics.map(([, { refused }]) => refused)]);
  if (one.said !== said) one.words = instead(one.words, words(id, its));
  one.said = said;
  one.more.hidden = !one.more.open && !(its.topics.length + its.waiting.length);
  inside(one);
}

function sum(files) {
  const begun = files.filter(({ one }) => one.begun);
  const count = (name) => files.reduce((all, its) => all + its[name].length, 0);
  return begun.length ? `共${begun.length}家：交了${begun.filter(({ one }) => one.receipt).length}家。还有${count("topics")}页、${count("waiting")}张照片没传。` : "";
}

async function look() {
  if (stale) found = await files();
  stale = moved;
  cards.forEach(({ top }, id) => {
    if (found.has(id)) return;
    fold(id);
    top.remove();
    cards.delete(id);
  });
  found.forEach(update);
  find("[data-send]").hidden = !found.size;
  find("[data-nothing]").hidden = found.size > 0;
  find("[data-sum]").textContent = sum(Array.from(found.values()));
  find("[data-out]").hidden = state.signedIn || !found.size;
  find("[data-clock]").hidden = state.clock;
  find("[data-full]").hidden = !(await isNearlyFull());
}

// It follows what goes up, twice a second at most, and reads anew only what can have changed.
function follow(read) {
  stale = stale || read;
  due = due || setTimeout(() => {
    due = 0;
    drawing = drawing.then(look).catch(() => {});
  }, SOON);
}

addEventListener("photo:sent", () => follow(true));
addEventListener("sync:on", () => follow((moved = true)));
addEventListener("sync:done", () => follow((moved = false)));
document.addEventListener("visibilitychange", () => follow(true));
find("[data-send]").onclick = () => sync(true);
export const ready = drawing = look().catch(() => {});
