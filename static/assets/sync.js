// Everything this phone keeps goes to the portal: at the start, when the signal returns, when the
// page is looked at again, and every half minute. Files begun here, then what was typed, then
// photos (photo.js), then what was said to be finished.

import { all, fileOf, forget, isFile, keep, remind } from "./draft.js";
import { ask, moveTo, post } from "./post.js";
import { who } from "./seal.js";
import * as store from "./store.js";

const EVERY = 30000;
const SOON = 1500;
const DAY = 86400000;
const find = (selector) => document.querySelector(selector);
let running = null;
let soon = 0;
let pause = SOON;
let moved = false;

// How the last round went; the page of what waits shows it.
export const state = { signal: navigator.onLine, signedIn: true, clock: true, own: null };

// `again`: also what was refused and not typed anew.
export function sync(again) {
  running = running || alone(() => round(again)).catch(() => {}).then(() => {
    running = null;
    trySoon();
    dispatchEvent(new Event("sync:done"));
  });
  return running;
}

// A broken line is often back in a moment; a dead one is left alone for longer and longer.
function trySoon() {
  pause = state.signal || moved ? SOON : Math.min(EVERY, pause * 2);
  moved = false;
  clearTimeout(soon);
  if (!state.signal && navigator.onLine) soon = setTimeout(sync, pause);
}

// One tab at a time.
function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request("sync", { ifAvailable: true }, (lock) => lock && act());
}

async function round(again) {
  const looked = await ask("/api/phone", "GET", "");
  state.signal = moved = looked.status === 200;
  if (!state.signal) return;
  state.clock = Math.abs(looked.at - Date.now()) < DAY;
  state.signedIn = Boolean(who());
  const { csrf, seal, own } = looked.said;
  state.own = [who()].concat(own || []);
  hand(csrf, seal);
  if (state.signedIn) await files(csrf, again) && await topics(csrf, again);
  dispatchEvent(new Event("photo:send"));
  if (state.signedIn) await finished(csrf, again);
  await tidy();
}

// A page without a token of this visit is given one, and the portal's key; photo.js reads it there.
function hand(csrf, seal) {
  const meta = find("meta[name=csrf]") || document.head.appendChild(Object.assign(document.createElement("meta"), { name: "csrf" }));
  meta.content = csrf;
  meta.dataset.seal = seal;
}

// Whether the round may go on.
function goesOn({ status }) {
  if (status === 401) state.signedIn = false;
  if (!status) state.signal = false;
  moved = moved || status === 200 || status === 201;
  dispatchEvent(new Event("sync:on"));
  return status && status !== 401 && status !== 429 && status < 500;
}

async function files(csrf, again) {
  for (const [key, file] of await all()) {
    if (!isFile(key) || file.here || (file.refused && !again)) continue;
    if (!state.own.includes(file.who)) continue;
    const answer = await begin(key, file, csrf);
    if (!goesOn(answer)) return false;
  }
  return true;
}

async function begin(key, file, csrf) {
  const { id, program, person, kind, helper, to } = file;
  const sealed = file.sealed || {};
  if ((person || sealed.mandate) && !file.mandate) {
    const given = await ask(to || "/api/mandates", "POST", csrf, !to && (sealed.mandate || JSON.stringify({ kind, person, helper })), id);
    if (given.status !== 201) return refuse(key, file, given);
    await keep(key, Object.assign(file, { mandate: given.said.id }));
  }
  const under = file.mandate ? { mandate_id: file.mandate } : {};
  const wanted = sealed.file || JSON.stringify(Object.assign({ id, program_id: program }, under));
  const made = await ask(`/api/applications?${sealed.file ? new URLSearchParams(under) : ""}`, "POST", csrf, wanted, id);
  if (made.status !== 201) return refuse(key, file, made);
  const { revision, reference_no: reference } = made.said;
  if (made.said.id !== id) await move(id, made.said.id);
  await keep(key, Object.assign(file, { here: true, revision, reference, refused: null }));
  return made;
}

async function refuse(key, file, answer) {
  if (goesOn(answer)) await keep(key, Object.assign(file, { refused: [answer.said.message], code: answer.said.code }));
  return answer;
}

