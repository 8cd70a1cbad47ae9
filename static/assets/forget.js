// Files that went to another phone, or whose mandate is over: this phone keeps nothing of them.
// Where the helper goes on, only what has reached the portal goes.

import { removeAll } from "./store.js";
import { forgetFile } from "./draft.js";

const place = document.querySelector("[data-forget]");
const list = (words) => words.split(" ").filter(Boolean);
const gone = list(place.dataset.forget);
const sent = list(place.dataset.sent);

function leaves(photo) {
  return gone.includes(photo.application) || (sent.includes(photo.application) && photo.state === "sent");
}

function forgetWords(storage) {
  if (gone.includes(storage.getItem("self-check-for"))) {
    storage.removeItem("self-check");
    storage.removeItem("self-check-for");
  }
  const named = Object.keys(storage).filter((key) => gone.some((file) => key.includes(file)));
  named.forEach((key) => storage.removeItem(key));
}

async function forgetPages() {
  if (!self.caches) return;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const kept = (await cache.keys()).filter(({ url }) => gone.some((file) => url.includes(file)));
    await Promise.all(kept.map((request) => cache.delete(request)));
  }
}

async function forget() {
  await removeAll(leaves);
  await Promise.all(gone.map(forgetFile));
  forgetWords(sessionStorage);
  forgetWords(localStorage);
  await forgetPages();
}

export const ready = forget().catch(() => {});
