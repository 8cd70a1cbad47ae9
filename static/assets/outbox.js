// What waits on this phone: how much, how far, and one button to send it now. The photos
// themselves are shown and sent by photo.js.

import * as store from "./store.js";

const MIB = 1048576;
const LEAST_FREE = 50 * MIB;
const SOON_FULL = 0.8;

const find = (selector) => document.querySelector(selector);

async function isNearlyFull() {
  if (!navigator.storage || !navigator.storage.estimate) return false;
  const { usage, quota } = await navigator.storage.estimate();
  return usage > quota * SOON_FULL || quota - usage < LEAST_FREE;
}

async function look() {
  const waiting = (await store.all()).filter((photo) => photo.state !== "sent");
  find("[data-send]").hidden = !waiting.length;
  find("[data-nothing]").hidden = waiting.length > 0;
  find("[data-full]").hidden = !(await isNearlyFull());
}

// A page kept for want of a signal knows no visit: photos go from one the portal gave.
addEventListener("online", () => location.reload());
addEventListener("photo:sent", look);
find("[data-send]").onclick = () => dispatchEvent(new Event("photo:send"));
export const ready = look().catch(() => {});
