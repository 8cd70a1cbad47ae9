// What the phone keeps, by name. A full or broken storage is never a reason to stop.

export function kept(name, otherwise) {
  try {
    const value = wx.getStorageSync(name);
    return value === "" || value === undefined || value === null ? otherwise : value;
  } catch (fault) {
    return otherwise;
  }
}

// Whether it is kept.
export function keep(name, value) {
  try {
    wx.setStorageSync(name, value);
    return true;
  } catch (fault) {
    return false;
  }
}

export function forget(name) {
  try {
    wx.removeStorageSync(name);
  } catch (fault) {
    keep(name, "");
  }
}

export function names(beginning) {
  return wx.getStorageInfoSync().keys.filter((name) => name.startsWith(beginning));
}

// The key of a request until its answer is here, however often it is sent, even after a kill.
export function keyOf(name) {
  const key = kept("key:" + name, "") || newKey();
  keep("key:" + name, key);
  return key;
}

export function forgetKey(name) {
  forget("key:" + name);
}

// A key for whatever must happen once, however often it is sent.
export function newKey() {
  return Date.now().toString(36) + Math.random().toString(36).slice(2, 12);
}
