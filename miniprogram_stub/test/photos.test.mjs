// Photos: nothing that was taken is lost, nothing is sent twice, and no refusal is a dead end.
import test from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, FILE, newPortal, refusal, signedIn } from "./portal.mjs";

const PAGE = `pages/photos/photos?id=${FILE}`;
const TAKE = "拍照，或选照片：看病的单子";
const UPLOAD = `POST /api/applications/${FILE}/documents`;
const picture = (words) => new File([words], "a.jpg", { type: "image/jpeg" });

async function opened({ answers, phone = signedIn(newPhone()), options } = {}) {
  const portal = newPortal(answers);
  const app = await start({ entry: PAGE, api: portal.api, phone, options });
  await app.until(() => app.text().includes("看病的单子"));
  return { app, portal, phone };
}

async function finish(app) {
  await app.tick(20);
  assert.deepEqual([...app.mini.problems], []);
  app.close();
}

const queue = (phone) => JSON.parse(phone.storage.getItem("mini:photos") || '{"value":[]}').value;

test("taken, kept, sent with its digest and its key, and gone from the phone", async () => {
  const { app, portal, phone } = await opened({ options: { files: [picture("one")] } });
  await app.tap(TAKE);
  await app.until(() => app.text().includes("✓ 已上传"));
  const [, , body, headers] = portal.asked("POST", `/api/applications/${FILE}/documents`)[0];
  assert.equal(body.get("digest"), createHash("sha256").update("one").digest("hex"));
  assert.equal(body.get("item"), "bills");
  assert.ok(headers["idempotency-key"]);
  assert.deepEqual([queue(phone), phone.disk.size], [[], 0]);
  await finish(app);
});

test("killed with photos on the phone: opened again they go by themselves, under the same key", async () => {
  const phone = signedIn(newPhone());
  const { app, portal } = await opened({ phone, options: { files: [picture("one"), picture("two")] }, answers: { [UPLOAD]: dead } });
  await app.tap(TAKE);
  await app.until(() => queue(phone).length === 2 && portal.asked("POST", `/api/applications/${FILE}/documents`).length);
  const key = portal.asked("POST", `/api/applications/${FILE}/documents`)[0][3]["idempotency-key"];
  app.close();
  assert.equal(phone.disk.size, 2);
  const again = await opened({ phone });
  await again.app.until(() => again.portal.state.documents.length === 2);
  assert.equal(again.portal.asked("POST", `/api/applications/${FILE}/documents`)[0][3]["idempotency-key"], key);
  await again.app.until(() => queue(phone).length === 0 && phone.disk.size === 0);
  await finish(again.app);
});

test("the answer was lost on the way: the same photo is sent again under the same key", async () => {
  let tries = 0;
  const phone = signedIn(newPhone());
  const lost = ({ portal, body }) => (tries++ ? null : (portal.state.documents.push({ id: "p-0", item: body.get("item"), state: "received", advice: [] }), dead()));
  const { app, portal } = await opened({ phone, options: { files: [picture("one")] }, answers: { [UPLOAD]: lost } });
  await app.tap(TAKE);
  await app.until(() => tries === 1);
  app.mini.wx.$play.host.call(app.mini.app(), "onShow");
  await app.until(() => tries === 2 && queue(phone).length === 0);
  const keys = portal.asked("POST", `/api/applications/${FILE}/documents`).map(([, , , headers]) => headers["idempotency-key"]);
  assert.equal(new Set(keys).size, 1);
  await finish(app);
});

test("privacy refused: nothing is taken, the page goes on; asked again, agreed, it is", async () => {
  const { app, phone } = await opened({ options: { privacy: "need", files: [picture("one")] } });
  await app.tap(TAKE);
  await app.until(() => app.text().includes("拍材料要用相机或相册。"));
  await app.tap("不同意");
  await app.until(() => app.text().includes("没有允许用相机和相册。可以不拍，上门时再看。"));
  assert.deepEqual(queue(phone), []);
  await app.tap(TAKE);
  await app.tap("同意，接着用");
  await app.until(() => app.text().includes("✓ 已上传"));
  await finish(app);
});

for (const [reason, said] of [
  ["auth deny", "没有允许用相机和相册。可以不拍，上门时再看。"],
  ["system permission denied", "没有允许用相机和相册。可以不拍，上门时再看。"],
  ["camera is not available", "相机打不开。可以从相册选，或上门时再看。"],
]) {
  test(`camera or album, "${reason}": a sentence and the way on`, async () => {
    const { app } = await opened({ options: { fail: { chooseMedia: reason } } });
    await app.tap(TAKE);
    await app.until(() => app.text().includes(said));
    if (said.includes("没有允许")) await app.tap("去打开权限");
    assert.equal(app.calls("openSetting").length, said.includes("没有允许") ? 1 : 0);
    await app.tap("下一步");
    await app.until(() => app.path() === "pages/sign/sign");
    await finish(app);
  });
}

test("thought better of it: nothing is said", async () => {
  const { app } = await opened({ options: { fail: { chooseMedia: "cancel" } } });
  await app.tap(TAKE);
  await app.tick(20);
  assert.ok(!app.text().includes("没有允许"));
  await finish(app);
});

