// Every page: the network notice, the error summary, and the module a page's own parts need.
// Pages work without any of this.

const root = document.documentElement;
const find = (selector) => document.querySelector(selector);

const PARTS = [
  ["form[data-draft]", "./form.js"],
  ["form[data-check]", "./check.js"],
  ["form[data-carry], form[data-carries]", "./carry.js"],
  ["[data-place]", "./place.js"],
  ["[data-photos]", "./photo.js"],
  ["[data-outbox]", "./outbox.js"],
  ["[data-soon]", "./soon.js"],
  ["form[data-sign]", "./sign.js"],
  ["form[data-voice]", "./voice.js"],
  ["[data-idle]", "./idle.js"],
  ["[data-forget]", "./forget.js"],
  ["[data-pass]", "./pass.js"],
  ["[data-sheet]", "./sheet.js"],
  ["[data-wipe]", "./wipe.js"],
  ["[data-round]", "./round.js"],
];

function showNetwork() {
  find("#net").hidden = navigator.onLine;
}

const isBorrowed = () => /(^|; )shared=1/.test(document.cookie);

// A borrowed phone keeps nothing once its browser was closed, and nothing a page wrote while it
// was being cleared. Waited for, so that nothing new is opened meanwhile.
async function leaveNothing() {
  try {
    if (isBorrowed()) localStorage.setItem("borrowed", "1");
    else if (localStorage.getItem("borrowed")) await import("./wipe.js").then(({ wipe }) => wipe());
  } catch (fault) {
    // A phone that keeps nothing has nothing to forget.
  }
}

// Away at once, to a page that tells nothing; going back does not lead here.
function exit(event) {
  const way = event.target.closest("[data-exit]");
  if (!way) return;
  event.preventDefault();
  const go = () => location.replace(way.href);
  if (hasPin()) import("./lock.js").then(({ drop }) => drop()).then(go, go);
  else go();
}

// Asked for before anything kept here is read; where somebody helps others, also set.
function hasPin() {
  try {
    return localStorage.getItem("pin") === "1";
  } catch (fault) {
    return false;
  }
}

// From the second visit on the client opens without a signal. Never waited for.
function keepForLater() {
  if (!navigator.serviceWorker || isBorrowed()) return;
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}

// Something on this phone waits for a signal: every page tries to send it. Never waited for.
function sendWhatWaits() {
  try {
    if (localStorage.getItem("waiting")) import("./sync.js").catch(() => {});
    if (localStorage.getItem("round")) import("./round.js").catch(() => {});
  } catch (fault) {
    // A phone that keeps nothing has nothing to send.
  }
}

async function start() {
  await leaveNothing();
  keepForLater();
  addEventListener("click", exit);
  showNetwork();
  addEventListener("online", showNetwork);
  addEventListener("offline", showNetwork);
  const summary = find("#sum");
  if (summary) summary.focus();
  if (self.crypto && crypto.subtle && (hasPin() || find("[data-pin]"))) await import("./lock.js").then(({ ready }) => ready).catch(() => {});
  const wanted = PARTS.filter(([selector]) => find(selector));
  const modules = await Promise.all(wanted.map(([, module]) => import(module)));
  await Promise.all(modules.map((module) => module.ready));
  root.dataset.ready = "1";
  sendWhatWaits();
}

start();
