// Forms of questions: what is typed is kept on the phone until the portal's receipt names it,
// questions appear when they apply, people are added and removed. One step of the form here;
// sheet.js shows a whole one. The server says the same without us.

import { holds } from "../shared/conditions.js";
import { forget, keep, kept, remind } from "./draft.js";

const SOON = 300;
const LATER = 30000;
const all = (selector, within) => Array.from(within.querySelectorAll(selector));

// The questions of one form. `known`: what other pages know, as conditions look at it.
export function questions(form, known) {
  const parts = () => all("[data-kind]", form).filter((part) => !part.closest("[data-row]"));
  const asDrawn = {};
  parts().forEach((part) => { asDrawn[part.dataset.name] = state(part, true); });
  const isFresh = "fresh" in form.dataset;

  // The answers beside a question: those of the same person, or of the whole page.
  function beside(part) {
    const row = part.closest("[data-row]");
    const answers = row ? {} : Object.assign({}, known());
    all("[data-kind]", row || form).forEach((other) => {
      if (other === row || other.closest("[data-row]") !== row) return;
      const name = other.dataset.name;
      answers[row ? name.slice(row.dataset.row.length + 1) : name] = answer(other);
    });
    return answers;
  }

  function showWhatApplies() {
    all("[data-when]", form).forEach((part) => {
      part.hidden = !holds(JSON.parse(part.dataset.when), beside(part));
    });
  }

  // The questions that are not as the portal drew them. On a page drawn from what was typed: all.
  function touched() {
    return parts().filter((part) => !isFresh || state(part) !== asDrawn[part.dataset.name]);
  }

  function draft() {
    const asked = {};
    touched().forEach((part) => { asked[part.dataset.name] = part.dataset.asked || ""; });
    const names = Object.keys(asked);
    const typed = Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && names.includes(name.split(".")[0]));
    return { typed, touched: names, asked };
  }

  function addPerson(name, row) {
    const template = form.querySelector('template[data-person="' + name + '"]');
    const people = form.querySelector('[data-people="' + name + '"]');
    people.insertAdjacentHTML("beforeend", template.innerHTML.split("~row~").join(row));
    people.lastElementChild.querySelector("legend").textContent = "第" + people.children.length + "个人";
    return people.lastElementChild;
  }

  function fill({ typed, touched: names }) {
    const theirs = parts().filter((part) => names.includes(part.dataset.name));
    theirs.filter((part) => part.dataset.kind === "people").forEach((part) => {
      const { name } = part.dataset;
      all("[data-row]", part).forEach((row) => row.remove());
      typed.forEach(([one, row]) => one === name + ".row" && addPerson(name, row));
    });
    theirs.forEach((part) => all("input, select, textarea", part).forEach((input) => {
      const values = typed.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
      else if (input.type !== "hidden" || /\.(code|label)$/.test(input.name)) input.value = values.length ? values[0] : "";
    }));
    form.dispatchEvent(new Event("restored"));
    showWhatApplies();
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
    form.dispatchEvent(new Event("input"));
  }

  form.addEventListener("click", press);
  form.addEventListener("input", (event) => {
    settleMoney(event.target);
    showWhatApplies();
  });
  const answers = () => Object.assign({}, ...parts().map((part) => ({ [part.dataset.name]: answer(part) })));
  return { showWhatApplies, touched, draft, fill, answers, parts };
}

// What a question says now, or as it was drawn.
function state(part, drawn) {
  return JSON.stringify(all("input, select, textarea", part).map((input) => {
    if (input.type === "radio" || input.type === "checkbox") return drawn ? input.defaultChecked : input.checked;
    if (input.tagName !== "SELECT") return drawn ? input.defaultValue : input.value;
    const first = Array.from(input.options).find((option) => option.defaultSelected) || input.options[0];
    return drawn ? first && first.value : input.value;
  }));
}

