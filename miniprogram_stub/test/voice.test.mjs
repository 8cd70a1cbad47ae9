// What is said aloud, and pages of another household: both with a server that breaks and a person who says no.
import test from "node:test";
import assert from "node:assert/strict";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, FILE, newPortal, signedIn } from "./portal.mjs";

const STEP = `pages/step/step?id=${FILE}&step=who`;

async function opened(entry, { answers, phone = signedIn(newPhone()), ...rest } = {}) {
  const portal = newPortal(answers);
  const app = await start({ entry, api: portal.api, phone, ...rest });
  return { app, portal, phone };
}

async function finish(app) {
  await app.tick(20);
  assert.deepEqual([...app.mini.problems], []);
  app.close();
}

const THREAD = `pages/thread/thread?id=${FILE}`;
const TALK = { [`GET /api/applications/${FILE}/messages`]: { body: { messages: [], clock: null } } };
const spoken = () => [new File([new Uint8Array([0xff, 0xfb, 0x90, 0x00])], "said.mp3", { type: "audio/mpeg" })];

test("what was said stays on the phone through a dead line and a kill, and goes under one key", async () => {
  const phone = signedIn(newPhone());
  const { app } = await opened(THREAD, { phone, options: { recording: spoken() }, answers: { ...TALK, [`POST /api/applications/${FILE}/messages`]: dead } });
  await app.tap("开始说话");
  await app.tap("说好了");
  await app.until(() => app.text().includes("还没发。"));
  await app.tap("把这段话发给窗口");
  await app.until(() => app.text().includes("录音存在手机上，请再发一次。"));
  await finish(app);
  const again = await opened(THREAD, { phone, answers: { ...TALK, [`POST /api/applications/${FILE}/messages`]: { status: 201, body: { messages: [], clock: null } } } });
  await again.app.until(() => again.app.text().includes("还没发。"));
  await again.app.tap("把这段话发给窗口");
  await again.app.until(() => again.app.text().includes("开始说话"));
  const [[, , body, headers]] = again.portal.asked("POST", `/api/applications/${FILE}/messages`);
  assert.equal(body.get("voice").size, 4);
  assert.ok(headers["idempotency-key"]);
  assert.equal(phone.disk.size, 0);
  await finish(again.app);
});

test("the microphone refused: a sentence, and writing stays", async () => {
  const { app } = await opened(THREAD, { options: { recording: spoken(), privacy: "need" }, answers: TALK });
  await app.tap("开始说话");
  await app.until(() => app.text().includes("录音要用话筒。只给办事的人听。"));
  await app.tap("不同意");
  await app.until(() => app.text().includes("没有允许用话筒。可以写字，或打电话说。"));
  assert.ok(app.text().includes("发给窗口"));
  await finish(app);
});

test("own pages opened in the midst of another household ask first; a no stays there", async () => {
  const phone = signedIn(newPhone());
  phone.storage.setItem("mini:acting", JSON.stringify({ value: { mandate: "m-1", person: "王秀英", at: Date.now() } }));
  const { app } = await opened(STEP, { phone });
  await app.tap("看自己的");
  await app.until(() => app.text().includes("谁要申请"));
  assert.ok(!app.text().includes("您正在为"));
  await finish(app);
});

test("ten minutes of nobody touching a household's page: asked whether it is still that one", async () => {
  const phone = signedIn(newPhone());
  const home = { mandate: "m-1", person: "王秀英" };
  const put = (name, value) => phone.storage.setItem("mini:" + name, JSON.stringify({ value }));
  put("acting", { ...home, at: Date.now() - 11 * 60 * 1000 });
  put("round", [home]);
  put("people", { "m-1": "王秀英" });
  put("whose", { [FILE]: "m-1" });
  const { app } = await opened(STEP, { phone });
  assert.ok(!app.text().includes("谁要申请"));
  await app.tap("接着办");
  await app.until(() => app.text().includes("谁要申请") && app.text().includes("您正在为王秀英办理"));
  await finish(app);
});
