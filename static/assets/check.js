// The self-check on the phone: questions appear when they matter, the result is computed here
// from the rules of one county, and no answer leaves the phone. Without us the server does it.

import { applies, check, propose, read, yuan } from "../shared/eligibility.js";

const form = document.querySelector("form[data-check]");
const list = form.querySelector("[data-questions]");
const ORDER = ["may_fit", "cannot_tell", "covered_by", "does_not_seem_to"];
const rank = ({ program, outcome }) => ORDER.indexOf(outcome) + (program === "cishan" || ORDER.indexOf(outcome) > 1 ? 9 : 0);
const AT_ONCE = 6;
const STATES = { holds: "合", fails: "不合", unknown: "还不知道", office: "窗口会核" };
const all = (selector, within) => Array.from((within || form).querySelectorAll(selector));
let rules = null;
let county = null;

// The answer of one question in the engine's shape; undefined when there is none.
function answer(part) {
  const inputs = all("input, select", part);
  const ticked = inputs.filter((input) => input.checked).map((input) => input.value);
  if (part.dataset.kind === "choice") return ticked[0];
  if (part.dataset.kind === "choices") return ticked.length ? ticked : undefined;
  if (ticked.length) return "unsure";
  const text = inputs[0].value.normalize("NFKC").replace(/[,元\s]/g, "").replace("。", ".");
  if (!text) return undefined;
  if (part.dataset.kind === "count") return /^\d{1,9}$/.test(text) ? Number(text) : text;
  return /^\d{1,9}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : text;
}

function said() {
  const answers = {};
  all("[data-name]", list).forEach((part) => {
    if (part.dataset.name === "place") return;
    const given = answer(part);
    if (given !== undefined) answers[part.dataset.name] = given;
  });
  return answers;
}

function code() {
  return form.elements["place.code"].value.slice(0, 6);
}

async function load() {
  if (rules && county === code()) return;
  const wanted = code();
  const answer = await fetch("/api/self-checks/rules?words=false&region=" + wanted);
  if (!answer.ok) return;
  rules = await answer.json();
  county = wanted;
}

// Every question is on the page once; those that do not matter now are hidden.
function place() {
  const more = form.querySelector("[data-more]");
  if (!more) return;
  const parts = all("[data-name]", list).concat(all("[data-name]", more.content));
  rules.questions.forEach((question) => {
    const part = parts.find((one) => one.dataset.name === question.name);
    if (part) list.append(part);
  });
  more.remove();
}

function showWhatMatters() {
  if (!rules) return;
  place();
  const answers = said();
  const found = read(rules, answers);
  const begun = rules.questions.every((question) => !question.first || question.name in answers);
  const ask = begun && !Object.keys(found.errors).length ? check(rules, found.facts).ask : [];
  const next = rules.questions.filter((question) => ask.includes(question.name) && !(question.name in answers) && applies(question, answers));
  rules.questions.forEach((question) => {
    const part = list.querySelector('[data-name="' + question.name + '"]');
    const wanted = question.first || question.name in answers || next.slice(0, AT_ONCE).includes(question);
    if (part) part.hidden = !wanted || !applies(question, answers);
  });
}

function made(tag, text, inner) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  (inner || []).forEach((one) => one && element.append(one));
  return element;
}

function plain(text) {
  const element = made("p", text);
  element.className = "plain";
  return element;
}

function link(href, text, look) {
  const element = made("a", text);
  element.href = href;
  if (look) element.className = look;
  return made("p", "", [element]);
}

function rule(test) {
  const lines = [made("b", STATES[test.state] + "："), test.title];
  if (test.yours) lines.push(made("br"), "您：" + test.yours);
  if (test.line) lines.push(made("br"), "线：" + test.line);
  const note = test.source.note ? "（" + test.source.note + "）" : "";
  const source = made("span", test.source.document + test.source.article + note);
  source.className = "plain source";
  return made("li", "", lines.concat([made("br"), source]));
}

function reasons(result) {
  const parts = [made("summary", "一条一条看为什么")];
  result.tracks.forEach((track) => parts.push(made("h4", track.title), made("ul", "", track.tests.map(rule))));
  return made("details", "", parts);
}

