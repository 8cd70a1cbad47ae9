// A whole form on the phone's own copy: one topic shown at a time, kept as it is typed, with an id
// of its own from the first stroke. #file/step in the address says what is open.

import { holds } from "../shared/conditions.js";
import { all as everything, close, fresh, keep, kept } from "./draft.js";
import { keeping, questions } from "./form.js";
import { who } from "./seal.js";
import * as store from "./store.js";
import "./sync.js";

const sheet = document.querySelector("[data-sheet]");
const find = (selector) => sheet.querySelector(selector);
const all = (selector) => Array.from(sheet.querySelectorAll(selector));
const pages = all("[data-page]");
const program = sheet.dataset.sheet;
const own = {};
const saves = [];
let file = null;

const opened = () => location.hash.slice(1).split("/");
const key = () => file.id + "/";
// Over what the outbox has written meanwhile.
async function save(more) {
  file = Object.assign((await kept(key())) || file, more);
  return keep(key(), file);
}

// ---- Which file.

async function begin(event) {
  event.preventDefault();
  const { whom, person, kind, helper } = event.target.elements;
  const helps = whom.value === "other";
  const lacks = !whom.value || (helps && !(person.value.trim() && kind.value && helper.value.trim()));
  find("[data-lacking]").textContent = lacks ? (helps ? "请写他和您的名字，再选一样。" : "请选给谁办。") : "";
  if (lacks) return;
  if (helps) await import("./lock.js").then(({ offer }) => offer()).catch(() => {});
  start(helps && { person: person.value.trim(), kind: kind.value, helper: helper.value.trim() });
}

async function start(whose) {
  const { short } = sheet.dataset;
  file = Object.assign({ id: fresh(), program, short, begun: true, here: false, who: who(), seen: {}, at: Date.now() }, whose);
  if (!(await save({}))) {
    find("[data-lacking]").textContent = "手机存不下了。请先删掉别的东西。";
    return;
  }
  if (file.kind) await import("./signing.js").then(({ agree }) => agree(find("[data-part=begin]"), file)).catch(() => {});
  location.hash = `${file.id}/${pages[0].dataset.page}`;
  location.reload();
}

async function offer() {
  const entries = await everything();
  const files = entries.filter(([, one]) => one.program === program && one.begun !== one.here);
  find("[data-begun]").replaceChildren(...files.map(([, one]) => {
    const link = Object.assign(document.createElement("a"), { className: "go second", href: `#${one.id}` });
    link.textContent = `接着填${one.person || "自己的"}`;
    link.onclick = () => setTimeout(() => location.reload());
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  const form = find("[data-begin]");
  if (!form) return;
  form.addEventListener("submit", begin);
  form.addEventListener("change", () => { find("[data-other]").hidden = form.elements.whom.value !== "other"; });
  await import("./over.js").then(({ lend }) => lend(form, program, entries, start)).catch(() => {});
}

// ---- Its topics.

const said = () => Object.assign({}, ...Object.values(own).map((one) => one.answers()));

async function bind(form) {
  const step = form.dataset.page;
  const at = key() + step;
  own[step] = questions(form, said);
  const about = { to: `/api/${file.files ? "households" : "applications"}/${file.id}/typed`, page: `/${file.files ? "household" : "applications"}/${file.id}/steps/${step}`, step, program };
  const title = form.querySelector("h2").textContent;
  const over = file.over && !file.here && file.over[step];
  const last = keeping(form, at, () => {
    const draft = own[step].draft();
    return draft.touched.length || over ? Object.assign(draft, about, { title, person: file.person || "", revision: (file.seen || {})[step] || 0 }) : null;
  });
  saves.push(last);
  const before = (await kept(at)) || over;
  if (before) own[step].fill(before);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter && event.submitter.value !== "save") return;
    last();
    go(1);
  });
}

