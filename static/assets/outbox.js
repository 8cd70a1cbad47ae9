// What waits on this phone: each thing with its size and how far it is, what to do where
// something is in the way, and one button to send it all now. Photos show themselves (photo.js).

import { all, fileOf, forget, isFile, keep } from "./draft.js";
import * as store from "./store.js";
import { ask } from "./post.js";
import { who } from "./seal.js";
import { move, state, sync } from "./sync.js";

const MIB = 1048576;
const LEAST_FREE = 50 * MIB;
const SOON_FULL = 0.8;
const WAYS = {
  consents_missing: ["/consents?next=/waiting", "去看隐私说明"],
  proof_needed: ["/prove?next=/waiting", "去证明是本人"],
};

const box = document.querySelector("[data-outbox]");
const find = (selector) => box.querySelector(selector);

async function isNearlyFull() {
  if (!navigator.storage || !navigator.storage.estimate) return false;
  const { usage, quota } = await navigator.storage.estimate();
  return usage > quota * SOON_FULL || quota - usage < LEAST_FREE;
}

function made(parent, tag, text, look) {
  const element = parent.appendChild(document.createElement(tag));
  element.textContent = text;
  if (look) element.className = look;
  return element;
}

function link(parent, [address, words]) {
  made(made(parent, "p", ""), "a", words, "go second").href = address;
}

function button(parent, words, act, look) {
  const one = made(parent, "button", words, look || "go second");
  one.type = "button";
  one.onclick = () => act().then(() => sync(true));
}

const size = (thing) => `${Math.ceil(new Blob([JSON.stringify(thing)]).size / 1024)} KB`;
const named = ({ person, short }) => [person, short].filter(Boolean).join("：");

function whatHolds(item, { refused, code, page }) {
  if (!refused) return made(item, "p", state.signedIn && state.signal ? "正在传" : "等信号");
  refused.forEach((words) => made(item, "p", words, "e"));
  return link(item, WAYS[code] || [page, "去看一看，再保存"]);
}

// A topic that was typed.
function topic(list, draft) {
  const item = made(list, "li", "", "card");
  made(item, "h3", [draft.person, draft.title].filter(Boolean).join("：") || "封好的一页");
  if (draft.typed) made(item, "p", `填的内容 ${size(draft.typed)}`, "plain");
  whatHolds(item, draft);
}

// A file begun here, and what became of it.
function file(list, key, one, rest) {
  const item = made(list, "li", "", "card");
  made(item, "h3", one.closed || one.locked ? `${new Date(one.at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" })}填的` : `${named(one)}申请`);
  made(item, "p", rest, "plain");
  if (one.receipt) {
    made(item, "p", `已经交了，编号 ${one.receipt.reference_no}，照片${one.receipt.photos.length}张`);
    button(item, "知道了", () => forget(key));
  } else if (one.refused) {
    one.refused.forEach((words) => made(item, "p", words, "e"));
    if (one.code === "already_open") button(item, "并到那一份里", () => join(one));
    else if (WAYS[one.code] || one.here || !one.closed) link(item, WAYS[one.code] || [one.here ? `/applications/${one.id}/check` : `/fill/${one.program}#${one.id}`, "去看一看"]);
  } else if (one.here && !one.finished) {
    made(item, "p", "已经传上去了。");
    link(item, [`/applications/${one.id}/tasks`, "接着填"]);
    button(item, "知道了", () => forget(key));
  } else if (!one.here && who() && one.who !== who()) {
    made(item, "p", one.who ? "这是别的号码填的。请换回那个号码登录。" : "这份是您填的吗？");
    if (!one.who) button(item, "是我填的，传上去", () => keep(key, Object.assign(one, { who: who() })));
  } else {
    made(item, "p", one.closed ? "封好了，有信号就自己交" : one.finished ? "等信号，传完就交" : "等信号");
    if (!one.here && !one.closed) link(item, [`/fill/${one.program}#${one.id}`, "接着填"]);
  }
}

async function join(one) {
  const { said } = await ask("/api/applications", "GET", "");
  const open = Array.isArray(said) && said.find((other) => other.program_id === one.program && !other.closed_at);
  if (!open) return;
  await move(one.id, open.id);
  location.reload();
}

function sum(entries, photos) {
  const files = entries.filter(([key]) => isFile(key)).map(([, one]) => one).filter((one) => one.begun);
  const handed = files.filter((one) => one.receipt).length;
  const topics = entries.length - entries.filter(([key]) => isFile(key)).length;
  return files.length ? `共${files.length}家：交了${handed}家。还有${topics}页、${photos.length}张照片没传。` : "";
}

function rest({ id, seen }, entries, kept) {
  const topics = entries.filter(([key]) => !isFile(key) && fileOf(key) === id).length;
  const photos = kept.filter((photo) => photo.application === id);
  const own = photos.filter(waits).length;
  const sent = Object.keys(seen).length + photos.length - own;
  return topics + own ? `已传${Math.floor((100 * sent) / (sent + topics + own))}%，还有${topics}页、${own}张照片没传` : "都传上去了";
}

const waits = (photo) => photo.state !== "sent";

async function look() {
  const entries = await all();
  const kept = await store.all();
  const photos = kept.filter(waits);
  const list = find("[data-typed]");
  const fresh = document.createElement("ul");
  entries.filter(([key]) => isFile(key)).forEach(([key, one]) => one.begun && file(fresh, key, one, rest(one, entries, kept)));
  const begun = entries.filter(([key, one]) => isFile(key) && one.begun && !one.here).map(([key]) => fileOf(key));
  entries.filter(([key]) => !isFile(key) && !begun.includes(fileOf(key))).forEach(([, draft]) => draft.to && topic(fresh, draft));
  list.replaceChildren(...fresh.children);
  const some = photos.length + entries.length > 0;
  find("[data-send]").hidden = !some;
  find("[data-nothing]").hidden = some;
  find("[data-sum]").textContent = sum(entries, photos);
  find("[data-out]").hidden = state.signedIn || !some;
  find("[data-clock]").hidden = state.clock;
  find("[data-full]").hidden = !(await isNearlyFull());
}

addEventListener("photo:sent", look);
addEventListener("sync:on", look);
addEventListener("sync:done", look);
find("[data-send]").onclick = () => sync(true);
export const ready = look().catch(() => {});
