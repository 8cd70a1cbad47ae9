// Photos on their way: each lies in USER_DATA_PATH before anything is said, and leaves it once the server has it.
//   photos = [{id, application, item, path, size, state: waiting · refused · gone, sentence}]
import { address, data, Failure, header, isSignedIn, renew } from "./api.js";
import { sha256 } from "./sha256.js";
import { keep, kept, newKey } from "./store.js";

const MOST_KEPT = 200 * 1024 * 1024;
const NEARLY = 0.8;
const QUALITY = 80;
const FULL = "微信里放照片的地方满了。这张先直接传，别关微信。";
const GONE = "这张照片在手机里找不到了。请再拍一次。";
const AGAIN_AFTER = 15000;
const heard = new Set();
const arrived = new Map();
/** @type {Promise<any> | null} */
let sending = null;
// The photos while the phone's storage has no room for the list of them: lost with the page, not before.
/** @type {any[] | null} */
let unkept = null;
let timer = 0;

export function waiting(application) {
  return queue().filter((photo) => photo.application === application);
}

// How many have reached the server since the client was opened.
export function sentCount(application) {
  return arrived.get(application) || 0;
}

// Told at every change and while one is sent: listener(application, {id, percent} | null).
export function watch(listener) {
  heard.add(listener);
  return () => heard.delete(listener);
}

// A sentence when room gets short, else "".
export function roomLeft() {
  const used = queue().reduce((sum, photo) => sum + photo.size, 0);
  return used > MOST_KEPT * NEARLY ? "手机里等着传的照片快放满了。请先连网，等它们传完。" : "";
}

// Keeps a picture that was just taken. `place`: {application, item}.
export async function add(place, tempFilePath) {
  const small = await compressed(tempFilePath);
  const id = newKey();
  const path = `${wx.env.USER_DATA_PATH}/photo-${id}.jpg`;
  const isCopied = await file("copyFile", { srcPath: small, destPath: path }).then(() => true, () => false);
  const { stats } = await file("stat", { path: isCopied ? path : small }).catch(() => Promise.reject(new Error(GONE)));
  const photo = { id, application: place.application, item: place.item, path: isCopied ? path : small, size: stats.size, state: "waiting", sentence: isCopied ? "" : FULL };
  if (!lay(queue().concat([photo]))) update(photo, { sentence: FULL });
  tell(photo.application, null);
  sendOn();
  return photo;
}

export async function remove(id) {
  const photo = queue().find((one) => one.id === id);
  if (!photo) return;
  lay(queue().filter((one) => one.id !== id));
  await file("unlink", { filePath: photo.path }).catch(() => {});
  tell(photo.application, null);
}

// One the server refused, once more.
export function again(id) {
  const photo = queue().find((one) => one.id === id);
  if (photo) update(photo, { state: "waiting", sentence: "" });
  return sendOn();
}

// How many photos, of whatever application, are only on this phone.
export function onPhone() {
  return queue().length;
}

export async function forgetAll() {
  for (const { id } of queue()) await remove(id);
}

// Sends what waits, one after another; called whenever there is hope.
export function sendOn() {
  if (!sending && isSignedIn()) sending = sendAll().finally(() => (sending = null));
  return sending || Promise.resolve();
}

async function sendAll() {
  clearTimeout(timer);
  const tried = new Set();
  const next = () => queue().find((one) => one.state === "waiting" && !tried.has(one.id));
  for (let photo = next(); photo; photo = next()) {
    tried.add(photo.id);
    try {
      await send(photo);
      arrived.set(photo.application, sentCount(photo.application) + 1);
      await remove(photo.id);
    } catch (fault) {
      tell(photo.application, null);
      if (!concernsIt(fault)) return later();
      update(photo, { state: stateAfter(fault), sentence: fault.message });
    }
  }
  return undefined;
}

// Whether it is about this photo alone; the others go on.
function concernsIt(fault) {
  return fault instanceof Failure && fault.status >= 400 && fault.status < 500 && ![401, 408, 429].includes(fault.status);
}

// What is not allowed now may be allowed later.
function stateAfter({ code, status }) {
  if (status === 403) return "waiting";
  return code === "gone" ? "gone" : "refused";
}

function later() {
  timer = setTimeout(sendOn, AGAIN_AFTER);
}

function update(photo, changes) {
  lay(queue().map((one) => (one.id === photo.id ? Object.assign({}, one, changes) : one)));
  tell(photo.application, null);
}

async function send(photo) {
  const { data: bytes } = await file("readFile", { filePath: photo.path }).catch(() => {
    throw new Failure({ code: "gone", message: GONE, status: 410 });
  });
  const digest = sha256(bytes);
  const answer = await uploaded(photo, digest);
  if (answer.statusCode !== 401) return data(answer);
  await renew();
  return data(await uploaded(photo, digest));
}

function uploaded(photo, digest) {
  return new Promise((resolve, reject) => {
    const task = wx.uploadFile({
      url: address(`/api/applications/${photo.application}/documents`),
      filePath: photo.path,
      name: "photo",
      formData: { item: photo.item, digest },
      header: header(photo.id),
      timeout: 120000,
      success: (answer) => resolve({ statusCode: answer.statusCode, data: parsed(answer.data) }),
      fail: () => reject(new Failure({ code: "offline", message: "现在没有网络。照片存在手机上，有网会自己传。" })),
    });
    task.onProgressUpdate((now) => tell(photo.application, { id: photo.id, percent: now.progress }));
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (fault) {
    return text;
  }
}

// The phone may lack the memory for it: then the picture goes as it is.
function compressed(src) {
  return new Promise((resolve) => {
    wx.compressImage({ src, quality: QUALITY, success: (answer) => resolve(answer.tempFilePath), fail: () => resolve(src) });
  });
}

function file(verb, given) {
  return new Promise((resolve, reject) => wx.getFileSystemManager()[verb](Object.assign({}, given, { success: resolve, fail: reject })));
}

function queue() {
  return unkept || kept("photos", []);
}

// Whether the phone keeps them.
function lay(photos) {
  const isKept = keep("photos", photos);
  unkept = isKept ? null : photos;
  return isKept;
}

function tell(application, progress) {
  heard.forEach((listener) => listener(application, progress));
}
