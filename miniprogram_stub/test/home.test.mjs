// One family's matters on the phone: filled in together, kept through a kill and a dead line, handed in, refused.
import test from "node:test";
import assert from "node:assert/strict";
import { newPhone, start } from "../tools/harness.mjs";
import { dead, newPortal, refusal, signedIn } from "./portal.mjs";

const AT = "/api/households/h-1";
const field = (name, kind, label, more) => ({ name, kind, label, hint: "", options: [], indispensable: false, unless: "", when: null, fields: [], most: null, digest: name, ...more });
const file = (id, program, more) => ({ id, program_id: program, reference_no: `10000000${id.slice(-2)}`, status: "draft", submission_no: 0, filed_at: null, why: "", can_say_no: false, ...more });
const PROGRAMS = ["dibao", "linshi"].map((id) => ({ id, title: id === "dibao" ? "最低生活保障" : "临时救助", short: id === "dibao" ? "低保" : "临时救助", summary: "", has_form: true, travels_alone: false, amounts: [], documents: [], form: { steps: [] } }));

function family(more) {
  const page = (key, title, fields, rest) => ({ key, title, lead: "", fields, asks: Object.fromEntries(fields.map((one) => [one.name, ["dibao", "linshi"]])), answers: {}, known: {}, missing: [], carried: false, ...rest });
  return {
    id: "h-1", name: "石桂香", recognised: [], revision: 1, ready: [], applications: [file("f-10", "dibao"), file("f-11", "linshi")],
    pages: [
      page("who", "谁要申请", [field("applicant_name", "text", "要申请的人叫什么名字？"), field("elsewhere", "yes_no", "住在别处吗？")], { missing: ["applicant_name"] }),
      page("where", "住在哪里", [field("where", "text", "住在哪里？", { when: { elsewhere: true } })]),
    ],
    ...more,
  };
}

async function opened(entry, answers, phone = signedIn(newPhone())) {
  const portal = newPortal({ "GET /api/programs": { body: PROGRAMS }, "GET /api/households": { body: [family()] }, [`GET ${AT}`]: { body: family() }, ...documents(), ...answers });
  return { portal, phone, app: await start({ entry, api: portal.api, phone }) };
}

function documents() {
  return Object.fromEntries(["f-10", "f-11"].flatMap((id) => ["documents", "signatures"].map((what) => [`GET /api/applications/${id}/${what}`, { body: [] }])));
}

async function finish(app) {
  await app.tick(20);
  assert.deepEqual([...app.mini.problems], []);
  app.close();
}

test("what is typed on the walk outlives a kill and a dead line, and goes to all files at once", async () => {
  const { app, phone, portal } = await opened("pages/step/step?home=h-1&step=who", { [`PUT ${AT}/answers`]: dead });
  await app.type("要申请的人叫什么名字？", "石桂香");
  app.find('input[type="radio"][value="yes"]').click();
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("住在哪里？"));
  assert.equal(portal.asked("PUT", `${AT}/answers`).length, 1);
  await finish(app);
  const saved = family({ revision: 2, ready: ["f-10", "f-11"] });
  saved.pages[0].answers = { applicant_name: "石桂香", elsewhere: true };
  saved.pages[0].missing = [];
  const again = await opened("pages/hand-in/hand-in?home=h-1", { [`PUT ${AT}/answers`]: { body: saved }, [`POST ${AT}/submission`]: { status: 201, body: { receipts: [] } } }, phone);
  await again.app.until(() => again.app.text().includes("石桂香") && again.app.text().includes("这次一起交"));
  assert.deepEqual(again.portal.asked("PUT", `${AT}/answers`)[0][2], { since: 1, page: "who", answers: { applicant_name: "石桂香", elsewhere: true } });
  again.portal.answers[`GET ${AT}`] = { body: family({ applications: ["f-10", "f-11"].map((id, at) => file(id, PROGRAMS[at].id, { status: "submitted", submission_no: 1, filed_at: "2026-11-22T01:00:00+00:00" })) }) };
  await again.app.tap("一起提交");
  await again.app.until(() => again.app.path() === "pages/receipts/receipts" && again.app.text().includes("2件都提交了"));
  assert.deepEqual(again.portal.asked("POST", `${AT}/submission`)[0][2], { applications: ["f-10", "f-11"] });
  await finish(again.app);
});

