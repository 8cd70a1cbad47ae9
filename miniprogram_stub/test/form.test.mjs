// What was typed and the answer it means; api/pages/answers.py reads the same.
import test from "node:test";
import assert from "node:assert/strict";
import { drawn, read, readAll, steps, write } from "../miniprogram/lib/form.js";

const field = (kind, more) => ({ name: "x", kind, label: "问", hint: "", options: [], ...more });
const KINDS = ["text", "count", "money", "date", "choice", "choices", "yes_no", "id_number", "phone", "place", "people", "consent"];

const READ = [
  ["money", { text: "１２００．５元", unsure: false }, { value: 120050 }],
  ["money", { text: "1,200", unsure: false }, { value: 120000 }],
  ["money", { text: "0.29", unsure: false }, { value: 29 }],
  ["money", { text: "", unsure: true }, { value: "unsure" }],
  ["money", { text: "5", unsure: true }, { fault: "填数字，或选说不清，留一个。" }],
  ["money", { text: "几百", unsure: false }, { fault: "金额只填数字，比如 1200。" }],
  ["money", { text: "1.234", unsure: false }, { fault: "小数点后最多写两位。" }],
  ["money", { text: "", unsure: false }, { value: null }],
  ["count", "３", { value: 3 }],
  ["count", "三", { fault: "这里要填整数。" }],
  ["date", { y: "2014", m: "３", d: "5" }, { value: "2014-03-05" }],
  ["date", { y: "2023", m: "2", d: "30" }, { fault: "日期不对。请按年、月、日填。" }],
  ["date", { y: "", m: "", d: "" }, { value: null }],
  ["id_number", " 43312719541108122x ", { value: "43312719541108122X" }],
  ["phone", "１３８７４３１２３４５", { value: "13874312345" }],
  ["yes_no", "no", { value: false }],
  ["yes_no", "", { value: null }],
  ["consent", false, { value: null }],
  ["choices", [], { value: null }],
  ["text", "   ", { value: null }],
  ["place", { code: "433127103", name: "芙蓉镇", address: " 三组 " }, { value: { code: "433127103", address: "三组" } }],
];

for (const [kind, typed, wanted] of READ) {
  test(`${kind}: ${JSON.stringify(typed)}`, () => assert.deepEqual(read(field(kind), typed), wanted));
}

test("an answer written into the boxes reads as itself again, of every kind", () => {
  const answers = { text: "话", count: 3, money: 120050, date: "2014-03-05", choice: "a", choices: ["a", "b"], yes_no: false, id_number: "43312719541108122X", phone: "13874312345", place: { code: "433127103", address: "三组" }, consent: true };
  for (const [kind, answer] of Object.entries(answers)) assert.deepEqual(read(field(kind), write(field(kind), answer)).value, answer, kind);
  const people = field("people", { fields: [{ ...field("date"), name: "born" }, { ...field("money"), name: "earns" }] });
  const answer = [{ row: "r1", born: "2014-03-05", earns: "unsure" }];
  assert.deepEqual(read(people, write(people, answer)).value, answer);
});

test("every kind of field can be drawn with nothing in it", () => {
  for (const kind of KINDS) assert.equal(drawn(field(kind, { fields: [] }), undefined).kind, kind);
});

test("a question whose condition does not hold is not sent; the one that makes it hold is read first", () => {
  const asked = [{ ...field("yes_no"), name: "elsewhere" }, { ...field("text"), name: "where", when: { elsewhere: true } }];
  assert.deepEqual(readAll(asked, { elsewhere: "yes", where: "县城" }, {}).values, { elsewhere: true, where: "县城" });
  assert.deepEqual(readAll(asked, { elsewhere: "no", where: "县城" }, {}).values, { elsewhere: false });
});

test("a helper is not asked to agree for somebody", () => {
  const form = { steps: [{ key: "a", title: "", fields: [field("consent")] }, { key: "b", title: "", fields: [field("text"), field("consent")] }] };
  assert.deepEqual(steps(form, {}, true).map((step) => step.fields.length), [1]);
  assert.deepEqual(steps(form, {}, false).map((step) => step.fields.length), [1, 2]);
});
