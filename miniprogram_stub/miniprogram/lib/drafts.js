// One application being filled in: every change is on the phone at once, and merged with the server's copy.
//   draft:<id> = {revision, answers (the server's), typed {field: as typed, not yet with the server}}
import { get, put } from "./api.js";
import { readAll } from "./form.js";
import { keep, kept } from "./store.js";

const FRESH = { revision: 0, answers: {}, missing: {}, typed: {}, isKnown: false };

export function draft(id) {
  return Object.assign({}, FRESH, kept("draft:" + id, {}));
}

// The application and its form, from the server, or as the phone last saw them.
export async function opened(id) {
  const file = await latest("file:" + id, "/api/applications/" + id);
  const program = await latest("program:" + file.program_id, `/api/programs/${file.program_id}?region=${(file.region_code || "").slice(0, 6)}`);
  const found = draft(id);
  try {
    return { file, program, draft: take(id, await get(`/api/applications/${id}/answers`)) };
  } catch (fault) {
    if (!fault.isOffline || !found.isKnown) throw fault;
    return { file, program, draft: found };
  }
}

export function change(id, name, typed) {
  const now = draft(id);
  return keep("draft:" + id, Object.assign(now, { typed: Object.assign({}, now.typed, { [name]: typed }) }));
}

// Sends what was typed into these fields. Raises the server's Failure; what was typed stays until it is there.
export async function save(id, fields) {
  const now = draft(id);
  const names = fields.map((field) => field.name).filter((name) => name in now.typed);
  const { values, faults } = readAll(fields, now.typed, now.answers);
  if (Object.keys(faults).length || !names.length) return { faults };
  const sent = names.filter((name) => name in values);
  try {
    const body = { revision: now.revision, answers: sent.reduce((all, name) => Object.assign(all, { [name]: values[name] }), {}) };
    const answer = await put(`/api/applications/${id}/answers`, body);
    settle(id, now.typed, names);
    take(id, answer);
    return { faults: {} };
  } catch (fault) {
    if (fault.status === 409) take(id, await get(`/api/applications/${id}/answers`));
    throw fault;
  }
}

// Whatever an earlier evening without signal left behind.
export async function sendRest(id, form) {
  const fields = [].concat(...form.steps.map((step) => step.fields));
  if (Object.keys(draft(id).typed).length) return save(id, fields);
  return { faults: {} };
}

function take(id, { revision, answers, missing }) {
  const now = Object.assign(draft(id), { revision, answers, missing, isKnown: true });
  keep("draft:" + id, now);
  return now;
}

// What was typed on while the answer was on its way stays.
function settle(id, before, names) {
  const now = draft(id);
  names.filter((name) => JSON.stringify(now.typed[name]) === JSON.stringify(before[name])).forEach((name) => delete now.typed[name]);
  keep("draft:" + id, now);
}

async function latest(name, path) {
  try {
    const found = await get(path);
    keep(name, found);
    return found;
  } catch (fault) {
    const before = kept(name, null);
    if (!fault.isOffline || !before) throw fault;
    return before;
  }
}
