// What fits a household, rule by rule, from the JSON of one place and day.
// portal/policy/eligibility/{questions,household,judging,words,engine}.py say the same in Python;
// the examples of every program run in both. Pure: no page, no network. Money is whole 分.

import { holds } from "./conditions.js";

const FAILS = 0;
const UNKNOWN = 1;
const OFFICE = 2;
const HOLDS = 3;
const STATES = ["fails", "unknown", "office", "holds"];
const OUTCOMES = ["does_not_seem_to", "cannot_tell", "may_fit", "may_fit"];
const LABELS = {
  may_fit: "可能符合",
  does_not_seem_to: "看起来不符合",
  cannot_tell: "还说不准",
  covered_by: "已有更强的救助",
};
const INCOMES = ["income_wage", "income_business", "income_property", "income_transfer"];
const RIGID = ["expense_medical", "expense_education", "expense_rehab", "expense_other"];
const FINER = ["income_exempt", "income_pension", "expense_work"].concat(RIGID);
const NAMES = [["dibao", "低保"], ["tekun", "特困"], ["dibian", "低保边缘"], ["gangxing", "刚性支出困难"]];
const ONCE = { least: [1, 1], most: [1, 1], confirmed: true, words: "" };

// The facts of these answers, or a sentence for each fault.
export function read(pack, answers) {
  const errors = {};
  const known = pack.questions.map((question) => question.name);
  Object.keys(answers).forEach((name) => {
    if (!known.includes(name)) errors[name.slice(0, 40)] = ["没有这个问题。"];
  });
  pack.questions.forEach((question) => {
    const given = own(answers, question.name);
    const wrong = given === null || given === undefined ? "" : fault(question, given);
    if (wrong) errors[question.name] = [wrong];
  });
  if (Object.keys(errors).length) return { facts: {}, errors };
  const facts = {};
  pack.questions.forEach((question) => {
    const given = own(answers, question.name);
    const unknown = given === undefined || given === "unsure" || (Array.isArray(given) && (!given.length || given[0] === "unsure"));
    facts[question.name] = !applies(question, answers) || unknown ? null : given;
  });
  pack.contradictions.forEach((rule) => {
    const most = rule.most.map((name) => facts[name]);
    const sum = rule.sum.reduce((all, name) => all + (facts[name] || 0), 0);
    if (!most.includes(null) && sum > most.reduce((all, one) => all + one, 0)) errors[rule.field] = [rule.says];
  });
  return { facts, errors };
}

export function applies(question, answers) {
  return !question.when || holds(question.when, answers);
}

// {results, steps, ask} for facts as read gives them.
export function check(pack, facts) {
  const home = household(facts);
  const ask = [];
  const results = pack.programs.map((program) => {
    const judged = judgeProgram(program, pack, home);
    home.verdicts[program.id] = judged.result.outcome;
    ask.push(...judged.ask);
    return judged.result;
  });
  return { results, steps: steps(home, pack.pension), ask: ask.filter((name, at) => ask.indexOf(name) === at) };
}

// Which programs to propose: tick · elsewhere · by_itself · maybe · covered · unfit · alone.
// portal/policy/eligibility/proposing.py says the same.
export function propose(pack, facts, results) {
  const pointed = (facts.happened || []).reduce((all, one) => all.concat(own(pack.proposals, one) || []), []);
  const ways = {};
  results.forEach(({ program, outcome }) => {
    const { alone, form } = pack.programs.find((one) => one.id === program);
    const tells = outcome === "may_fit" || (outcome === "cannot_tell" && pointed.includes(program));
    if (alone) ways[program] = "alone";
    else if (tells) ways[program] = form ? "tick" : "elsewhere";
    else ways[program] = { cannot_tell: "maybe", covered_by: "covered" }[outcome] || "unfit";
  });
  pack.programs.forEach(({ id, below }) => {
    if (ways[id] === "tick") below.forEach((one) => { if (ways[one] === "maybe") ways[one] = "by_itself"; });
  });
  return ways;
}

function own(answers, name) {
  return Object.prototype.hasOwnProperty.call(answers, name) ? answers[name] : undefined;
}

function fault(question, given) {
  const isOption = (one) => (question.options || []).some((option) => option[0] === one);
  if (question.kind === "count" || question.kind === "money") return given === "unsure" ? "" : numberFault(question, given);
  if (question.kind === "choice") return isOption(given) ? "" : "请从列出的里面选。";
  if (!Array.isArray(given) || !given.every(isOption)) return "请从列出的里面选。";
  const alone = given.length > 1 && given.some((one) => one === "none" || one === "unsure");
  return alone ? "选了“没有”或“说不清”，别的就不选。" : "";
}

