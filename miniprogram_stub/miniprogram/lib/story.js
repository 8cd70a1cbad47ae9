// The timeline of a case as its page draws it.

export function headOf(story) {
  return {
    program: story.program,
    number: story.reference_no,
    status: story.status,
    stage: story.stage,
    turn: story.turn,
    heading: story.turn === "you" ? "轮到您了" : story.turn === "nobody" ? story.stage : "轮到" + story.turn_text,
    lastWord: story.last_word || "",
    what: story.next.what,
    by: story.turn === "nobody" ? "" : story.next.by_text,
    overdue: Boolean(story.next.overdue),
    call: story.call.text,
    phone: story.call.number || story.call.hotline,
    hours: story.call.hours || "",
    basis: story.remedy_basis || "",
  };
}

const TAGS = { done: "办完", now: "正在这一步" };

export function stagesOf(story) {
  return story.stages.map(({ key, title, state, on_text, limit, basis }) => ({ key, title, state, on_text, limit, basis, tag: TAGS[state] || "" }));
}

// Newest first; what was put right since is left out.
export function historyOf(story) {
  return story.history.filter((one) => !one.corrected).reverse().map(({ text, on_text, sentence }, key) => ({ key, text, on_text, sentence: sentence || "" }));
}

export function clocksOf(story) {
  const bar = story.clock ? story.clock.bar : [];
  return bar.filter((clock) => ["running", "late"].includes(clock.state)).map(({ key, title, state, percent, words, due_text, basis }) => ({
    key, title, words, due_text, late: state === "late", percent: Math.min(percent || 0, 100), basis: basis || "没有公布天数",
  }));
}

// The money: this month, why it changed, and the months before.
export function moneyOf(payments) {
  if (!payments) return null;
  const row = ({ month_text, amount_text, subsidy_text, on_text, failed, why }, key) => ({ key, month: month_text, amount: amount_text, subsidy: subsidy_text || "", on: on_text, failed: Boolean(failed), bank: why || "" });
  return { newest: row(payments.newest, 0), why: payments.why, rows: payments.rows.map(row) };
}

// When somebody comes, and how far the means check is.
export function checkOf(told) {
  if (!told) return null;
  const { visit, check } = told;
  return { visit: visit ? visit.at_text : "", who: visit ? visit.names.join("、") : "", change: visit ? visit.change : "", text: check ? check.text : "" };
}

// Each thing asked for: answered in its step of the form, or by a photo.
export function corrections(story, form) {
  return story.corrections.map(({ item, title, sentence, answered }) => {
    const step = form.steps.find((one) => one.fields.some((field) => field.name === item));
    return { item, title, sentence, answered: Boolean(answered), step: step ? step.key : "" };
  });
}
