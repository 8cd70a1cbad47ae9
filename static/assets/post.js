// One topic to the portal. Its answer is a receipt that names the digest of what was sent: only
// then does the phone let go of it.

import { fileOf, forget, keep, kept, settle } from "./draft.js";
import { digest } from "./seal.js";

const PATIENCE = 20000;
const SEALED = "application/vnd.portal.sealed";

// {status, said, at}: status 0 without a signal; `at` what time it is at the portal.
export async function ask(address, method, csrf, body, key) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE);
  const headers = { "X-CSRF-Token": csrf };
  if (body) headers["Content-Type"] = typeof body === "string" ? "application/json" : SEALED;
  if (key) headers["Idempotency-Key"] = key;
  try {
    const answer = await fetch(address, { method, headers, body, signal: stop.signal, cache: "no-store" });
    return { status: answer.status, said: await answer.json(), at: Date.parse(answer.headers.get("date")) };
  } catch (fault) {
    return { status: 0, said: {} };
  } finally {
    clearTimeout(late);
  }
}

// Sealed where it could be. `looked`: somebody pressed the button, and so has seen what was carried over.
export async function post(key, draft, csrf, looked) {
  const file = await kept(fileOf(key) + "/");
  const { typed, touched, asked, step, back, sealed, sign } = draft;
  const revision = Math.max(draft.revision, (file && file.revision) || 0);
  const body = sealed || JSON.stringify(sign || { revision, typed, touched, asked, step, looked: Boolean(looked), back: back || "" });
  const answer = await ask(draft.to + (sealed ? `?revision=${revision}` : ""), "PUT", csrf, body);
  if (answer.status === 200) await let_go(key, draft, file, answer, await digest(body));
  else if (answer.status) await settle(key, draft.mark, (own) => Object.assign(own, { refused: own.typed ? words(answer) : [answer.said.message], code: answer.said.code }));
  return answer;
}

// Questions that were changed meanwhile stay on the phone, to be looked at again.
async function let_go(key, draft, file, answer, sent) {
  const { receipt, changed, revision, again } = answer.said;
  if (receipt.digest !== sent) {
    answer.status = 0;
    return;
  }
  const names = Object.keys(changed);
  const refused = Object.values(changed).map((label) => `这个问题改了，请再看：${label}`);
  if (!names.length) await settle(key, draft.mark, () => null);
  else await settle(key, draft.mark, (own) => Object.assign(own, own.typed && { touched: names, asked: {}, sealed: null }, { refused, code: "changed", revision }));
  const step = key.slice(fileOf(key).length + 1);
  if (file) await keep(fileOf(key) + "/", Object.assign(file, { seen: Object.assign({}, file.seen, { [step]: revision }), again: (file.again || []).concat(again || []) }));
}

// A topic this phone cannot read any more, as the portal opens it; null when it does not.
export async function reopened(draft, csrf) {
  const { status, said } = await ask(`${draft.to}/opened?revision=${draft.revision}`, "POST", csrf, draft.sealed);
  return status === 200 ? Object.assign(draft, said, { closed: false, locked: null }) : null;
}

function words({ said }) {
  const inner = Object.values(said.fields || {}).reduce((all, one) => all.concat(one), []);
  return [said.message].concat(inner).filter(Boolean);
}

// Everything of a file begun here becomes part of another one.
export async function moveTo(id, entries, other) {
  for (const [key, value] of entries.filter(([key]) => fileOf(key) === id)) {
    const step = key.slice(id.length + 1);
    const [to, page] = [value.to, value.page].map((one) => one.replace(id, other));
    if (step && (await keep(`${other}/${step}`, Object.assign(value, { to, page, refused: null })))) await forget(key);
  }
}
