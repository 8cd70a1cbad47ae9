// Signing in: by WeChat, by the phone WeChat knows, or by a code in a text message.
import { begin, drop, end, isSignedIn, post, put } from "./api.js";
import { forgetAll } from "./photos.js";
import { forget, kept, names } from "./store.js";
import { remove } from "./voice.js";

// A code of wx.login; it works once, for five minutes, and only our server can read it.
export function wechatCode() {
  return new Promise((resolve, reject) => {
    wx.login({ success: (answer) => resolve(answer.code), fail: () => reject(new Error("微信没有回应。请再点一次，或用短信登录。")) });
  });
}

export async function enterByWeChat() {
  const session = await withCode((code) => post("/api/auth/wechat-sessions", { code }));
  begin(session);
  return session;
}

// A code that was used up on the way is replaced by a new one, once.
async function withCode(act) {
  try {
    return await act(await wechatCode());
  } catch (fault) {
    if (fault.code !== "wechat_code") throw fault;
    return act(await wechatCode());
  }
}

// `code` is what the WeChat phone button gave. The account of that phone is taken up.
export async function tellPhone(code) {
  if (!isSignedIn()) await enterByWeChat();
  const answer = await put("/api/me/wechat-phone", { code });
  if (answer.session) begin(answer.session);
  return answer;
}

export function sendCode(phone) {
  return post("/api/auth/sms-codes", { phone });
}

export async function enterByText(phone, code) {
  const session = await post("/api/auth/sessions", { phone, code });
  begin(session);
  return session;
}

export function bindWeChat() {
  return withCode((code) => post("/api/me/wechat", { code }));
}

export function unbindWeChat() {
  return drop("/api/me/wechat");
}

// What is of the phone or everybody's; all else stays only as long as its owner is signed in.
const STAYS = /^(size|place|places|templates|programs|program:.*|rules:.*|device)$/;

export async function leave() {
  await drop("/api/auth/sessions/current").catch(() => {});
  end();
  await forgetAll();
  await Promise.all(names("voice:").map((name) => remove((kept(name, null) || {}).path || "")));
  names("").filter((name) => !STAYS.test(name)).forEach(forget);
}
