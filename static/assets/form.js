// One step of the form: what is typed is kept on the phone until the server has it, questions
// appear when they apply, people are added and removed. The server says the same without us.

import { holds } from "../shared/conditions.js";
import { keep, kept, forget } from "./draft.js";

const form = document.querySelector("form[data-draft]");
const key = form.dataset.draft;
const known = JSON.parse(form.dataset.known || "{}");
const all = (selector, within) => Array.from((within || form).querySelectorAll(selector));
let timer = 0;
let touched = false;
let sent = false;

// The answer of one question as conditions look at it.
function answer(part, name) {
  const inputs = all("input, select, textarea", part);
  const ticked = inputs.filter((input) => input.checked).map((input) => input.value);
  const text = inputs.length ? inputs[0].value.trim() : "";
  switch (part.dataset.kind) {
    case "yes_no":
      return ticked.length ? ticked[0] === "yes" : undefined;
    case "choices":
      return ticked;
    case "choice":
      return inputs[0].type === "radio" ? ticked[0] : text;
    case "consent":
      return ticked.length ? true : undefined;
    case "count":
      return text ? Number(text) : undefined;
    case "money":
      return ticked.length ? "unsure" : text;
    case "place":
      return { code: part.querySelector("[type=hidden]").value, address: inputs[inputs.length - 1].value };
    case "people":
      return all("[data-row]", part).map((row) => row.dataset.row);
    default:
      return text;
  }
}

// The answers beside a question: those of the same person, or of the whole page.
function beside(part) {
  const row = part.closest("[data-row]");
  const answers = row ? {} : Object.assign({}, known);
  all("[data-kind]", row || form).forEach((other) => {
    if (other === row || other.closest("[data-row]") !== row) return;
    const name = other.dataset.name;
    answers[row ? name.slice(row.dataset.row.length + 1) : name] = answer(other, name);
  });
  return answers;
}

function showWhatApplies() {
  all("[data-when]").forEach((part) => {
    part.hidden = !holds(JSON.parse(part.dataset.when), beside(part));
  });
}

function typed() {
  return Array.from(new FormData(form)).filter(([name, value]) => name !== "csrf" && typeof value === "string");
}

function save() {
  clearTimeout(timer);
  if (touched) keep(key, { revision: Number(form.elements.revision.value), typed: typed(), sent });
}

function saveSoon() {
  touched = true;
  clearTimeout(timer);
  timer = setTimeout(save, 300);
}

function addPerson(name, row) {
  const template = form.querySelector('template[data-person="' + name + '"]');
  const people = form.querySelector('[data-people="' + name + '"]');
  const made = document.createElement("div");
  made.innerHTML = template.innerHTML.split("~row~").join(row);
  people.append(made.firstElementChild);
  people.lastElementChild.querySelector("legend").textContent = "第" + people.children.length + "个人";
  return people.lastElementChild;
}

function press(event) {
  const button = event.target.closest("button[name=go]");
  const [verb, name, row] = button ? button.value.split(":") : [];
  if (verb !== "add" && verb !== "drop") return;
  event.preventDefault();
  if (verb === "add") {
    const fresh = Date.now().toString(36) + Math.floor(Math.random() * 1e6).toString(36);
    const added = addPerson(name, fresh);
    showWhatApplies();
    added.querySelector("input:not([type=hidden])").focus();
  } else {
    form.querySelector('[data-row="' + name + "." + row + '"]').remove();
  }
  saveSoon();
}

// A number and 说不清 exclude each other: the last one touched stays.
function settleMoney(input) {
  const part = input.closest("[data-kind=money]");
  if (!part) return;
  const [amount, unsure] = all("input", part);
  if (input === unsure && unsure.checked) amount.value = "";
  if (input === amount && amount.value) unsure.checked = false;
}

function fill(entries) {
  const rows = entries.filter(([name]) => name.endsWith(".row")).map(([name, row]) => [name.slice(0, -4), row]);
  const wanted = rows.map(([name, row]) => name + "." + row);
  all("[data-row]").forEach((row) => wanted.includes(row.dataset.row) || row.remove());
  const here = all("[data-row]").map((row) => row.dataset.row);
  rows.forEach(([name, row]) => here.includes(name + "." + row) || addPerson(name, row));
  all("input, select, textarea").forEach((input) => {
    const values = entries.filter(([name]) => name === input.name).map(([, value]) => value);
    if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
    else if (values.length && isTyped(input)) input.value = values[0];
  });
  form.dispatchEvent(new Event("restored"));
}

function isTyped(input) {
  return input.type !== "hidden" || input.name.endsWith(".code") || input.name.endsWith(".label");
}

// The server has it when the revision went on after sending; else the phone's copy is shown.
async function restore() {
  const draft = await kept(key);
  const revision = Number(form.elements.revision.value);
  if (!draft) return;
  if (draft.sent && revision > draft.revision) {
    await forget(key);
    return;
  }
  if (document.querySelector("#sum")) return;
  touched = true;
  fill(draft.typed);
  form.elements.revision.value = Math.min(draft.revision, revision);
}

// Tells the server that questions were shown as soon as they applied.
function markScript() {
  const mark = document.createElement("input");
  Object.assign(mark, { type: "hidden", name: "js", value: "1" });
  form.append(mark);
}

function begin() {
  showWhatApplies();
  form.addEventListener("click", press);
  form.addEventListener("input", (event) => {
    settleMoney(event.target);
    showWhatApplies();
    saveSoon();
  });
  form.addEventListener("submit", () => {
    sent = true;
    save();
  });
  addEventListener("pagehide", save);
}

markScript();
export const ready = restore().then(begin, begin);
