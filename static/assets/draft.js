// Half-filled steps, on this phone only. A browser without IndexedDB simply keeps none.

const NAME = "drafts";

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function ask(mode, question) {
  try {
    const database = await open();
    return await new Promise((done, failed) => {
      const request = question(database.transaction(NAME, mode).objectStore(NAME));
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    }).then((result) => {
      database.close();
      return result;
    });
  } catch (error) {
    return undefined;
  }
}

export const keep = (key, draft) => ask("readwrite", (store) => store.put(draft, key));
export const kept = (key) => ask("readonly", (store) => store.get(key));
export const forget = (key) => ask("readwrite", (store) => store.delete(key));

// Keys are the file, a stroke, the step: everything typed for this file.
export const forgetFile = (file) => ask("readwrite", (store) => store.delete(IDBKeyRange.bound(file + "/", file + "0")));
