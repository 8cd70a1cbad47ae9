// The pages with a server that refuses, breaks and is silent: each ends in a sentence and a way on.
import test from "node:test";
import assert from "node:assert/strict";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, FILE, newPortal, refusal, signedIn } from "./portal.mjs";

const OFFLINE = "现在连不上网。填的都存在手机上。";
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

test("what a browser has and WeChat has not cannot be seen by the client", async () => {
  const { app } = await opened("pages/home/home");
  await app.until(() => app.text().includes("申请低保"));
  await finish(app);
});

test("the letters follow WeChat's setting, and grow at a tap through every size and back", async () => {
  const { app } = await opened("pages/home/home", { options: { fontSizeSetting: 23.8 } });
  const size = () => app.window.document.documentElement.style.fontSize;
  assert.equal(size(), "26px");
  const seen = [];
  for (let i = 0; i < 4; i += 1) {
    await app.tap("大字：把字放大一号");
    seen.push(size());
  }
  assert.deepEqual(seen, ["30px", "18px", "22px", "26px"]);
  await finish(app);
});

test("a village's code opens the program with the village chosen; anything else in it is left alone", async () => {
  const { app, phone } = await opened("pages/home/home?scene=r%3D433127103%26p%3Ddibao", { answers: { "GET /api/regions": { body: [{ code: "433127103", name: "芙蓉镇", full_name: "湖南省永顺县芙蓉镇", level: "township" }] } } });
  await app.until(() => app.path() === "pages/guide/guide" && app.text().includes("低保是什么"));
  await app.until(() => /芙蓉镇/.test(phone.storage.getItem("mini:place")));
  await app.page().back();
  await app.until(() => app.text().includes("我在哪里：湖南省永顺县芙蓉镇"));
  await finish(app);
  const other = await opened("pages/home/home?scene=r%3D%22%3E%3Cscript%26p%3D..%2F..");
  await other.app.until(() => other.app.text().includes("申请低保"));
  assert.equal(other.phone.storage.getItem("mini:place"), null);
  await finish(other.app);
});

for (const [what, answer, said] of [
  ["40029, used or expired code", refusal(422, "wechat_code", "微信登录没有成功。请再点一次。"), "微信登录没有成功。请再点一次。"],
  ["45009 or 45011, too often", refusal(429, "wechat_busy", "微信现在太忙。请过一会儿，或用短信登录。"), "微信现在太忙。请过一会儿，或用短信登录。"],
  ["40226, blocked", refusal(403, "wechat_blocked", "微信不让这个号登录。请用短信登录。"), "微信不让这个号登录。请用短信登录。"],
  ["silence of WeChat", refusal(503, "wechat_down", "微信没有回应。请用短信登录。"), "微信没有回应。请用短信登录。"],
  ["502 with a page", { status: 502, body: "<html>bad gateway</html>" }, "我们这边出了问题。请稍后再试。"],
  ["a dead line", dead, OFFLINE],
]) {
  test(`sign-in, ${what}: a sentence, and the text message is still there`, async () => {
    const { app } = await opened("pages/sign-in/sign-in", { phone: newPhone(), answers: { "POST /api/auth/wechat-sessions": answer } });
    await app.tap("用微信登录");
    await app.until(() => app.text().includes(said));
    assert.ok(app.text().includes("发短信验证码"));
    await finish(app);
  });
}

test("a code that was used up on the way is replaced by a new one, once", async () => {
  let tries = 0;
  const { app, portal } = await opened("pages/sign-in/sign-in?next=%2Fpages%2Fhome%2Fhome", { phone: newPhone(), answers: { "POST /api/auth/wechat-sessions": () => (tries++ ? null : refusal(422, "wechat_code", "用过了。")) } });
  await app.tap("用微信登录");
  await app.until(() => app.path() === "pages/home/home");
  assert.equal(portal.asked("POST", "/api/auth/wechat-sessions").length, 2);
  await finish(app);
});