function numberFault(question, given) {
  if (!Number.isInteger(given)) return "这里要填整数。";
  if (question.least <= given && given <= question.most) return "";
  if (question.kind === "money") return "请填0到" + divided(question.most, 100) + "元之间的数。";
  return "请填" + question.least + "到" + question.most + "之间的数。";
}

// ---- quantities as intervals: [from, to], to null: no upper end

function household(facts) {
  const members = facts.members ? [facts.members, facts.members] : [1, 30];
  const rigid = total(RIGID.map((name) => interval(facts[name])));
  const counted = countedIncome(facts, rigid);
  const home = { facts, members, rigid, counted, area: facts.area || "unsure", verdicts: {} };
  home.gross = total(INCOMES.map((name) => interval(facts[name])));
  home.own = facts.members === 1 ? counted.exempt : interval(facts.own_income);
  if (facts.members === null) home.own = [0, null];
  return home;
}

function interval(amount) {
  return amount === null ? [0, null] : [amount, amount];
}

function total(parts) {
  const low = parts.reduce((all, part) => all + part[0], 0);
  const open = parts.some((part) => part[1] === null);
  return [low, open ? null : parts.reduce((all, part) => all + part[1], 0)];
}

function countedIncome(facts, rigid) {
  const [wage, business, rent, transfer] = INCOMES.map((name) => interval(facts[name]));
  const exempt = facts.income_exempt;
  const pension = facts.income_pension;
  const surely = exempt === null || pension === null ? 0 : Math.max(0, transfer[0] - exempt - pension);
  const work = facts.expense_work;
  const sum = (work === null ? 0 : Math.max(0, wage[0] - work)) + business[0] + rent[0] + surely;
  const low = rigid[1] === null ? 0 : Math.max(0, sum - rigid[1]);
  const highs = [wage[1], business[1], rent[1], transfer[1]];
  if (highs.includes(null)) return { both: [low, null], exempt: [low, null] };
  const without = highs.reduce((all, one) => all + one, 0) - (exempt || 0);
  return { both: [low, Math.max(low, without)], exempt: [low, Math.max(low, without - (pension || 0))] };
}

// ---- one program

function judgeProgram(program, pack, home) {
  let best = FAILS;
  const shown = [];
  const ways = [];
  const ask = [];
  const toCheck = [];
  program.tracks.forEach((track) => {
    const one = judgeTrack(track, pack, home);
    shown.push({ key: track.key, title: track.title, state: STATES[one.state], tests: one.traced });
    home.verdicts[program.id + "." + track.key] = OUTCOMES[one.state];
    best = Math.max(best, one.state);
    if (one.state === UNKNOWN) ask.push(...one.ask);
    if (one.state >= OFFICE) {
      ways.push(track.key);
      toCheck.push(...one.office);
    }
  });
  const [outcome, by] = covered(program, home, program.tracks.length ? OUTCOMES[best] : "cannot_tell");
  const result = described(program, pack, outcome, by, shown, best === OFFICE ? toCheck : []);
  if (outcome === "may_fit" && program.amount) result.amount = amount(home, pack, program.amount, ways);
  return { result, ask: outcome === "cannot_tell" ? ask : [] };
}

function described(program, pack, outcome, by, shown, toCheck) {
  const checked = outcome === "may_fit" ? toCheck.filter((one, at) => toCheck.indexOf(one) === at) : [];
  const label = checked.length ? "可能符合，还要核" : LABELS[outcome];
  return {
    program: program.id,
    title: program.title,
    outcome,
    label: by === program.id ? "已经是了，不用再申请" : label,
    by,
    to_check: checked,
    tracks: shown,
    amount: null,
    note: program.note,
    disclaimer: pack.disclaimer,
  };
}

function covered(program, home, outcome) {
  const recognised = home.facts.recognised || [];
  if (recognised.includes(program.id)) return ["covered_by", program.id];
  if (outcome === "does_not_seem_to") return [outcome, ""];
  const stronger = program.covered_by.find((one) => {
    if (one.alone && home.facts.members !== 1) return false;
    const fits = home.verdicts[one.track ? one.program + "." + one.track : one.program] === "may_fit";
    return fits || recognised.includes(one.program);
  });
  return stronger ? ["covered_by", stronger.program] : [outcome, ""];
}

