// Photos on this phone. Each verb is one transaction, done when it is on the disk.

const NAME = "photos";

const opening = new Promise((done, failed) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "id" });
  request.onsuccess = () => done(request.result);
  request.onerror = failed;
});

async function run(mode, act) {
  const database = await opening;
  return new Promise((done, failed) => {
    const transaction = database.transaction(NAME, mode, { durability: "strict" });
    const request = act(transaction.objectStore(NAME));
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = failed;
  });
}

const bare = ({ id, application, state, at, sha, sum, sealed, document, refused }) => ({ id, application, state, at, sha, sum, sealed, document, refused });

// With a PIN the readable copy is locked, and what is not made small yet sealed as it is.
async function hidden(photo) {
  if (localStorage.getItem("pin") !== "1" || !photo.blob) return photo;
  const { lock, pack } = await import("./seal.js");
  if (!photo.sealed) await pack(photo);
  const locked = await lock(`${photo.item} ${photo.blob.type}\n`, photo.blob);
  return Object.assign(bare(photo), { locked: locked && new Blob([locked]) });
}

// A photo as it was kept; without its picture while the PIN was not given.
export async function opened(photo) {
  if (!photo.locked) return photo;
  const { unlock } = await import("./seal.js");
  const found = await unlock(await photo.locked.arrayBuffer());
  if (!found) return photo;
  const end = new Uint8Array(found).indexOf(10);
  const [item, type] = new TextDecoder().decode(found.slice(0, end)).split(" ");
  return Object.assign({}, photo, { item, locked: null, blob: new Blob([found.slice(end + 1)], { type }) });
}

// Of a finished file this phone keeps what only the portal can open; without one, of all it
// cannot open itself.
export async function close(file) {
  const { pack } = await import("./seal.js");
  for (const photo of await all()) {
    if (file ? photo.application !== file : !photo.locked) continue;
    if (!photo.sealed) await pack(photo);
    const closed = Object.assign(bare(photo), { closed: true }, photo.state === "raw" && { state: "ready" });
    if (photo.sealed) await run("readwrite", (photos) => photos.put(closed));
  }
}

// Every page of ours then looks for a signal to send it. A closed one stays closed.
export async function put(photo) {
  try {
    localStorage.setItem("waiting", "1");
  } catch (fault) {
    // Without it the pages of photos still send.
  }
  const kept = await hidden(photo);
  return run("readwrite", (photos) => {
    const request = photos.get(photo.id);
    request.onsuccess = () => {
      const { closed } = request.result || {};
      photos.put(closed ? Object.assign(bare(kept), { closed }) : kept);
    };
    return request;
  });
}

export const all = () => run("readonly", (photos) => photos.getAll());
export const remove = (id) => run("readwrite", (photos) => photos.delete(id));

// Every photo that `gone` says of is taken off this phone, in one transaction.
export function removeAll(gone) {
  return run("readwrite", (photos) => {
    const request = photos.openCursor();
    request.onsuccess = () => {
      const at = request.result;
      if (!at) return;
      if (gone(at.value)) at.delete();
      at.continue();
    };
    return request;
  });
}
