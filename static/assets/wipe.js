// A phone that is not their own: when they have finished, nothing of it stays here.

const form = document.querySelector("[data-wipe]");

const gone = (name) => new Promise((done) => {
  const request = indexedDB.deleteDatabase(name);
  request.onsuccess = request.onerror = request.onblocked = done;
});

export async function wipe() {
  await Promise.all(["drafts", "photos"].map(gone));
  if (self.caches) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  if (navigator.serviceWorker) {
    const workers = await navigator.serviceWorker.getRegistrations();
    await Promise.all(workers.map((worker) => worker.unregister()));
  }
  sessionStorage.clear();
  localStorage.clear();
}

// This page may still be writing: the next one clears again what it finds.
function onceMore() {
  localStorage.setItem("borrowed", "1");
}

// What was not sent would be lost: that is asked first.
function leave(event) {
  event.preventDefault();
  if (localStorage.getItem("waiting") && !confirm("还有东西没传上去，清掉就没有了。要清吗？")) return;
  wipe().catch(() => {}).then(onceMore).then(() => form.submit());
}

if (form) form.addEventListener("submit", leave);

export const ready = Promise.resolve();