function judgeTrack(track, pack, home) {
  let state = HOLDS;
  const ask = [];
  const office = [];
  const traced = track.tests.map((one) => {
    const judged = judge(one.test, pack, home);
    state = Math.min(state, judged.state);
    if (judged.state === UNKNOWN) ask.push(...judged.ask);
    if (judged.state === OFFICE) office.push(one.title);
    return { key: one.key, title: one.title, state: STATES[judged.state], yours: judged.yours, line: judged.line, source: one.source };
  });
  return { state, traced, ask, office };
}

// ---- one test: state, your figure, the line, what is still to ask

function judge(test, pack, home) {
  const kind = Object.keys(KINDS).find((name) => own(test, name) !== undefined);
  return KINDS[kind](test, pack, home);
}

const KINDS = {
  fact(test, pack, home) {
    const given = home.facts[test.fact];
    const yours = ofFact(test.fact, pack, home);
    if (given === null) return judged(UNKNOWN, yours, "", [test.fact]);
    let met;
    if (test.is) {
      met = Array.isArray(given) ? given.some((one) => test.is.includes(one)) : test.is.includes(given);
    } else {
      met = (test.from === undefined || given >= test.from) && (test.under === undefined || given < test.under);
    }
    return judged(met ? HOLDS : FAILS, yours, "", [test.fact]);
  },
  income(test, pack, home) {
    const alone = test.income === "own";
    const line = pack.lines[test.below][home.area];
    const times = test.times ? pack.times : ONCE;
    const income = alone ? home.own : home.counted[pack.pension];
    const members = alone ? [1, 1] : home.members;
    const [of, over] = times.least;
    const most = times.most;
    let state = UNKNOWN;
    if (income[1] !== null && income[1] * over < line.low * of * members[0]) {
      state = times.confirmed ? HOLDS : OFFICE;
    } else if (line.high !== null && most !== null && income[0] * most[1] >= line.high * most[0] * members[1]) {
      state = FAILS;
    }
    const said = times.words ? line.words + "，它的" + times.words : line.words;
    return judged(state, perHead(income, members, alone), said, state === UNKNOWN ? wanted(home, income[1], alone) : []);
  },
  share(test, pack, home) {
    const said = pack.share ? pack.share[0] + "/" + pack.share[1] : "没有查到，窗口会核";
    const state = pack.share ? compared(home.rigid, home.gross, pack.share) : UNKNOWN;
    const yours = ofShare(home.rigid, home.gross);
    const missing = RIGID.concat(INCOMES).filter((name) => home.facts[name] === null);
    return judged(state, yours, said, state === UNKNOWN ? missing : []);
  },
  fits(test, pack, home) {
    const recognised = home.facts.recognised || [];
    const yours = ofRecognised(recognised);
    if (test.fits.some((program) => recognised.includes(program))) return judged(HOLDS, yours, "", []);
    const of = { may_fit: OFFICE, covered_by: OFFICE, cannot_tell: UNKNOWN };
    let state = Math.max(...test.fits.map((program) => of[home.verdicts[program]] || FAILS));
    if (state === FAILS && home.facts.recognised === null) state = UNKNOWN;
    return judged(state, yours, "", ["recognised"]);
  },
  office(test, pack, home) {
    return judged(OFFICE, test.office ? ofFact(test.office, pack, home) : "", "窗口会核", []);
  },
  all(test, pack, home) {
    return several(test.all, pack, home, HOLDS, Math.min);
  },
  any(test, pack, home) {
    return several(test.any, pack, home, FAILS, Math.max);
  },
  open(test, pack, home) {
    const inner = judge(test.open, pack, home);
    if (inner.state !== FAILS) return inner;
    return judged(UNKNOWN, inner.yours, inner.line || "还有别的情形，窗口会核", []);
  },
};

function judged(state, yours, line, ask) {
  return { state, yours, line, ask };
}

function several(parts, pack, home, start, which) {
  const found = judged(start, "", "", []);
  parts.forEach((part) => {
    const one = judge(part, pack, home);
    found.state = which(found.state, one.state);
    ["yours", "line"].forEach((key) => {
      if (one[key] && !found[key].includes(one[key])) found[key] = found[key] ? found[key] + "；" + one[key] : one[key];
    });
    if (one.state === UNKNOWN) found.ask.push(...one.ask);
  });
  return found;
}

