// The one way to the server: tokens, their renewal, and every failure as a sentence.
import { SITE } from "../config.js";
import { forget, keep, kept } from "./store.js";

const PATIENCE = 20000;
const OFFLINE = "现在连不上网。填的都存在手机上。";
const BROKEN = "我们这边出了问题。请稍后再试。";
/** @type {Promise<void> | null} */
let renewing = null;

// What went wrong: `code` for programs, `message` for people, `fields` {name: [sentences]}.
export class Failure extends Error {
  constructor({ code, message, fields = {}, status = 0 }) {
    super(message);
    this.code = code;
    this.fields = /** @type {Record<string, string[]>} */ (fields);
    this.status = status;
  }

  get isOffline() {
    return this.code === "offline";
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body, key) => call("POST", path, body, key);
export const put = (path, body) => call("PUT", path, body);
// As a browser's form sends it.
export const postForm = (path, body, key) => call("POST", path, body, key, "application/x-www-form-urlencoded");
export const drop = (path) => call("DELETE", path);

export function isSignedIn() {
  return Boolean(kept("session", null));
}

export function begin(session) {
  keep("session", { access: session.access_token, refresh: session.refresh_token });
}

export function end() {
  forget("session");
}

// What a right second factor made of this phone; an assistant's roster opens on no other.
export function beKnown(device) {
  keep("device", device);
}

// The header every request and upload of a signed-in person carries.
export function header(key = "") {
  const session = kept("session", null);
  const known = kept("device", "");
  return Object.assign(/** @type {Record<string, string>} */ ({}), session ? { Authorization: "Bearer " + session.access } : {}, known ? { "X-Known-Device": known } : {}, key ? { "Idempotency-Key": key } : {});
}

export function address(path) {
  return SITE + path;
}

async function call(method, path, body, key, type) {
  const { Authorization: used } = header();
  const answer = await sent(method, path, body, key, type);
  if (answer.statusCode !== 401 || !isSignedIn()) return data(answer);
  if (header().Authorization === used) await renew();
  return data(await sent(method, path, body, key, type));
}

// One renewal at a time; the others wait for it.
export function renew() {
  if (!renewing) renewing = renewed().finally(() => (renewing = null));
  return renewing;
}

async function renewed() {
  const answer = await sent("POST", "/api/auth/sessions/refresh", { refresh_token: kept("session", {}).refresh });
  if (answer.statusCode === 200) return begin(answer.data);
  if (answer.statusCode >= 500) throw failure(answer);
  end();
  throw new Failure({ code: "sign_in_needed", message: "请重新登录。填的都还在。", status: 401 });
}

// Looking may be tried again at once; what changes something only by the person, with its key.
async function sent(method, path, body, key, type) {
  try {
    return await once(method, path, body, key, type);
  } catch (fault) {
    if (method === "GET") return once(method, path, body, key, type);
    throw fault;
  }
}

function once(method, path, body, key, type = "application/json") {
  return new Promise((resolve, reject) => {
    wx.request({
      url: address(path),
      method,
      data: method === "GET" ? undefined : body === undefined ? {} : body,
      timeout: PATIENCE,
      header: Object.assign({ "content-type": type }, header(key)),
      success: resolve,
      fail: () => reject(new Failure({ code: "offline", message: OFFLINE })),
    });
  });
}

export function data(answer) {
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.data;
  throw failure(answer);
}

// A proxy between us may answer with anything.
export function failure({ data: body, statusCode: status }) {
  const told = body && typeof body === "object" ? body : {};
  const code = status === 401 ? "sign_in_needed" : told.code || "fault";
  return new Failure({ code, message: told.message || BROKEN, fields: told.fields || {}, status });
}
