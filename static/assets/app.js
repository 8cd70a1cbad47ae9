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
];

function showNetwork() {
  find("#net").hidden = navigator.onLine;
}

// From the second visit on the client opens without a signal. Never waited for.
function keepForLater() {
  if (!navigator.serviceWorker || root.dataset.once) return;
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}

async function start() {
  keepForLater();
  showNetwork();
  addEventListener("online", showNetwork);
  addEventListener("offline", showNetwork);
  const summary = find("#sum");
  if (summary) summary.focus();
  const wanted = PARTS.filter(([selector]) => find(selector));
  const modules = await Promise.all(wanted.map(([, module]) => import(module)));
  await Promise.all(modules.map((module) => module.ready));
  root.dataset.ready = "1";
}

start();
