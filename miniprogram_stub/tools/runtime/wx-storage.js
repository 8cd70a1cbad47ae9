// wx: storage. Values keep their type; it outlives a kill.
const PREFIX = "mini:";

export function storageCalls(play) {
  const store = play.options.storage || globalThis.localStorage;
  const keys = () => Array.from({ length: store.length }, (_, number) => store.key(number)).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  return {
    setStorageSync: (key, value) => store.setItem(PREFIX + key, JSON.stringify({ value })),
    getStorageSync(key) {
      const text = store.getItem(PREFIX + key);
      return text === null ? "" : JSON.parse(text).value;
    },
    removeStorageSync: (key) => store.removeItem(PREFIX + key),
    getStorageInfoSync: () => ({ keys: keys(), currentSize: 0, limitSize: 10240 }),
  };
}
