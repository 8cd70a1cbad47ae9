// Postings and what is said against them, a square to scan, own findings, another number.
import test from "node:test";
import assert from "node:assert/strict";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, newPortal, refusal, signedIn } from "./portal.mjs";

async function opened(entry, answers, { phone = signedIn(newPhone()), ...options } = {}) {
  const portal = newPortal(answers);
  return { portal, phone, app: await start({ entry, api: portal.api, phone, options }) };
}

async function finish(app) {
  await app.tick(20);
  assert.deepEqual([...app.mini.problems], []);
  app.close();
}

const VILLAGE = "433127103001";
const POSTING = { id: "n-1", kind: "review", title: "初审公示", rows: [["申请人", "石**"], ["保障人数", "2"], ["有意见打电话", "0743-1"]], fields: { name: "石**", people: "2", phone: "0743-1" } };

function lives(phone) {
  phone.storage.setItem("mini:place", JSON.stringify({ value: { code: VILLAGE, name: "某村" } }));
  return phone;
}

test("what hangs in the village, and an objection without a name that outlives a dead line", async () => {
  let tries = 0;
  const board = { region: VILLAGE, place: "某村", page: 1, pages: 1, notices: [POSTING] };
  const answers = { "GET /api/public-notices": { body: board }, "POST /api/public-notices/n-1/objections": ({ body }) => (tries++ === 0 ? dead() : body.sentence ? { status: 201, body: { code: "1234567890123456" } } : refusal(422, "invalid", "有几处需要改一下。", { sentence: ["请写有什么意见，最多500个字。"] })), "GET /api/public-notices/objections/1234567890123456": { body: { states: ["收到了，乡镇会去查"] } } };
  const { app, phone } = await opened("pages/notices/notices", answers, { phone: lives(newPhone()) });
  await app.until(() => app.text().includes("初审公示：石**") && app.text().includes("保障人数：2"));
  await app.tap("我有意见：石**");
  await app.type("您有什么意见？", "他家有小汽车。");
  await app.tap("交给乡镇");
  await app.until(() => app.text().includes("现在连不上网。"));
  await finish(app);
  const again = await opened("pages/objection/objection?notice=n-1", answers, { phone });
  await again.app.until(() => again.app.find('[aria-label="您有什么意见？"]').value === "他家有小汽车。");
  await again.app.type("您有什么意见？", "");
  await again.app.tap("交给乡镇");
  await again.app.until(() => again.app.text().includes("请改一下：请写有什么意见"));
  await again.app.type("您有什么意见？", "他家有小汽车。");
  await again.app.tap("交给乡镇");
  await again.app.until(() => again.app.text().includes("1234 5678 9012 3456"));
  await again.app.tap("看结果");
  await again.app.type("查结果用的数字", "1234 5678 9012 3456");
  await again.app.tap("看结果");
  await again.app.until(() => again.app.text().includes("收到了，乡镇会去查。"));
  await finish(again.app);
});

test("a complaint, and what hangs in the village, are one tap from the first page", async () => {
  for (const [words, page] of [["办得不对？我要投诉", "pages/complain/complain"], ["看村里的公示", "pages/notices/notices"]]) {
    const { app } = await opened("pages/home/home", {}, { phone: newPhone() });
    await app.tap(words);
    await app.until(() => app.path() === page);
    await finish(app);
  }
});

test("a code shown face to face is a square as well; the other phone scans it", async () => {
  const square = "data:image/png;base64,iVBORw0KGgo=";
  const shown = await opened("pages/give/give", { "GET /api/households": { body: [{ id: "h-1", name: "", applications: [] }] }, "POST /api/households/h-1/passes": { status: 201, body: { id: "p-1", code: "12345678", square, state: "waiting" } } });
  await shown.app.tap("出示交接码");
  await shown.app.until(() => shown.app.text().includes("1234 5678"));
  assert.equal(shown.app.find("img").getAttribute("src"), square);
  await finish(shown.app);
  const seen = { way: "give", person: "田老大", helper: "张邻居", applications: [] };
  const taken = await opened("pages/take/take", { "POST /api/passes/looks": { body: seen } }, { scan: "https://www.example.cn/take/12345678" });
  await taken.app.tap("扫对方手机上的二维码");
  await taken.app.until(() => taken.app.text().includes("田老大家的申请"));
  assert.equal(taken.portal.asked("POST", "/api/passes/looks")[0][2].code, "12345678");
  await finish(taken.app);
});

