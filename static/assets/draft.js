// What was typed, on this phone only, until the portal's receipt names it. Under "file/" lies a
// file begun here, under "file/step" a topic of it. A browser without IndexedDB keeps none.
// Each is sealed to the portal as well; where there is a PIN (lock.js) the readable copy is locked.

const NAME = "drafts";
// What may be read by whoever finds the phone: ids, times, how far it is.
const BARE = "id to page mark at revision sent here begun finished who mandate reference receipt seen code sealed files".split(" ");

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
// A random id as the portal makes them (UUID, version 4): each figure by chance, the 8 one of 89ab.
const figure = (one) => (one ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (one / 4)))).toString(16);
export const fresh = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, figure);

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

// "1": this phone has a PIN. "must", "no": to be asked, said no to.
export function pinned() {
  try {
    return localStorage.getItem("pin");
  } catch (fault) {
    return null;
  }
}

export const raw = (key) => tried("readonly", (store) => store.get(key));
export const put = (key, draft) => run("readwrite", (store) => store.put(draft, key)).then(() => remind() || true, () => false);
const bare = (draft) => Object.assign({}, ...BARE.filter((name) => name in draft).map((name) => ({ [name]: draft[name] })));

// Whether it is safely kept. False: the phone is full, or keeps nothing.
export async function keep(key, draft) {
  remind();
  const has = pinned() === "1";
  const isClosed = draft.closed || draft.locked;
  const safe = has && !isClosed ? true : await put(key, draft);
  if (isClosed || !safe) return safe;
  const seal = import("./seal.js");
  if (has) return seal.then((own) => keepLocked(own, key, draft)).catch(() => false);
  const sealed = await seal.then((own) => own.envelopes(draft)).catch(() => {});
  if (sealed) await settle(key, draft.mark, (own) => Object.assign(own, { sealed }));
  return true;
}

async function keepLocked({ envelopes, lock }, key, draft) {
  const sealed = (await envelopes(draft)) || draft.sealed;
  const locked = await lock(JSON.stringify(draft));
  return put(key, Object.assign(bare(draft), { sealed }, locked ? { locked } : { closed: true }));
}

// As it was kept; without what is locked while the PIN was not given.
async function opened(draft, key) {
  if (!draft || !draft.locked) return draft;
  const { unlock } = await import("./seal.js");
  const found = await unlock(draft.locked, key);
  if (!found) return draft;
  return Object.assign(JSON.parse(new TextDecoder().decode(found)), draft, { locked: null });
}

export const kept = async (key) => opened(await raw(key));
export const forget = (key) => tried("readwrite", (store) => store.delete(key));

// Keys are the file, a stroke, the step: everything typed for this file.
export const forgetFile = (file) => tried("readwrite", (store) => store.delete(IDBKeyRange.bound(file + "/", file + "0")));

// [key, value] of everything; what `opens` does not name stays as it was kept.
export async function all(opens = () => true) {
  let values = [];
  const keys = await tried("readonly", (store) => {
    store.getAll().onsuccess = ({ target }) => { values = target.result; };
    return store.getAllKeys();
  });
  const entries = (keys || []).map((key, place) => [key, values[place]]).filter(([key]) => key.includes("/"));
  const own = entries.some(([, value]) => value.locked) && import("./seal.js").then(({ dataKey }) => dataKey());
  return Promise.all(entries.map(async ([key, value]) => [key, opens(key, value, keys) ? await opened(value, await own) : value]));
}

// Of a finished file this phone keeps what only the portal can read; without one, of all it
// cannot read itself.
export async function close(file) {
  for (const [key, one] of await all()) {
    const ends = file ? fileOf(key) === file : one.locked;
    if (ends && (one.sealed || one.here)) await keep(key, Object.assign(bare(one), one.person ? {} : { program: one.program }, { closed: true }));
  }
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
