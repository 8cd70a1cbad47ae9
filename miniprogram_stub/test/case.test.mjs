// What a person reads and says of their case: visit and check, readers, complaint, several programs at once.
import test from "node:test";
import assert from "node:assert/strict";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, FILE, newPortal, refusal, signedIn } from "./portal.mjs";

const AT = `/api/applications/${FILE}`;
const CHECK = {
  check: {
    visit: { at_text: "11月25日 09:00", names: ["甲", "乙"], change: "", can_change: true },
    check: { text: "核对完了", sentence: "", on_text: "11月20日", people: [{ name: "石桂香", text: "核对完了" }], can_dispute: true, dispute: null },
  },
  own: { instead: "", totals: [{ title: "存款", amount: 1234560 }], record: { lines: [{ title: "存款", text: "一个账户", amount: 1234560, corrected: false }], missing: [] } },
};

async function opened(entry, answers, phone = signedIn(newPhone())) {
  const portal = newPortal(answers);
  return { portal, phone, app: await start({ entry, api: portal.api, phone }) };
}

async function finish(app) {
  await app.tick(20);
  assert.deepEqual([...app.mini.problems], []);
  app.close();
}

test("the check: money as people read it; a dispute outlives a dead line and goes under one key", async () => {
  let tries = 0;
  const answers = { [`GET ${AT}/check`]: { body: CHECK }, [`POST ${AT}/disputes`]: () => (tries++ ? { status: 201, body: {} } : dead()) };
  const { app, portal } = await opened(`pages/findings/findings?id=${FILE}`, answers);
  await app.until(() => app.text().includes("12,345.60元"));
  await app.type("哪里不对？一句话就行", "那笔钱是借来看病的。");
  await app.tap("提出异议");
  await app.until(() => app.text().includes("现在连不上网。"));
  await app.tap("提出异议");
  await app.until(() => app.text().includes("您的异议交上去了。"));
  const sent = portal.asked("POST", `${AT}/disputes`);
  assert.deepEqual(sent.map(([, , body]) => body.sentence), ["那笔钱是借来看病的。", "那笔钱是借来看病的。"]);
  assert.equal(new Set(sent.map(([, , , headers]) => headers["idempotency-key"])).size, 1);
  await finish(app);
});

test("the visit: another time is asked for in own words", async () => {
  const { app, portal } = await opened(`pages/findings/findings?id=${FILE}`, { [`GET ${AT}/check`]: { body: CHECK }, [`POST ${AT}/visit-changes`]: { status: 201, body: {} } });
  await app.type("有事不在家？写哪天方便", "星期五下午在家。");
  await app.tap("想改时间");
  await app.until(() => app.text().includes("记下了。窗口会再约您。"));
  assert.equal(portal.asked("POST", `${AT}/visit-changes`)[0][2].sentence, "星期五下午在家。");
  await finish(app);
});

test("nothing arranged and nothing checked: said, not blank", async () => {
  const { app } = await opened(`pages/findings/findings?id=${FILE}`, { [`GET ${AT}/check`]: { body: { check: null, own: null } } });
  await app.until(() => app.text().includes("还没有约时间，也还没有核对。"));
  await finish(app);
});

test("who looked, and a way to complain; the code is told in fours", async () => {
  const reader = { at: "", on_text: "11月20日", office: "芙蓉镇", role: "受理人员", what: "看了申请", reason: "" };
  const { app, portal } = await opened(`pages/readers/readers?id=${FILE}`, { [`GET ${AT}/readers`]: { body: { readers: [reader] } }, [`POST ${AT}/complaints`]: () => (portal.asked("POST", `${AT}/complaints`).length > 1 ? { status: 201, body: { code: "1234567890123456", due_on: "2026-12-01" } } : refusal(422, "invalid", "有几处要改一下。", { topic: ["请选是什么事。"] })) });
  await app.until(() => app.text().includes("受理人员看了申请"));
  await app.tap("投诉");
  await app.until(() => app.path() === "pages/complain/complain");
  await app.type("说说是什么事", "等了两个月。");
  await app.tap("交上去");
  await app.until(() => app.text().includes("请改一下：请选是什么事。"));
  app.find('input[type="radio"][value="slow"]').click();
  await app.tap("交上去");
  await app.until(() => app.text().includes("1234 5678 9012 3456") && app.text().includes("2026年12月1日"));
  const { topic, words, named } = portal.asked("POST", `${AT}/complaints`)[1][2];
  assert.deepEqual({ topic, words, named }, { topic: "slow", words: "等了两个月。", named: true });
  await finish(app);
});