test("nothing ticked is not handed in; what is lacking leads to its page", async () => {
  const { app, portal } = await opened("pages/hand-in/hand-in?home=h-1", {});
  await app.until(() => app.text().includes("还差1项"));
  app.all('input[type="checkbox"]').forEach((box) => box.click());
  await app.tap("一起提交");
  await app.until(() => app.text().includes("请改一下：请至少勾一件。"));
  assert.equal(portal.asked("POST", `${AT}/submission`).length, 0);
  await app.tap("要申请的人叫什么名字？");
  await app.until(() => app.path() === "pages/step/step" && app.text().includes("保存，回去"));
  await finish(app);
});

test("changed by somebody else meanwhile: told, and a second press keeps what is written here", async () => {
  let tries = 0;
  const conflict = refusal(409, "answers_conflict", "有的内容在别处改过。", { applicant_name: ["别处写的是：石贵香"] });
  const { app } = await opened("pages/step/step?home=h-1&step=who", { [`PUT ${AT}/answers`]: () => (tries++ ? { body: family({ revision: 3 }) } : conflict) });
  await app.type("要申请的人叫什么名字？", "石桂香");
  await app.tap("保存，下一步");
  await app.until(() => app.text().includes("别处写的是：石贵香"));
  assert.equal(app.find('[aria-label="要申请的人叫什么名字？"]').value, "石桂香");
  await app.tap("保存，下一步");
  await app.until(() => app.path() === "pages/photos/photos");
  await finish(app);
});

test("a page that is asked no longer says so, and is not blank", async () => {
  const { app } = await opened("pages/step/step?home=h-1&step=gone", {});
  await app.until(() => app.text().includes("这一步不用填了。"));
  await finish(app);
});

test("「这一件不要办」: asked first; a draft is thrown away, what an office opened is taken back", async () => {
  const two = [file("f-10", "dibao"), file("f-11", "linshi", { status: "submitted", why: "低保没批，转评这个。", can_say_no: true })];
  const { app, portal } = await opened("pages/matters/matters", { "GET /api/households": { body: [family({ applications: two, recognised: ["dibao"] })] }, "DELETE /api/applications/f-10": { status: 204 } });
  await app.until(() => app.text().includes("低保没批，转评这个。") && app.text().includes("已经是：低保。"));
  await app.tap("低保：这一件不要办");
  await app.tap("先留着");
  assert.equal(portal.asked("DELETE", "/api/applications/f-10").length, 0);
  await app.tap("低保：这一件不要办");
  await app.tap("不要办");
  await app.until(() => app.text().includes("低保不办了。"));
  await app.tap("临时救助：这一件不要办");
  await app.tap("不要办");
  await app.until(() => app.text().includes("临时救助不办了。"));
  assert.equal(portal.asked("POST", "/api/applications/f-11/withdrawal").length, 1);
  await finish(app);
});

test("for somebody else: whose family it is stands on every page of the walk, and of no other family's", async () => {
  const mandate = { id: "m-1", household_id: "h-1", person: "田老大", over: false, applications: [file("f-10", "dibao")] };
  const { app, portal } = await opened("pages/matters/matters?mandate=m-1", { "GET /api/mandates": { body: { helping: [mandate], helped: [], roster: false } }, [`POST ${AT}/applications`]: { status: 201, body: [file("f-11", "linshi")] } });
  await app.until(() => app.text().includes("田老大家的事"));
  assert.ok(!app.text().includes("这一件不要办"), "only the person says no");
  app.find('input[type="checkbox"][value="linshi"]').click();
  await app.tap("加上，去填");
  await app.until(() => app.path() === "pages/walk/walk" && app.text().includes("您正在为田老大办理"));
  await app.tap("谁要申请：未填");
  await app.until(() => app.path() === "pages/step/step" && app.text().includes("您正在为田老大办理"));
  assert.deepEqual(portal.asked("POST", `${AT}/applications`)[0][2], { programs: ["linshi"], said: {} });
  await finish(app);
});
