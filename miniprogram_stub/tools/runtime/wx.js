// The `wx` of the runtime. What it lacks is said at once, not silently missing.
//   options: fetch, FormData, storage, disk, diskLimit, origins {configured: actual}, login, phone, privacy ("need"),
//   subscribe ("accept" · "reject"; else asked), fontSizeSetting, files [File], scan, fail {name: reason}, device
import { openDisk } from "./disk.js";
import { fileCalls } from "./wx-files.js";
import { mediaCalls } from "./wx-media.js";
import { networkCalls } from "./wx-network.js";
import { peopleCalls } from "./wx-people.js";
import { screenCalls } from "./wx-screen.js";
import { storageCalls } from "./wx-storage.js";

const PARTS = [networkCalls, fileCalls, mediaCalls, peopleCalls, screenCalls, storageCalls];

export async function createWx(host, options) {
  const play = { host, options, calls: [], pending: 0, disk: await openDisk(options.disk, options.diskLimit), isTapping: false };
  play.call = (name, act) => convention(play, name, act);
  globalThis.addEventListener("click", () => {
    play.isTapping = true;
    setTimeout(() => (play.isTapping = false), 0);
  }, true);
  const wx = Object.assign({ $play: play }, ...PARTS.map((part) => part(play)));
  wx.canIUse = (name) => name.split(".")[0] in wx;
  play.wx = wx;
  return new Proxy(wx, {
    get(target, name) {
      if (!(name in target) && typeof name === "string" && name !== "then") host.problem(`wx.${name} is not played by this runtime`);
      return target[name];
    },
  });
}

// success, fail, complete; or a promise where none of them is given.
function convention(play, name, act) {
  return (given = {}) => {
    play.calls.push({ name, given });
    const begun = Promise.resolve().then(() => {
      const reason = play.options.fail && play.options.fail[name];
      if (reason) throw new Error(reason);
      return act(given);
    });
    const told = begun.then(
      (answer) => ({ errMsg: name + ":ok", ...answer }),
      (fault) => Promise.reject(refusal(name, fault)),
    );
    if (!given.success && !given.fail && !given.complete) return told;
    told.then(given.success, given.fail || (() => {})).catch((fault) => play.host.problem(String(fault && fault.stack)));
    if (given.complete) told.then(given.complete, given.complete);
    return undefined;
  };
}

function refusal(name, fault) {
  const words = String((fault && fault.message) || fault);
  return { errMsg: /^\w+:fail/.test(words) ? words : `${name}:fail ${words}`, ...(fault && fault.extra) };
}
