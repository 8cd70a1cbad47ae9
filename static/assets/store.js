// Photos on this phone. Each verb is one transaction, done when it is on the disk.

const NAME = "photos";

const opened = new Promise((done, failed) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "id" });
  request.onsuccess = () => done(request.result);
  request.onerror = failed;
});

async function run(mode, act) {
  const database = await opened;
  return new Promise((done, failed) => {
    const transaction = database.transaction(NAME, mode, { durability: "strict" });
    const request = act(transaction.objectStore(NAME));
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = failed;
  });
}

// Every page of ours then looks for a signal to send it.
export function put(photo) {
  try {
    localStorage.setItem("waiting", "1");
  } catch (fault) {
    // Without it the pages of photos still send.
  }
  return run("readwrite", (photos) => photos.put(photo));
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