// What was typed for a file begun here goes into another one that is open already.
export async function move(id, other) {
  await moveTo(id, await all(), other);
  for (const photo of await store.all()) {
    if (photo.application === id) await store.put(Object.assign(photo, { application: other }));
  }
  await forget(id + "/");
}

// A topic that is being typed on a page right now is that page's.
async function isOpen(key) {
  if (!navigator.locks) return Boolean(find(`[data-draft="${key}"]`));
  return navigator.locks.request("typing:" + key, { ifAvailable: true }, (lock) => !lock);
}

// Signatures ("file/~…") come last, and only where no topic of the file is left.
async function topics(csrf, again) {
  const entries = await all();
  const waiting = entries.filter(([key, file]) => isFile(key) && !file.here).map(([key]) => fileOf(key));
  const held = [];
  for (const [key, draft] of entries) {
    const file = fileOf(key);
    if (isFile(key) || !draft.to || waiting.includes(file) || (key.includes("/~") && held.includes(file))) continue;
    held.push(file);
    if ((draft.refused && !again) || (await isOpen(key))) continue;
    const answer = await post(key, draft, csrf);
    if (!goesOn(answer)) return false;
    if (answer.status === 200) held.pop();
  }
  return true;
}

// What is left of a file on this phone: topics, and photos not yet sent.
function left({ id, files }, entries, photos) {
  const own = photos.filter((one) => (files || [id]).includes(one.application) && one.state !== "sent" && !one.refused);
  return own.length + entries.filter(([key]) => !isFile(key) && fileOf(key) === id).length;
}

async function finished(csrf, again) {
  const entries = await all();
  for (const [key, file] of entries) {
    if (!isFile(key) || !file.here || !file.finished || file.receipt || (file.refused && !again)) continue;
    if (left(file, entries, await store.all())) continue;
    const answer = await ask(`/api/${file.files ? "households" : "applications"}/${file.id}/submission`, "POST", csrf, file.files && JSON.stringify({ applications: file.files }));
    if (answer.status !== 201) await refuse(key, file, { status: answer.status, said: { message: words(answer), code: answer.said.code } });
    else await keep(key, Object.assign(file, { receipt: given(answer.said.receipt), refused: null }));
    if (!goesOn(answer)) return;
  }
}

// Of one file, or of a household's files together.
const given = ({ reference_no, photos: { length } }) => ({ reference_no, photos: { length } });

function words({ said }) {
  return Object.values(said.fields || {}).reduce((found, one) => found.concat(one), []).join("；") || said.message;
}

// The reminder goes only when nothing waits; whatever was typed meanwhile sets it again.
async function tidy() {
  if (await waits()) return remind();
  localStorage.removeItem("waiting");
  return (await waits()) && remind();
}

// Files begun by the portal are remembered here only while something of them waits.
async function waits() {
  const entries = await all(() => false);
  let found = Boolean(find("[data-typing]"));
  for (const [key, value] of entries) {
    if (isFile(key) && value.here && !value.begun && !value.finished && !left(value, entries, await store.all())) await forget(key);
    else if (!isFile(key) || !value.here || (value.finished && !value.receipt)) found = true;
  }
  return found || (await store.all()).some((photo) => photo.state !== "sent");
}

// Photos are shown on pages of photos; everywhere else they are sent behind the page.
async function photos() {
  if (find("[data-photos], [data-sheet]") || !(await store.all()).some((photo) => photo.state !== "sent")) return;
  const place = document.body.appendChild(document.createElement("div"));
  Object.assign(place, { hidden: true }).dataset.photos = "";
  place.dataset.all = "";
  await import("./photo.js");
}

if (self.crypto && crypto.subtle) {
  photos().catch(() => {});
  sync();
  addEventListener("online", () => sync());
  addEventListener("photo:sent", () => {
    clearTimeout(soon);
    soon = setTimeout(sync, SOON);
  });
  document.addEventListener("visibilitychange", () => document.hidden || sync());
  setInterval(() => sync(), EVERY);
}
