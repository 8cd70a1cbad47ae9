// For whom the person means to act: no page of another household opens without a question.
import { forget, keep, kept } from "./store.js";

const IDLE = 10 * 60 * 1000;
const MOST = 9;

// What to ask before a page of `home` ({mandate, person}; null: one's own) opens; null: nothing.
export function doubt(home) {
  const before = kept("acting", null);
  if (!before || (!home && isOld(before))) return null;
  if (!home) return { title: "看您自己的吗？", content: `您现在为${before.person}办。`, confirmText: "看自己的" };
  if (before.mandate !== home.mandate) return { title: "换一家办吗？", content: `您现在为${before.person}办。要换成${home.person}吗？`, confirmText: "换一家" };
  return isOld(before) ? { title: "您停了一会儿", content: `还在为${home.person}办吗？`, confirmText: "接着办" } : null;
}

// From now on the pages are of this household; null: one's own.
export function enter(home) {
  if (!home) return forget("acting");
  const round = kept("round", []);
  if (!round.some((one) => one.mandate === home.mandate)) keep("round", round.slice(1 - MOST).concat(home));
  return keep("acting", Object.assign({ at: Date.now() }, home));
}

// Done with this household for today.
export function leave(mandate) {
  forget("acting");
  keep("round", kept("round", []).filter((one) => one.mandate !== mandate));
}

// {number, of, next}: which of the households opened side by side this is.
export function around() {
  const now = kept("acting", null);
  const round = kept("round", []);
  const at = now ? round.findIndex((one) => one.mandate === now.mandate) : -1;
  return at < 0 ? { number: 1, of: 1, next: null } : { number: at + 1, of: round.length, next: round[(at + 1) % round.length] };
}

// Mandates that are over leave the round.
export function keepOnly(mandates) {
  keep("round", kept("round", []).filter((one) => mandates.includes(one.mandate)));
  const now = kept("acting", null);
  if (now && !mandates.includes(now.mandate)) forget("acting");
}

function isOld({ at }) {
  return Date.now() - at > IDLE;
}
