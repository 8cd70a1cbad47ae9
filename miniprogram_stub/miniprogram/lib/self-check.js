// The self-check's questions as fields, and its results as cards; static/assets/check.js draws the same.

const ORDER = ["may_fit", "cannot_tell", "covered_by", "does_not_seem_to"];
const STATES = { holds: "合", fails: "不合", unknown: "还不知道", office: "窗口会核" };

export function asField(question) {
  const options = (question.options || []).map(([value, label]) => ({ value, label }));
  return { name: question.name, kind: question.kind, label: question.label, hint: question.hint || "", options, most: 20 };
}

export function rank({ program, outcome }) {
  const at = ORDER.indexOf(outcome);
  return at + (program === "cishan" || at > 1 ? 9 : 0);
}

// What can be begun together, what is proposed first and ticked; nothing that is applied for elsewhere or goes to charity.
export function offered(cards, ways) {
  const listed = cards.filter((one) => one.form && ways[one.program] !== "alone").map(({ program, title, label }) => ({ program, title, label, on: ways[program] === "tick" }));
  return listed.filter((one) => one.on).concat(listed.filter((one) => !one.on));
}

export function card(result, programs) {
  const about = (id) => programs.find((one) => one.id === id) || {};
  const tests = [].concat(...result.tracks.map((track) => track.tests));
  return {
    program: result.program,
    title: result.title,
    label: result.label,
    stronger: result.by && result.by !== result.program ? about(result.by).title : "",
    note: result.note || "",
    amount: (result.amount && result.amount.words) || "",
    toCheck: result.to_check,
    unfit: result.outcome === "does_not_seem_to",
    fits: result.outcome === "may_fit",
    form: Boolean(about(result.program).form),
    disclaimer: result.disclaimer,
    isOpen: false,
    tests: tests.map(({ state, title, yours, line, source }, key) => ({ key, state: STATES[state], title, yours: yours || "", line: line || "", source: source.document + source.article + (source.note ? `（${source.note}）` : "") })),
  };
}
