// The form: what applies, what was typed, and the answer it means. api/pages/answers.py reads the same.
import { answered, holds } from "../shared/conditions.js";

const PLAIN = { "text": "text", "id_number": "idcard", "phone": "number", "count": "number", "money": "digit" };
const LONG = 200;
const MANY = 300;

// {value} · {fault: sentence}. Nothing typed is null: the answer is emptied.
export function read(field, typed) {
  const reader = READERS[field.kind];
  if (typed === undefined || typed === null) return { value: null };
  return reader ? reader(typed, field) : { value: String(typed).trim() || null };
}

// What stands in the boxes for an answer.
export function write(field, answer) {
  if (answer === undefined || answer === null) return EMPTY[field.kind] ? EMPTY[field.kind]() : "";
  return WRITERS[field.kind] ? WRITERS[field.kind](answer, field) : String(answer);
}

// {values, faults} of the fields that apply; `known`: answers given on other pages.
export function readAll(fields, typed, known) {
  const values = {};
  const faults = {};
  const beside = Object.assign({}, known);
  fields.forEach((field) => {
    if (!applies(field, beside) || !(field.name in typed)) return;
    const found = field.kind === "people" ? readPeople(field, typed[field.name]) : read(field, typed[field.name]);
    Object.assign(faults, found.faults, found.fault ? { [field.name]: found.fault } : {});
    if (!("value" in found)) return;
    values[field.name] = beside[field.name] = found.value;
  });
  return { values, faults };
}

export function applies(field, answers) {
  return !field.when || holds(field.when, answers);
}

// The steps with a question that applies; agreeing is the person's own, never a helper's.
export function steps(form, answers, isHelping) {
  const mine = (step) => Object.assign({}, step, { fields: isHelping ? step.fields.filter((field) => field.kind !== "consent") : step.fields });
  return form.steps.map(mine).filter((step) => step.fields.some((field) => applies(field, answers)));
}

// 未填 · 要补 · 已填, as on the web.
export function stateOf(step, answers, missing) {
  if (!step.fields.some((field) => answered(field.name, answers))) return "未填";
  return step.fields.some((field) => field.name in missing) ? "要补" : "已填";
}

// A field as its component draws it.
export function drawn(field, typed, fault, prefix) {
  const value = typed === undefined ? write(field, undefined) : typed;
  const on = field.kind === "choices" ? value : [value];
  return {
    name: field.name,
    id: "f-" + (prefix || "") + field.name,
    kind: field.kind,
    label: field.label,
    hint: field.hint,
    input: field.kind === "text" && field.most >= LONG ? "" : PLAIN[field.kind] || "",
    isLong: field.kind === "text" && field.most >= LONG,
    most: field.most || (field.kind === "text" ? MANY : 40),
    options: (field.kind === "yes_no" ? YES_NO : field.options).map((option) => ({ value: option.value, label: option.label, on: on.includes(option.value) })),
    typed: value,
    fault: fault || "",
    townOnly: Boolean(field.townOnly),
  };
}

const YES_NO = [{ value: "yes", label: "是" }, { value: "no", label: "否" }];

const EMPTY = {
  money: () => ({ text: "", unsure: false }),
  date: () => ({ y: "", m: "", d: "" }),
  choices: () => [],
  people: () => [],
  place: () => ({ code: "", name: "", address: "" }),
  consent: () => false,
};

// Full-width digits and points, as keyboards give them, made plain.
function plain(text) {
  return String(text).normalize("NFKC").replace(/。/g, ".").trim();
}

function readCount(typed) {
  const text = plain(typed);
  if (!text) return { value: null };
  return /^\d{1,9}$/.test(text) ? { value: Number(text) } : { fault: "这里要填整数。" };
}

function readMoney({ text: typed, unsure }) {
  const text = plain(typed).replace(/元$/, "").replace(/[, ]/g, "");
  if (unsure) return text ? { fault: "填数字，或选说不清，留一个。" } : { value: "unsure" };
  if (!text) return { value: null };
  if (!/^\d{1,13}(\.\d{0,6})?$/.test(text)) return { fault: "金额只填数字，比如 1200。" };
  const [whole, part = ""] = text.split(".");
  if (/[^0]/.test(part.slice(2))) return { fault: "小数点后最多写两位。" };
  return { value: Number(whole) * 100 + Number((part + "00").slice(0, 2)) };
}

function readDate(typed) {
  const [y, m, d] = [typed.y, typed.m, typed.d].map((part) => plain(part));
  if (!y && !m && !d) return { value: null };
  const day = new Date(Date.UTC(Number(y), Number(m) - 1, Number(d)));
  const isDay = /^\d{4}$/.test(y) && day.getUTCMonth() === Number(m) - 1 && day.getUTCDate() === Number(d);
  return isDay ? { value: day.toISOString().slice(0, 10) } : { fault: "日期不对。请按年、月、日填。" };
}

function readPlace({ code, address }) {
  const found = { code, address: (address || "").trim() };
  return { value: found.code || found.address ? found : null };
}

function readPeople(field, rows) {
  const people = [];
  const faults = {};
  rows.forEach(({ row, typed }) => {
    const found = readAll(field.fields, typed, {});
    Object.keys(found.faults).forEach((name) => (faults[`${field.name}.${row}.${name}`] = found.faults[name]));
    const said = Object.keys(found.values).filter((name) => found.values[name] !== null);
    if (said.length) people.push(said.reduce((person, name) => Object.assign(person, { [name]: found.values[name] }), { row }));
  });
  return { value: people.length ? people : null, faults };
}

const code = (typed) => ({ value: plain(typed).toUpperCase() || null });

const READERS = {
  count: readCount,
  money: readMoney,
  date: readDate,
  place: readPlace,
  choices: (typed) => ({ value: typed.length ? typed : null }),
  yes_no: (typed) => ({ value: typed === "yes" ? true : typed === "no" ? false : null }),
  consent: (typed) => ({ value: typed ? true : null }),
  id_number: code,
  phone: code,
  people: (typed, field) => readPeople(field, typed),
};

const WRITERS = {
  money: (answer) => (answer === "unsure" ? { text: "", unsure: true } : { text: String(answer / 100), unsure: false }),
  date: (answer) => {
    const [y, m, d] = answer.split("-").map(Number);
    return { y: String(y), m: String(m), d: String(d) };
  },
  choices: (answer) => answer.slice(),
  yes_no: (answer) => (answer ? "yes" : "no"),
  consent: (answer) => Boolean(answer),
  place: (answer) => ({ code: answer.code || "", name: "", address: answer.address || "" }),
  people: (answer, field) => answer.map((person) => ({
    row: person.row,
    typed: field.fields.reduce((typed, inner) => Object.assign(typed, { [inner.name]: write(inner, person[inner.name]) }), {}),
  })),
};