test("wx.login fails: a sentence, no blank page", async () => {
  const { app } = await opened("pages/sign-in/sign-in", { phone: newPhone(), options: { fail: { login: "timeout" } } });
  await app.tap("用微信登录");
  await app.until(() => app.text().includes("微信没有回应。"));
  await finish(app);
});

test("the phone number refused, or privacy refused: the other ways stay", async () => {
  const { app, portal } = await opened("pages/sign-in/sign-in", { phone: newPhone(), options: { privacy: "need" } });
  await app.tap("用微信的手机号登录");
  await app.until(() => app.text().includes("手机号只用来登录和通知您。"));
  await app.tap("不同意");
  await app.until(() => app.text().includes("没有拿到手机号。"));
  assert.equal(portal.asked("PUT", "/api/me/wechat-phone").length, 0);
  await finish(app);
});

test("an old number asks for a text message; what was begun in WeChat comes along", async () => {
  const needed = refusal(409, "sms_code_needed", "这个号码办过申请。请收短信登录。");
  const session = { status: 201, body: { access_token: "a", refresh_token: "r", needs_proof: false, consents_missing: [] } };
  const { app, portal } = await opened("pages/sign-in/sign-in?next=%2Fpages%2Fhome%2Fhome", { phone: newPhone(), answers: { "PUT /api/me/wechat-phone": needed, "POST /api/auth/sessions": session } });
  await app.tap("用微信的手机号登录");
  await app.until(() => app.text().includes("请收短信登录"));
  await app.type("手机号", "13874312345");
  await app.tap("发短信验证码");
  await app.type("验证码", "123456");
  await app.tap("登录");
  await app.until(() => app.path() === "pages/home/home");
  assert.equal(portal.asked("POST", "/api/me/wechat").length, 1);
  await finish(app);
});

test("a token that ran out is renewed once, for all who wait", async () => {
  const old = ({ headers }) => (headers.authorization === "Bearer access-1" ? refusal(401, "token_invalid", "登录已失效。") : null);
  const { app, portal } = await opened(`pages/tasks/tasks?id=${FILE}`, { answers: { [`GET /api/applications/${FILE}`]: old, [`GET /api/applications/${FILE}/documents`]: old, [`GET /api/applications/${FILE}/signatures`]: old } });
  await app.until(() => app.text().includes("低保申请"));
  assert.equal(portal.asked("POST", "/api/auth/sessions/refresh").length, 1);
  await finish(app);
});

test("signed out elsewhere: to the sign-in page, and back to the same step with what was typed", async () => {
  const phone = signedIn(newPhone());
  const gone = refusal(401, "token_invalid", "登录已失效。");
  const { app, portal } = await opened(STEP, { phone });
  await app.type("要申请的人叫什么名字？", "石桂香");
  portal.answers["PUT /api/applications/f-1/answers"] = gone;
  portal.answers["POST /api/auth/sessions/refresh"] = gone;
  await app.tap("保存，下一步");
  await app.until(() => app.path() === "pages/sign-in/sign-in");
  delete portal.answers["PUT /api/applications/f-1/answers"];
  await app.tap("用微信登录");
  await app.until(() => app.path() === "pages/step/step");
  await app.until(() => app.find('[aria-label="要申请的人叫什么名字？"]').value === "石桂香");
  await finish(app);
});

test("without a signal: the step is kept, the next one comes, and all goes along later", async () => {
  const phone = signedIn(newPhone());
  const { app, portal } = await opened(STEP, { phone });
  await app.type("要申请的人叫什么名字？", "石桂香");
  portal.api = dead;
  portal.answers["PUT /api/applications/f-1/answers"] = dead;
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("第2步"));
  assert.match(phone.storage.getItem("mini:draft:f-1"), /石桂香/);
  await finish(app);
  const again = await opened(`pages/review/review?id=${FILE}`, { phone });
  await again.app.until(() => again.app.text().includes("石桂香"));
  assert.deepEqual(again.portal.asked("PUT", "/api/applications/f-1/answers")[0][2].answers, { applicant_name: "石桂香" });
  await finish(again.app);
});

