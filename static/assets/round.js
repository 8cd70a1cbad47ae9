// An assistant's village where there is no signal: as the portal drew it, locked under the PIN. On
// every page of a phone that keeps one it is renewed, or goes when it is not the assistant's any more.

import { forget, fresh, keep, kept, raw } from "./draft.js";
import { dataKey, who } from "./seal.js";

const OFTEN = 600000;
const LONGEST = 604800000;
const ROUND = "round";
const place = document.querySelector("[data-round]");
const all = (selector) => Array.from(place.querySelectorAll(selector));
const age = Date.now() - localStorage.getItem(ROUND);
let own = null;

function drop() {
  localStorage.removeItem(ROUND);
  return forget(ROUND);
}

// Which mandates it is drawn under may be read without the PIN: all of it goes with the first that
// is over. Nothing is kept anew without.
async function renew() {
  const key = await dataKey();
  if (!key && !own) return;
  const answer = await fetch("/roster/copy");
  if (answer.status > 428) return;
  const html = await answer.text();
  const mandate = html.match(/"mandate": "[^"]+/g) || [];
  if (answer.redirected || !answer.ok || (!key && !own.mandate.every((one) => mandate.includes(one)))) return drop();
  localStorage.setItem(ROUND, Date.now());
  if (key) await keep(ROUND, { who: who(), mandate, html });
}

const save = () => keep(ROUND, { who: own.who, mandate: own.mandate, html: place.innerHTML });

async function draw() {
  const { html } = (await kept(ROUND)) || {};
  if (!html) return;
  place.innerHTML = html;
  for (const path of new Set(all(".card a").map(({ pathname }) => pathname))) {
    const has = await caches.match(path, { ignoreVary: true });
    all(`[href*="${path}"]`).forEach((link) => { link.hidden = !has; });
  }
  place.addEventListener("click", press);
  place.addEventListener("input", show);
}

// By name, sound, place, and what waits there: whatever begins like that.
function show() {
  const words = all("input, select").map(({ value }) => " " + value.normalize("NFKC").toLowerCase().replace(/\s/g, ""));
  all(".card").forEach((card) => { card.hidden = !words.every((one) => card.dataset.heard.includes(one)); });
  all("[data-group]").forEach((group) => {
    group.hidden = !group.querySelector(".card:not([hidden])");
    group.open = true;
  });
}

// Who was visited goes the way of a topic; a form is of a file the portal has, or begun here.
async function press(event) {
  const one = event.target.closest("[data-keep]");
  if (!one) return;
  event.preventDefault();
  const made = Object.assign(JSON.parse(one.closest(".card").dataset.about), JSON.parse(one.dataset.keep), { who: who(), at: Date.now() });
  if (one.href) {
    const id = one.hash.slice(1, 37) || fresh();
    if (!(await kept(id + "/"))) await keep(id + "/", Object.assign(made, { id }));
    if (!one.hash) one.prepend("接着填");
    one.hash = one.hash || id;
    await save();
    location.assign(one.href);
  } else {
    const on = new Date(made.at + 28800000).toISOString().slice(0, 10);
    await keep(`${made.entry}/${on}`, Object.assign(made, { typed: [["on", on]] }));
    one.previousSibling.textContent = on.replace(/.*-0?(\d+)-0?(\d+)/, "$1月$2日去过，等信号传");
    await save();
  }
}

async function start() {
  own = await raw(ROUND);
  if (own && (own.who !== who() || age > LONGEST)) own = await drop();
  if (place && place.dataset.round) await draw();
  if (place || age > OFTEN) import("./sync.js").then(({ sync }) => sync()).then(renew).catch(() => {});
}

export const ready = start();
