// Sealed to the portal's key: only the portal opens it. Locked under the PIN's: only this phone, once
// the PIN was given. The portal's key comes with the page; on plain HTTP nothing is sealed.

import { raw } from "./draft.js";

export const IDLE = 180000;
const subtle = self.crypto && crypto.subtle;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const encode = (text) => new TextEncoder().encode(text);

// Who is signed in with this browser, as the portal marks it; empty when nobody is.
export const who = () => (document.cookie.match(/(?:^|; )who=([0-9a-f]+)/) || ["", ""])[1];

export async function digest(...parts) {
  const bytes = new Uint8Array(await subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Four bytes name the portal's key, the others are its point.
export function portal() {
  const place = document.querySelector("[data-seal]");
  return subtle && place && place.dataset.seal && Uint8Array.from(atob(place.dataset.seal), (one) => one.charCodeAt(0));
}

export async function encrypt(key, parts) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = await new Blob(parts).arrayBuffer();
  return new Blob([iv, await subtle.encrypt({ name: "AES-GCM", iv }, key, plain)]).arrayBuffer();
}

export const decrypt = (key, box) => subtle.decrypt({ name: "AES-GCM", iv: box.slice(0, 12) }, key, box.slice(12));

async function seal(head, ...parts) {
  const to = portal();
  const theirs = await subtle.importKey("raw", to.slice(4), CURVE, false, []);
  const own = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = await subtle.exportKey("raw", own.publicKey);
  const bits = await subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const shared = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: point, info: encode("portal seal 1") };
  const key = await subtle.deriveKey(how, shared, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const text = JSON.stringify(Object.assign(head, { who: who() }));
  return new Blob([to.slice(0, 4), point, await encrypt(key, [text, ...parts])]).arrayBuffer();
}

// What the outbox will send of a topic, or of a file begun here.
export async function envelopes({ begun, here, id, program, person, kind, helper, typed, touched, asked, step, back, sign }) {
  if (!portal()) return undefined;
  if (sign) return seal(Object.assign({}, sign));
  if (typed) return seal({ typed, touched, asked, step, back: back || "" });
  if (!begun || here) return undefined;
  return { file: await seal({ id, program_id: program }), mandate: person && await seal({ kind, person, helper }) };
}

// A photo and the paper it is of; `sum` names the envelope.
export async function pack(photo) {
  if (!portal()) return;
  const sealed = await seal({ item: photo.item }, "\n", photo.blob);
  Object.assign(photo, { sealed: new Blob([sealed]), sum: await digest(sealed), sha: photo.sha || await digest(photo.blob) });
}

// The key that opens what is locked; none before the PIN, and after nobody touched the phone for a while.
export async function dataKey() {
  const own = (await raw("pin")) || {};
  const since = Date.now() - own.since;
  return since >= 0 && since < IDLE ? own.key : null;
}

export async function lock(...parts) {
  const key = await dataKey();
  return key ? encrypt(key, parts) : null;
}

// Null while it cannot be read.
export async function unlock(box, given) {
  const key = given || await dataKey();
  return key ? decrypt(key, box).catch(() => null) : null;
}
