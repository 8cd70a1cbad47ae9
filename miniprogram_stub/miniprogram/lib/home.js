// One family's walk through all its forms: each question once. Every change is on the phone at once, then merged.
//   home:<id> = the server's copy: {revision, pages, ready, applications, name} · typed:<id> = {page: {field: as typed}}
import { Failure, get, put } from "./api.js";
import { applies, readAll } from "./form.js";
import { keep, kept } from "./store.js";

const FULL = "手机存不下了。请一件一件地填。";
const FRESH = { revision: 0, pages: [], ready: [], applications: [], name: "", isKnown: false };

export function family(id) {
  return Object.assign({}, FRESH, kept("home:" + id, {}));
}

export function typed(id, key) {
  return kept("typed:" + id, {})[key] || {};
}

// From the server, or as the phone last saw it.
export async function openedHome(id) {
  try {
    return take(id, await get("/api/households/" + id));
  } catch (fault) {
    if (!fault.isOffline || !family(id).isKnown) throw fault;
    return family(id);
  }
}

export function change(id, key, name, value) {
  const all = kept("typed:" + id, {});
  return keep("typed:" + id, Object.assign(all, { [key]: Object.assign({}, all[key], { [name]: value }) }));
}

export function find(id, key) {
  return family(id).pages.find((page) => page.key === key);
}

// What is known where a page's questions stand. One name on two pages means two questions: each has its own answer.
export function answers(id, page) {
  const { pages } = family(id);
  const isAlone = (name) => pages.filter((one) => one.fields.some((field) => field.name === name)).length < 2;
  const elsewhere = pages.filter((one) => one.key !== page.key).map((one) => readAll(one.fields.filter((field) => isAlone(field.name)), typed(id, one.key), one.answers).values);
  const before = Object.assign({}, page.known, ...elsewhere, page.answers);
  return Object.assign(before, readAll(page.fields, typed(id, page.key), before).values);
}

// The pages with a question that applies now.
export function openPages(id) {
  return family(id).pages.filter((page) => page.fields.some((field) => applies(field, answers(id, page))));
}

// The drafts filled in on this walk.
export function drafts({ pages, applications }) {
  const asking = [].concat(...pages.map((page) => [].concat(...Object.values(page.asks))));
  return applications.filter((one) => one.status === "draft" && asking.includes(one.program_id));
}

// Sends one page. Raises the server's Failure; what was typed stays until it is there. What was carried along and
// is still right is said again, by the person alone: a helper sees some of it masked.
export async function save(id, key, isHelping) {
  const now = family(id);
  const page = find(id, key);
  const here = typed(id, key);
  const { values, faults } = readAll(page.fields, here, answers(id, page));
  const said = Object.assign({}, page.carried && !isHelping ? page.answers : {}, values);
  if (Object.keys(faults).length || !Object.keys(Object.assign({}, said, here)).length) return { faults };
  try {
    const answer = await put(`/api/households/${id}/answers`, { since: now.revision, page: key, answers: said });
    settle(id, key, here);
    take(id, answer);
    return { faults: {} };
  } catch (fault) {
    if (fault.status === 409) take(id, await get("/api/households/" + id));
    throw fault;
  }
}

// Whatever an earlier evening without signal left behind.
export async function sendRest(id) {
  const waiting = Object.keys(kept("typed:" + id, {}));
  for (const page of family(id).pages.filter((one) => waiting.includes(one.key))) {
    const { faults } = await save(id, page.key, true);
    if (Object.keys(faults).length) return { faults };
  }
  return { faults: {} };
}

function take(id, { revision, pages, ready, applications, name }) {
  if (!keep("home:" + id, { revision, pages, ready, applications, name, isKnown: true })) throw new Failure({ code: "full", message: FULL });
  return family(id);
}

// What was typed on while the answer was on its way stays.
function settle(id, key, before) {
  const all = kept("typed:" + id, {});
  const now = Object.assign({}, all[key]);
  Object.keys(before).filter((name) => JSON.stringify(now[name]) === JSON.stringify(before[name])).forEach((name) => delete now[name]);
  if (Object.keys(now).length) all[key] = now;
  else delete all[key];
  keep("typed:" + id, all);
}