function card(result, names, form) {
  const stronger = result.by && result.by !== result.program;
  const apply = (result.outcome === "may_fit" ? "去申请" : "仍然申请") + result.title;
  const element = made("section", "", [
    made("h3", result.title + "：" + result.label),
    stronger && made("p", "先办" + names[result.by] + "，帮得更多。"),
    result.note && made("p", result.note),
    result.amount && made("p", "", [made("b", result.amount.words)]),
    result.to_check.length && made("p", "窗口会核："),
    result.to_check.length && made("ul", "", result.to_check.map((one) => made("li", one))),
    result.outcome === "does_not_seem_to" && made("p", "情况变了，再来算一次。"),
    reasons(result),
    plain(result.disclaimer),
    form && link("/apply/" + result.program, apply, "go second"),
    link("/guide/" + result.program, result.title + "怎么办"),
  ]);
  element.className = "card";
  element.dataset.outcome = result.outcome;
  return element;
}

function input(type, name, value) {
  return Object.assign(document.createElement("input"), { type, name, value });
}

function tick(result, way, summary) {
  const box = input("checkbox", "program", result.program);
  box.checked = way === "tick";
  const words = [made("b", result.title), "（" + result.label + "）", made("br"), summary];
  if (way === "by_itself") words.push(made("br"), "上一档没批准，会自动转评这个。");
  const label = made("label", "", [box, made("span", "", words)]);
  label.className = "o";
  return label;
}

// What is proposed, ticked, and one button; the answers go along in the form's body.
function together(found, answers) {
  const ways = propose(rules, read(rules, answers).facts, found.results);
  const about = (id) => rules.programs.find((one) => one.id === id);
  const draw = (wanted) => found.results.filter((one) => wanted(ways[one.program], about(one.program).form)).map((one) => tick(one, ways[one.program], about(one.program).summary));
  const first = draw((way) => way === "tick");
  const others = draw((way, has) => has && !["tick", "elsewhere", "alone"].includes(way));
  const go = made("button", "一次填好");
  go.className = "go";
  const elsewhere = found.results.filter((one) => ways[one.program] === "elsewhere").map((one) => {
    const note = made("div", "", [made("b", one.title), "：不在这里申请。", link("/guide/" + one.program, "看该找谁")]);
    note.className = "note";
    return note;
  });
  const box = made("form", "", [
    input("hidden", "csrf", document.querySelector("meta[name=csrf]").content),
    input("hidden", "key", Date.now().toString(36) + Math.random().toString(36).slice(2)),
    input("hidden", "said", JSON.stringify(answers)),
    input("hidden", "place", form.elements["place.code"].value),
    made("h2", first.length ? "可以一起办这几样" : "请勾上想办的"),
    ...first,
    ...elsewhere,
    ...(first.length ? [made("details", "", [made("summary", "还想办别的"), ...others])] : others),
    go,
    plain("同样的问题只问一次。交以前都能改。"),
  ]);
  box.method = "post";
  box.action = "/household/start";
  return box;
}

function money(step) {
  const [small, large] = [Math.abs(step.low), Math.abs(step.high)].sort((one, other) => one - other);
  const amount = small === large ? yuan(large) : yuan(small) + "元到" + yuan(large);
  return made("li", step.label + "：" + (step.low < 0 ? "减" : "") + amount + "元");
}

function showResults(found, answers) {
  const names = {};
  const forms = {};
  rules.programs.forEach((program) => {
    names[program.id] = program.title;
    forms[program.id] = program.form;
  });
  const sorted = found.results.slice().sort((one, other) => rank(one) - rank(other));
  const steps = found.steps.length && made("details", "", [made("summary", "收入是怎么算的"), made("ul", "", found.steps.map(money))]);
  const call = document.querySelector("footer .call").cloneNode(true);
  const last = made("p", "都不像？也可以申请。拿不准就打电话问。");
  const box = document.querySelector("#results");
  const cards = (unfit) =>
    sorted.filter((one) => (one.outcome === "does_not_seem_to") === unfit).map((one) => card(one, names, forms[one.program]));
  const rest = cards(true);
  box.replaceChildren(together(found, answers), last, made("p", "", [call]), made("h2", "算出来的结果"), ...cards(false));
  if (rest.length) box.append(made("details", "", [made("summary", "看起来不符合的")].concat(rest)));
  if (steps) box.append(steps);
  box.focus();
  box.scrollIntoView();
}

function submit(event) {
  const button = event.submitter;
  if (!rules || county !== code() || (button && button.value !== "save")) return;
  const found = read(rules, said());
  if (Object.keys(found.errors).length) return;
  event.preventDefault();
  sessionStorage.setItem("self-check", JSON.stringify(said()));
  showResults(check(rules, found.facts), said());
}

async function begin() {
  if (!list) return;
  await load();
  showWhatMatters();
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => load().then(showWhatMatters, showWhatMatters), 200);
  });
  form.addEventListener("submit", submit);
}

// Without a network the page stays as the server drew it.
export const ready = begin().catch(() => {});