for (const [what, options, said] of [["no camera", {}, "没有扫到。输8个数也一样。"], ["a foreign square", { scan: "https://evil.example/take/1" }, "这不是交接的二维码。请输8个数。"]]) {
  test(`scanning, ${what}: a sentence, and the box for the digits stays`, async () => {
    const { app, portal } = await opened("pages/take/take", {}, options);
    await app.tap("扫对方手机上的二维码");
    await app.until(() => app.text().includes(said));
    assert.ok(app.find('[aria-label="交接码"]'));
    assert.equal(portal.asked("POST", "/api/passes/looks").length, 0);
    await finish(app);
  });
}

test("own findings in the files of others; none is said, not blank", async () => {
  const record = { reference_no: "1234567890", on_text: "11月20日", record: { lines: [{ title: "存款", text: "一个账户", amount: 1234560, corrected: true }], missing: [] } };
  const { app } = await opened("pages/checks/checks", { "GET /api/me/checks": { body: { records: [record] } } });
  await app.until(() => app.text().includes("12,345.60元") && app.text().includes("已更正"));
  await finish(app);
  const none = await opened("pages/checks/checks", { "GET /api/me/checks": { body: { records: [] } } });
  await none.app.until(() => none.app.text().includes("现在没有。"));
  await finish(none.app);
});

test("another number: two codes, each fault at its box; afterwards nobody is signed in here", async () => {
  let tries = 0;
  const wrong = refusal(422, "wrong_code", "验证码不对。", { old_code: ["验证码不对。请看短信再填一次。"] });
  const { app, portal, phone } = await opened("pages/phone/phone", { "GET /api/me": { body: { phone: "138****5678", wechat: true } }, "PUT /api/me/phone": () => (tries++ ? { status: 204 } : wrong) });
  await app.type("新的手机号", "13987654321");
  await app.tap("发验证码");
  await app.type("新号码收到的6个数字", "111111");
  await app.type("原来号码收到的6个数字", "222222");
  await app.tap("换成新号码");
  await app.until(() => app.text().includes("请改一下：验证码不对。请看短信再填一次。"));
  await app.tap("换成新号码");
  await app.until(() => app.text().includes("号码换好了"));
  assert.deepEqual(portal.asked("POST", "/api/auth/sms-codes").map(([, , body]) => body.purpose), ["change_phone", "leave_phone"]);
  assert.deepEqual(portal.asked("PUT", "/api/me/phone")[1][2], { phone: "13987654321", code: "111111", old_code: "222222" });
  assert.equal(phone.storage.getItem("mini:session"), null);
  await finish(app);
});

test("help asked for with two taps and a lost answer, after a kill too: one key", async () => {
  const phone = newPhone();
  phone.storage.setItem("mini:help-now", JSON.stringify({ value: { place: { code: "433127103", name: "芙蓉镇", address: "" }, found_by: "村口小店", needs: ["food"] } }));
  const lost = await opened("pages/help-now/help-now", { "POST /api/urgent-requests": dead }, { phone });
  await Promise.all([lost.app.tap("马上求助"), lost.app.tap("马上求助")]);
  await lost.app.until(() => lost.app.text().includes("现在连不上网。"));
  await finish(lost.app);
  const { app, portal } = await opened("pages/help-now/help-now", { "POST /api/urgent-requests": { status: 201, body: { reference_no: "1234567890" } } }, { phone });
  await app.tap("马上求助");
  await app.until(() => app.text().includes("求助已送出"));
  const [before, after] = [lost.portal, portal].map((one) => one.asked("POST", "/api/urgent-requests").map(([, , , headers]) => headers["idempotency-key"]));
  assert.deepEqual([before.length, after], [1, before]);
  assert.ok(before[0] && !phone.storage.getItem("mini:key:help-now"));
  await finish(app);
});
