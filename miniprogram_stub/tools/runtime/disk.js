// The files of the phone: what lies under USER_DATA_PATH outlives a kill, what is temporary does not.
export const KEPT = "http://usr";
export const TEMPORARY = "http://tmp";
const MOST = 200 * 1024 * 1024;
const STORE = "files";

// `given`: a Map that plays the disk in tests; else IndexedDB, where there is one.
export async function openDisk(given, most = MOST) {
  const database = given || !globalThis.indexedDB ? null : await openDatabase();
  const kept = given || new Map(database ? await everything(database) : []);
  const temporary = new Map();
  const place = (path) => (path.startsWith(KEPT) ? kept : temporary);
  return {
    has: (path) => place(path).has(path),
    read: (path) => place(path).get(path),
    names: (folder) => [...kept.keys()].filter((path) => path.startsWith(folder + "/")).map((path) => path.slice(folder.length + 1)),
    temporary(bytes, type = "image/jpeg") {
      const path = `${TEMPORARY}/${Math.random().toString(36).slice(2)}.jpg`;
      temporary.set(path, { bytes, type });
      return path;
    },
    async write(path, file) {
      const used = [...kept.values()].reduce((sum, one) => sum + one.bytes.length, 0);
      if (used + file.bytes.length > most) throw new Error("the maximum size of the file storage limit is exceeded");
      kept.set(path, file);
      if (database) await change(database, (store) => store.put(file, path));
    },
    async remove(path) {
      place(path).delete(path);
      if (database && path.startsWith(KEPT)) await change(database, (store) => store.delete(path));
    },
  };
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const wanted = globalThis.indexedDB.open("mini-files", 1);
    wanted.onupgradeneeded = () => wanted.result.createObjectStore(STORE);
    wanted.onsuccess = () => resolve(wanted.result);
    wanted.onerror = () => reject(wanted.error);
  });
}

function everything(database) {
  return new Promise((resolve, reject) => {
    const found = [];
    const walk = database.transaction(STORE).objectStore(STORE).openCursor();
    walk.onsuccess = () => {
      if (!walk.result) return resolve(found);
      found.push([walk.result.key, walk.result.value]);
      return walk.result.continue();
    };
    walk.onerror = () => reject(walk.error);
  });
}

function change(database, act) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    act(transaction.objectStore(STORE));
    transaction.oncomplete = resolve;
    transaction.onerror = () => reject(transaction.error);
  });
}