test("deleted between choosing and sending: it says so, and the others go on", async () => {
  const phone = signedIn(newPhone());
  const { app } = await opened({ phone, options: { files: [picture("one"), picture("two")] }, answers: { [UPLOAD]: dead } });
  await app.tap(TAKE);
  await app.until(() => queue(phone).length === 2);
  app.close();
  phone.disk.delete(queue(phone)[0].path);
  const again = await opened({ phone });
  await again.app.until(() => again.app.text().includes("这张照片在手机里找不到了。请再拍一次。"));
  await again.app.until(() => again.portal.state.documents.length === 1);
  await again.app.tap("删掉看病的单子第2张");
  await again.app.until(() => queue(phone).length === 0);
  await finish(again.app);
});

test("no room on the phone: said at once, and the photo goes straight away", async () => {
  const { app, portal } = await opened({ options: { files: [picture("a large one")], diskLimit: 5 } });
  portal.answers[UPLOAD] = dead;
  await app.tap(TAKE);
  await app.until(() => app.text().includes("微信里放照片的地方满了。"));
  delete portal.answers[UPLOAD];
  app.mini.wx.$play.host.call(app.mini.app(), "onShow");
  await app.until(() => portal.state.documents.length === 1);
  await finish(app);
});

test("no room for the list of photos: told, lost neither on the phone nor on the way", async () => {
  const phone = signedIn(newPhone());
  const { setItem } = phone.storage;
  phone.storage.setItem = (key, value) => {
    if (key === "mini:photos" && value.includes("waiting")) throw new Error("exceed max size");
    setItem(key, value);
  };
  const { app, portal } = await opened({ phone, options: { files: [picture("one"), picture("two")] }, answers: { [UPLOAD]: dead } });
  await app.tap(TAKE);
  await app.until(() => app.text().split("这张先直接传，别关微信。").length === 3);
  delete portal.answers[UPLOAD];
  app.mini.wx.$play.host.call(app.mini.app(), "onShow");
  await app.until(() => portal.state.documents.length === 2 && phone.disk.size === 0);
  await finish(app);
});

test("one that is not allowed waits with the server's sentence, and the others go on", async () => {
  const phone = signedIn(newPhone());
  let tries = 0;
  const { app, portal } = await opened({ phone, options: { files: [picture("one"), picture("two")] }, answers: { [UPLOAD]: () => (tries++ ? null : refusal(403, "consents_missing", "请先看隐私说明并同意。")) } });
  await app.tap(TAKE);
  await app.until(() => portal.state.documents.length === 1);
  await app.until(() => app.text().includes("请先看隐私说明并同意。"));
  assert.deepEqual(queue(phone).map((one) => one.state), ["waiting"]);
  app.mini.wx.$play.host.call(app.mini.app(), "onShow");
  await app.until(() => portal.state.documents.length === 2 && queue(phone).length === 0);
  await finish(app);
});

test("nearly full is said in time", async () => {
  const phone = signedIn(newPhone());
  phone.storage.setItem("mini:photos", JSON.stringify({ value: [{ id: "x", application: "other", item: "bills", path: "http://usr/x.jpg", size: 170 * 1024 * 1024, state: "refused", sentence: "" }] }));
  const { app } = await opened({ phone });
  assert.ok(app.text().includes("手机里等着传的照片快放满了。"));
  await finish(app);
});

test("a photo the server refuses is told with its sentence, and is not sent again and again", async () => {
  const { app, portal } = await opened({ options: { files: [picture("x")] }, answers: { [UPLOAD]: refusal(422, "not_a_photo", "这不是照片，请重拍。") } });
  await app.tap(TAKE);
  await app.until(() => app.text().includes("这不是照片，请重拍。"));
  app.mini.wx.$play.host.call(app.mini.app(), "onShow");
  await app.tick(50);
  assert.equal(portal.asked("POST", `/api/applications/${FILE}/documents`).length, 1);
  delete portal.answers[UPLOAD];
  await app.tap("再传一次：看病的单子第1张");
  await app.until(() => portal.state.documents.length === 1 && app.text().includes("✓ 已上传"));
  await finish(app);
});

for (const status of [429, 500, 502, 503]) {
  test(`${status} while sending: it waits on the phone`, async () => {
    const phone = signedIn(newPhone());
    const { app } = await opened({ phone, options: { files: [picture("x")] }, answers: { [UPLOAD]: { status, body: "<html>no</html>" } } });
    await app.tap(TAKE);
    await app.until(() => app.text().includes("存在手机上，等着传"));
    assert.deepEqual([queue(phone).length, phone.disk.size], [1, 1]);
    await finish(app);
  });
}

test("a phone too weak to shrink the picture sends it as it is", async () => {
  const { app, portal } = await opened({ options: { files: [picture("x")], fail: { compressImage: "out of memory" } } });
  await app.tap(TAKE);
  await app.until(() => portal.state.documents.length === 1);
  await finish(app);
});