// The incomes first; once they are known, what may be left out.
function wanted(home, high, alone) {
  const outside = alone && home.facts.members !== 1;
  const first = ["members", "area"].concat(outside ? ["own_income"] : INCOMES);
  const missing = first.filter((name) => home.facts[name] === null);
  if (missing.length || high === null || outside) return missing;
  return FINER.filter((name) => home.facts[name] === null);
}

function compared(rigid, gross, share) {
  const [of, over] = share;
  if (gross[1] !== null && rigid[0] * over > gross[1] * of) return HOLDS;
  if (rigid[1] !== null && rigid[1] * over <= gross[0] * of) return FAILS;
  return UNKNOWN;
}

// ---- words and sums

function divided(amount, by) {
  return (amount - (amount % by)) / by;
}

export function yuan(cents) {
  const rest = cents % 100;
  return String(divided(cents, 100)) + (rest ? "." + (rest < 10 ? "0" : "") + rest : "");
}

function ofShare(rigid, gross) {
  if (rigid[1] === null) return "";
  const spent = "花费" + yuan(rigid[1]) + "元";
  if (gross[1] === null) return gross[0] ? spent + "，收入至少" + yuan(gross[0]) + "元" : spent;
  return spent + "，收入" + yuan(gross[1]) + "元";
}

function perHead(income, members, alone) {
  const [low, high] = income;
  if (high === null && (low === 0 || alone)) return "";
  const who = alone ? "自己每月" : "每人每月";
  const least = divided(low, 12 * members[1]);
  if (high === null) return who + "至少" + yuan(least) + "元";
  const most = divided(high, 12 * members[0]);
  return who + (least === most ? yuan(least) : yuan(least) + "元到" + yuan(most)) + "元";
}

function ofFact(name, pack, home) {
  const question = pack.questions.find((one) => one.name === name);
  const given = home.facts[name];
  if (given === null) return "";
  const options = question.options || [];
  let said = String(given) + (question.unit || "");
  if (question.kind === "money") said = yuan(given) + "元";
  if (question.kind === "choice") said = options.find((one) => one[0] === given)[1];
  if (question.kind === "choices") said = options.filter((one) => given.includes(one[0])).map((one) => one[1]).join("、");
  return question.short + "：" + said;
}

function ofRecognised(recognised) {
  const names = NAMES.filter((one) => recognised.includes(one[0])).map((one) => one[1]);
  return "已认定：" + (names.join("、") || "没有");
}

function steps(home, pension) {
  const facts = home.facts;
  if (INCOMES.some((name) => facts[name] === null) || facts.members === null) return [];
  const found = [step("全家一年的收入", home.gross[0], home.gross[0])];
  [
    ["不计入的钱", "income_exempt", true],
    [pension === "both" ? "基础养老金（算与不算都试）" : "基础养老金（不算收入）", "income_pension", pension === "exempt"],
    ["为了上班花的钱（扣多少当地定）", "expense_work", false],
  ].forEach(([label, name, sure]) => {
    if (facts[name]) found.push(step(label, -facts[name], sure ? -facts[name] : 0));
  });
  if (home.rigid[1]) found.push(step("看病上学等花费（扣多少当地定）", -home.rigid[1], 0));
  const [low, high] = home.counted[pension];
  found.push(step("算下来一年", low, high === null ? low : high));
  return found;
}

function step(label, low, high) {
  return { label, low, high };
}

function amount(home, pack, method, ways) {
  if (method === "standard") return standard(pack.lines.tekun[home.area]);
  if (method !== "difference" || !ways.includes("household")) return null;
  if (home.area === "unsure" || !pack.benefit) return null;
  if (pack.benefit[home.area] === "tiers") return { low: null, high: null, words: "这里分档发，各档多少没有查到。" };
  return difference(home, pack);
}

function standard(line) {
  if (!line.low) return null;
  const low = divided(line.low, 12);
  return { low, high: null, words: "基本生活费每月至少" + yuan(low) + "元，另有照料的钱。" };
}

function difference(home, pack) {
  const line = pack.lines.dibao[home.area];
  const [least, most] = home.counted[pack.pension];
  const people = home.members[0];
  if (most === null || home.members[1] !== people) return null;
  const low = divided(Math.max(0, line.low * people - most), 12);
  if (line.high === null) return { low, high: null, words: "全家每月大约至少" + yuan(low) + "元。" };
  const high = divided(Math.max(0, line.high * people - least), 12);
  return { low, high, words: "全家每月大约" + (low === high ? yuan(low) : yuan(low) + "到" + yuan(high)) + "元。" };
}