test("wholly without a signal what was opened before opens again", async () => {
  const phone = signedIn(newPhone());
  const { app } = await opened(STEP, { phone });
  await app.until(() => app.text().includes("谁要申请"));
  await finish(app);
  const later = await start({ entry: STEP, api: dead, phone });
  await later.until(() => later.text().includes("谁要申请"));
  await later.type("要申请的人叫什么名字？", "石桂香");
  await finish(later);
});

test("the same answer changed elsewhere: both are told, a second press keeps what is written here", async () => {
  let tries = 0;
  const conflict = refusal(409, "answers_conflict", "有的内容在别处改过。", { applicant_name: ["别处写的是：石贵香"] });
  const { app, portal } = await opened(STEP, { answers: { "PUT /api/applications/f-1/answers": () => (tries++ ? null : conflict) } });
  await app.type("要申请的人叫什么名字？", "石桂香");
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("别处写的是：石贵香"));
  assert.equal(app.find('[aria-label="要申请的人叫什么名字？"]').value, "石桂香");
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("第2步"));
  assert.equal(portal.state.answers.applicant_name, "石桂香");
  await finish(app);
});

test("a fault is told at its question, by the phone or by the server; what was typed stays", async () => {
  const { app, portal } = await opened(`pages/step/step?id=${FILE}&step=money`, { answers: { "PUT /api/applications/f-1/answers": refusal(422, "invalid", "有几处需要改一下。", { income: ["太多了。请再看看。"] }) } });
  await app.type("打工挣的钱", "几百");
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("请改一下：金额只填数字，比如 1200。"));
  assert.equal(portal.asked("PUT", "/api/applications/f-1/answers").length, 0);
  await app.type("打工挣的钱", "900");
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("请改一下：太多了。请再看看。"));
  assert.equal(app.find('[aria-label="打工挣的钱"]').value, "900");
  await finish(app);
});

test("a question appears as soon as it applies", async () => {
  const { app } = await opened(`pages/step/step?id=${FILE}&step=money`);
  await app.until(() => app.text().includes("住在别处吗？"));
  assert.ok(!app.text().includes("住在哪里？"));
  app.find('input[type="radio"][value="yes"]').click();
  await app.until(() => app.text().includes("住在哪里？"));
  await finish(app);
});

test("storage full: the person is told before anything is lost", async () => {
  const phone = signedIn(newPhone());
  const { app } = await opened(STEP, { phone });
  phone.storage.setItem = () => {
    throw new Error("exceed storage max size 10Mb");
  };
  await app.type("要申请的人叫什么名字？", "石桂香");
  await app.until(() => app.text().includes("手机存不下了。请先连网，按保存。"));
  await finish(app);
});

test("handing in: asked about messages inside the tap; a no changes nothing", async () => {
  const { app, portal } = await opened(`pages/review/review?id=${FILE}`, { options: { subscribe: "reject" } });
  await app.until(() => app.text().includes("点提交时"));
  await app.tap("提交");
  await app.until(() => app.path() === "pages/receipt/receipt");
  assert.deepEqual(portal.asked("PUT", "/api/me/wechat-subscriptions")[0][2], { answers: { "t-1": "reject", "t-2": "reject", "t-3": "reject" } });
  assert.equal(portal.asked("POST", "/api/applications/f-1/submission").length, 1);
  await finish(app);
});

test("WeChat does not ask, or our note of the answer fails: it is handed in all the same", async () => {
  const { app, portal } = await opened(`pages/review/review?id=${FILE}`, { options: { fail: { requestSubscribeMessage: "20004" } }, answers: { "PUT /api/me/wechat-subscriptions": refusal(500, "fault", "坏了") } });
  await app.until(() => app.text().includes("点提交时"));
  await app.tap("提交");
  await app.until(() => app.path() === "pages/receipt/receipt");
  assert.equal(portal.asked("POST", "/api/applications/f-1/submission").length, 1);
  await finish(app);
});