// The answer of one question as conditions look at it.
function answer(part) {
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

// A number and 说不清 exclude each other: the last one touched stays.
function settleMoney(input) {
  const part = input.closest && input.closest("[data-kind=money]");
  if (!part) return;
  const [amount, unsure] = all("input", part);
  if (input === unsure && unsure.checked) amount.value = "";
  if (input === amount && amount.value) unsure.checked = false;
}

// Keeps a form's draft on the phone, at the latest a moment after each stroke. `record`: what to
// keep; null: nothing. Says so in the form when the phone is full.
export function keeping(form, key, record) {
  let timer = 0;
  async function save() {
    clearTimeout(timer);
    timer = 0;
    const found = record();
    save.mark = Date.now() + "-" + Math.random();
    const safe = found ? await keep(key, Object.assign(found, { mark: save.mark, at: Date.now() })) : await forget(key).then(() => true);
    if (!timer) delete form.dataset.typing;
    note(form, "full", safe ? "" : "手机存满了，刚写的没存住。请先按保存。");
    return safe;
  }
  form.addEventListener("input", () => {
    remind();
    form.dataset.typing = "1";
    if (!timer) timer = setTimeout(save, SOON);
  });
  addEventListener("pagehide", () => timer && save());
  document.addEventListener("visibilitychange", () => document.hidden && timer && save());
  if (navigator.locks) navigator.locks.request("typing:" + key, () => new Promise(() => {}));
  return save;
}

// One sentence above the button; none when empty.
export function note(form, name, words) {
  const old = form.querySelector("[data-note=" + name + "]");
  if (old) old.remove();
  if (!words) return;
  const said = document.createElement("p");
  said.className = "note bad";
  said.setAttribute("role", "status");
  said.dataset.note = name;
  said.textContent = words;
  form.append(said);
}

// ---- One step, as the portal drew it.

const form = document.querySelector("form[data-draft]");

function step() {
  const key = form.dataset.draft;
  const own = questions(form, () => JSON.parse(form.dataset.known || "{}"));
  const revision = form.elements.revision;
  const acting = document.querySelector(".acting b");
  let posting = null;
  let going = false;
  let sent = false;
  let again = 0;

  function record() {
    const draft = own.draft();
    if (!draft.touched.length) return null;
    return Object.assign(draft, about(), { revision: Number(revision.value), sent });
  }

  function about() {
    const { typed, program, step: name } = form.dataset;
    const title = document.querySelector("h1").textContent;
    const person = acting ? acting.textContent : "";
    return { to: typed, page: form.getAttribute("action"), step: name, program, title, person, back: form.elements.back ? form.elements.back.value : "" };
  }

  // Fetched while there is a signal, for when there is none.
  const road = () => { posting = posting || import("./post.js").catch(() => { posting = null; }); return posting; };
  const save = keeping(form, key, record);

  // The server has it when the revision went on after sending; else the phone's copy is shown.
  async function restore() {
    let draft = await kept(key);
    if (!draft || document.querySelector("#sum")) return;
    if (draft.sent && Number(revision.value) > draft.revision) {
      await forget(key);
      return;
    }
    if (!draft.typed) draft = await road().then(({ reopened }) => reopened(draft, form.elements.csrf.value)).catch(() => null);
    if (!draft) {
      form.replaceChildren();
      note(form, "later", "这一页还没传上去。有信号再填。");
      return;
    }
    own.fill(draft);
    revision.value = Math.min(draft.revision, revision.value);
  }

  async function submit(event) {
    const button = event.submitter;
    if (!self.crypto || !crypto.subtle || !button || !["save", "right"].includes(button.value)) {
      sent = true;
      save();
      return;
    }
    event.preventDefault();
    await send(button);
  }

  async function send(button) {
    if (going) return;
    going = true;
    const safe = await save();
    const post = await road();
    const draft = Object.assign(own.draft(), about(), { revision: Number(revision.value), mark: save.mark });
    const answer = post ? await post.post(key, draft, form.elements.csrf.value, true) : { status: 0 };
    going = false;
    if (answer.status === 200 && !safe) await forget(key);
    if (answer.status === 200) location.assign(answer.said.next);
    else if (answer.status && answer.status < 500) asForm(button);
    else await without(button);
  }

  function hide(name, value) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }

  // What has to be put right is shown by the portal, on this page.
  function asForm(button) {
    hide(button.name, button.value);
    own.touched().forEach((part) => hide("touched", part.dataset.name));
    form.submit();
  }

  // No signal: the next topic on the phone's own copy of the form, where it has one; else this
  // page waits for it.
  async function without(button) {
    const { program, files } = form.dataset;
    const [file] = key.split("/");
    const copy = `/fill/${program}`;
    if (!(navigator.serviceWorker || {}).controller || !(await caches.match(copy, { ignoreVary: true }))) {
      note(form, "later", "没有信号。已存在手机里，有信号自己传。");
      clearTimeout(again);
      again = setTimeout(send, LATER, button);
      addEventListener("online", () => send(button), { once: true });
      return;
    }
    let known = await kept(file + "/");
    if (!known || known.receipt) known = { id: file, here: true, person: about().person, seen: {}, at: Date.now() };
    await keep(file + "/", Object.assign(known, { program, files: files && files.split(" "), revision: Number(revision.value) }));
    location.assign(`${copy}#${file}/${form.dataset.step}+`);
  }

  // Tells the server that questions were shown as soon as they applied.
  hide("js", "1");
  own.showWhatApplies();
  form.addEventListener("submit", submit);
  form.addEventListener("input", road, { once: true });
  return restore().catch(() => {});
}

export const ready = form ? step() : Promise.resolve();