test("several programs are begun at once, none without being chosen", async () => {
  let begun = false;
  const { app, portal } = await opened("pages/matters/matters", { "GET /api/households/h-1": { body: { id: "h-1", name: "", revision: 1, pages: [], ready: [], applications: [] } }, "GET /api/households": () => ({ body: begun ? [{ id: "h-1", name: "石桂香", applications: [{ id: FILE, program_id: "dibao", status: "draft" }] }] : [] }), "POST /api/households": () => ((begun = true), { status: 201, body: { id: "h-1", applications: [{ id: FILE, program_id: "dibao", status: "draft" }] } }) });
  await app.tap("加上，去填");
  await app.until(() => app.text().includes("请改一下：请选要办的。"));
  app.find('input[type="checkbox"][value="dibao"]').click();
  await app.tap("加上，去填");
  await app.until(() => app.path() === "pages/walk/walk");
  assert.deepEqual(portal.asked("POST", "/api/households")[0][2].programs, ["dibao"]);
  await finish(app);
});

test("the code word: chosen, refused at its place, taken back", async () => {
  const kept = { word: "荷花", second_phone: null, reminders: true, words: ["荷花", "稻谷"] };
  const { app, portal } = await opened("pages/told/told", { "GET /api/me/contact": { body: { ...kept, word: "" } }, "PUT /api/me/contact": ({ body }) => (body.word === "abc" ? refusal(422, "code_word", "请用一到四个汉字。", { word: ["请用一到四个汉字。"] }) : { body: { ...kept, word: body.word } }) });
  await app.type("或者自己写一个", "abc");
  await app.tap("就用这个词");
  await app.until(() => app.text().includes("请改一下：请用一到四个汉字。"));
  await app.type("或者自己写一个", "");
  app.find('input[type="radio"][value="荷花"]').click();
  await app.tap("就用这个词");
  await app.until(() => app.text().includes("现在的口令词：荷花"));
  await app.tap("不要口令词了");
  await app.until(() => app.text().includes("还没选"));
  assert.deepEqual(portal.asked("PUT", "/api/me/contact").map(([, , body]) => body.word), ["abc", "荷花", ""]);
  await finish(app);
});

test("still as it was: every question for itself, then all at one tap; the day of the next is told", async () => {
  const recheck = { due_text: "12月1日", open_now: true, late: false, visit: false };
  const answered = ({ body }) => (Object.keys(body.same).length < 4 ? refusal(422, "invalid", "还有没答的。", { account: ["请选还一样，还是变了。"] }) : { status: 201, body: { recheck: { ...recheck, due_text: "明年12月1日", open_now: false } } });
  const { app, portal } = await opened(`pages/recheck/recheck?id=${FILE}`, { [`GET ${AT}/changes`]: { body: { recheck } }, [`POST ${AT}/rechecks`]: answered });
  await app.until(() => app.text().includes("请在12月1日前答。"));
  app.find('input[value="changed"]').click();
  await app.tap("答好了");
  await app.until(() => app.text().includes("请改一下：请选还一样，还是变了。"));
  await app.tap("都没变");
  await app.until(() => app.text().includes("记下了，谢谢您。") && app.text().includes("下次是明年12月1日前。"));
  const same = { members: true, income: true, address: true, account: true };
  assert.deepEqual(portal.asked("POST", `${AT}/rechecks`).map(([, , body]) => body), [{ same: { members: false } }, { same }]);
  await finish(app);
});

test("a change told: what it may mean is said first; what was typed outlives a dead line", async () => {
  let tries = 0;
  const report = { id: "r-1", title: "收入变了", on_text: "11月22日", sentence: "我不打工了。", answer: "", open: true };
  const after = (reports) => ({ kinds: { income: "收入变了" }, means: { income: ["收入少了，钱可能会多。"] }, reports, recheck: null, hidden: false });
  const { app, portal, phone } = await opened(`pages/changes/changes?id=${FILE}`, { [`GET ${AT}/changes`]: { body: after([]) }, [`POST ${AT}/changes`]: () => (tries++ ? { status: 201, body: after([report]) } : dead()) });
  await app.type("变成什么样了？", "我不打工了。");
  app.find('input[value="income"]').click();
  await app.until(() => app.text().includes("收入少了，钱可能会多。"));
  await app.tap("告诉乡镇");
  await app.until(() => app.text().includes("现在连不上网。"));
  assert.match(phone.storage.getItem(`mini:changes:${FILE}`), /我不打工了/);
  await app.tap("告诉乡镇");
  await app.until(() => app.text().includes("交给乡镇了。") && app.text().includes("等乡镇答复"));
  assert.deepEqual(portal.asked("POST", `${AT}/changes`)[1][2], { kind: "income", sentence: "我不打工了。" });
  await finish(app);
});