// Agreeing is the person's own: whoever helps is not asked.
function applies(page) {
  const step = page.dataset.page;
  if (!own[step]) return holds(JSON.parse(page.dataset.shown || "{}"), said());
  own[step].showWhatApplies();
  if (file.person) own[step].parts().forEach((part) => { if (part.dataset.kind === "consent") part.hidden = true; });
  return own[step].parts().some((part) => !part.hidden);
}

function go(way) {
  const at = pages.findIndex((page) => page.dataset.page === opened()[1]);
  for (let next = at + way; next >= 0 && next < pages.length; next += way) {
    if (applies(pages[next])) {
      location.hash = `${file.id}/${pages[next].dataset.page}`;
      return;
    }
  }
}

function show() {
  const [id, step] = opened();
  if (id !== file.id) return location.reload();
  const open = pages.find((page) => page.dataset.page === step) || pages.find(applies);
  applies(open);
  pages.forEach((page) => { page.hidden = page !== open; });
  if (open.dataset.page === "photos") papers();
  if (open.dataset.page === "sign") import("./signing.js").then(({ board }) => board(find("[data-board]"), id)).catch(() => {});
  if (open.dataset.page === "done") lacking();
  find("[data-back]").hidden = open === pages[0];
  return scrollTo(0, 0);
}

function papers() {
  all("[data-paper]").forEach((form) => { form.hidden = !file.here && !holds(JSON.parse(form.dataset.shown || "{}"), said()); });
}

// The few answers nothing goes without; empty ones lead to their page. A file the portal has
// already may have them there.
function lacking() {
  const missing = file.here ? [] : all("[data-needed]").filter((part) => !part.hidden && own[part.closest("[data-page]").dataset.page].touched().indexOf(part) < 0);
  const other = (part) => part.dataset.needed && all(`[data-name="${part.dataset.needed}"]`).some((one) => own[one.closest("[data-page]").dataset.page].touched().includes(one));
  const left = missing.filter((part) => !other(part) && !(file.person && part.dataset.name === "applicant_name"));
  find("[data-missing]").hidden = !left.length;
  find("[data-missing] ul").replaceChildren(...left.map((part) => {
    const link = document.createElement("a");
    link.href = `#${file.id}/${part.closest("[data-page]").dataset.page}`;
    link.textContent = part.querySelector("legend, label").textContent;
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
}

// As on every page where somebody acts for another.
function bar() {
  document.querySelector("header").insertAdjacentHTML("afterend", '<aside class="acting"><p>您正在为<b></b>办理</p><a href="/helping">名单</a></aside>');
  document.querySelector(".acting b").textContent = file.person;
  find("h1").textContent += `：${file.person}`;
}

async function open(id) {
  file = (await kept(id + "/")) || null;
  if (!file) return offer();
  if (file.closed) return location.replace("/waiting");
  find("[data-part=begin]").hidden = true;
  find("[data-ways]").hidden = false;
  if (file.person) bar();
  for (const form of pages.filter((page) => page.tagName === "FORM")) await bind(form);
  all("[data-paper]").forEach((form) => Object.assign(form.dataset, { photos: "", application: file.files ? file.files[form.dataset.file || 0] : file.id, item: form.dataset.paper }));
  all("[data-on]").forEach((way) => { way.onclick = () => go(1); });
  find("[data-back]").onclick = () => go(-1);
  find("[data-finish]").onclick = finish;
  if (location.hash.endsWith("+")) step();
  addEventListener("hashchange", show);
  show();
  await import("./photo.js");
  const item = opened()[2];
  if (!item) return null;
  find("[data-page=photos] details").open = true;
  return find(`[data-paper=${item}]`).scrollIntoView({ block: "center" });
}

// Nobody reads it here any more; the portal does.
async function finish() {
  await Promise.all(saves.map((last) => last()));
  await save({ begun: true, finished: true, refused: null });
  await Promise.all([close(file.id), ...(file.files || [file.id]).map(store.close)]).catch(() => {});
  location.assign("/waiting");
}

// "step+": the one after it; the portal's own page could not lead there.
function step() {
  history.replaceState(null, "", location.hash.slice(0, -1));
  go(1);
}

export const ready = open(opened()[0]);
