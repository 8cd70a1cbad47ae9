// What was typed, on this phone only, until the portal's receipt names it. Under "file/" lies a
// file begun here, under "file/step" a topic of it. A browser without IndexedDB keeps none.

const NAME = "drafts";

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

// The answer of `act`'s request once it is on the disk.
async function run(mode, act) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(NAME, mode);
      const request = act(transaction.objectStore(NAME));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

const tried = (mode, act) => run(mode, act).catch(() => undefined);
export const isFile = (key) => key.endsWith("/");
export const fileOf = (key) => key.slice(0, key.indexOf("/"));

// From now on every page of ours looks for a signal to send it.
export function remind() {
  try {
    localStorage.setItem("waiting", "1");
  } catch (fault) {
    // Without it the page of what waits still sends.
  }
}

// Whether it is safely kept. False: the phone is full, or keeps nothing.
export function keep(key, draft) {
  remind();
  return run("readwrite", (store) => store.put(draft, key)).then(() => true, () => false);
}

export const kept = (key) => tried("readonly", (store) => store.get(key));
export const forget = (key) => tried("readwrite", (store) => store.delete(key));

// Keys are the file, a stroke, the step: everything typed for this file.
export const forgetFile = (file) => tried("readwrite", (store) => store.delete(IDBKeyRange.bound(file + "/", file + "0")));

// [key, value] of everything.
export async function all() {
  const keys = (await tried("readonly", (store) => store.getAllKeys())) || [];
  return Promise.all(keys.map(async (key) => [key, await kept(key)])).then((found) => found.filter(([, value]) => value));
}

// The draft becomes `change(draft)`, or goes when that is null; left alone when somebody typed on meanwhile.
export function settle(key, mark, change) {
  return tried("readwrite", (store) => {
    const request = store.get(key);
    request.onsuccess = () => {
      const draft = request.result;
      if (!draft || draft.mark !== mark) return;
      const next = change(draft);
      if (next) store.put(next, key);
      else store.delete(key);
    };
    return request;
  });
}