test("something still missing: each thing is named and leads to its step", async () => {
  const { app } = await opened(`pages/review/review?id=${FILE}`, { answers: { "POST /api/applications/f-1/submission": refusal(422, "incomplete", "还差几项，填好就能提交。", { applicant_name: ["还差：名字"] }) } });
  await app.until(() => app.text().includes("还差1项"));
  await app.tap("提交");
  await app.until(() => app.text().includes("还差几项，填好就能提交。"));
  await app.tap("要申请的人叫什么名字？");
  await app.until(() => app.path() === "pages/step/step");
  await finish(app);
});

test("pressed twice, one draft is made; pressed again after a dead line, it is the same one", async () => {
  let tries = 0;
  const phone = signedIn(newPhone());
  const { app, portal } = await opened("pages/apply/apply?program=dibao", { phone, answers: { "GET /api/applications": { body: [] }, "POST /api/applications": () => (tries++ ? { status: 201, body: { id: FILE } } : dead()) } });
  await app.tap("开始填");
  await app.until(() => app.text().includes(OFFLINE));
  await app.tap("开始填");
  await app.until(() => app.path() === "pages/tasks/tasks");
  const keys = portal.asked("POST", "/api/applications").map(([, , , headers]) => headers["idempotency-key"]);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  await finish(app);
});

test("the receipt is not saved where the album is refused; the number stays on the screen", async () => {
  const { app } = await opened(`pages/receipt/receipt?id=${FILE}`, { answers: { [`GET /api/applications/${FILE}/receipt.png`]: { body: {} } }, options: { fail: { saveImageToPhotosAlbum: "auth deny" } } });
  await app.until(() => app.text().includes("1234567890"));
  await app.tap("把回执存到相册");
  await app.until(() => app.text().includes("没有允许存到相册。编号记下来也一样。"));
  await app.tap("去打开权限");
  assert.equal(app.calls("openSetting").length, 1);
  await finish(app);
});

test("signing out leaves nothing of the person on the phone, and asks about photos that are nowhere else", async () => {
  const phone = signedIn(newPhone());
  phone.disk.set("http://usr/x.jpg", { bytes: new Uint8Array(3), type: "image/jpeg" });
  const photo = { id: "x", application: FILE, item: "bills", path: "http://usr/x.jpg", size: 3, state: "refused", sentence: "" };
  phone.storage.setItem("mini:photos", JSON.stringify({ value: [photo] }));
  phone.storage.setItem("mini:draft:f-1", JSON.stringify({ value: { typed: { applicant_name: "石桂香" } } }));
  phone.storage.setItem("mini:typed:h-1", JSON.stringify({ value: { who: { applicant_name: "石桂香" } } }));
  phone.storage.setItem("mini:home:h-1", JSON.stringify({ value: { name: "石桂香" } }));
  const words = ["complaint:", "dispute:f-1", "another:dibao", "objection:n-1", "help-now", "self-check", "start:dibao", "key:help-now", "size"];
  for (const name of words) phone.storage.setItem("mini:" + name, JSON.stringify({ value: name === "size" ? 26 : "石桂香" }));
  const { app } = await opened("pages/me/me", { phone, answers: { "GET /api/me": { body: { phone: null, wechat: true } }, "GET /api/me/consents": { body: [] } } });
  await app.tap("退出登录");
  await app.tap("先不退");
  assert.equal(phone.disk.size, 1);
  await app.tap("退出登录");
  await app.tap("退出");
  await app.until(() => app.path() === "pages/home/home");
  assert.equal(phone.disk.size, 0);
  assert.doesNotMatch([...phone.stored.entries()].join(), /石桂香|access-1/);
  await app.until(() => phone.stored.has("mini:templates") && phone.stored.has("mini:programs"));
  assert.deepEqual([...phone.stored.keys()].sort(), ["mini:programs", "mini:size", "mini:templates"]);
  await finish(app);
});
