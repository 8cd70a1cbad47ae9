// A second program for the same person: what was typed for the first stands on the new sheet, to be
// looked at. It counts as typed when its page is saved, or the file is finished.

import { who } from "./seal.js";

// Offered of whoever began it here, for the same person. Closed files nobody reads, and of two who
// are not signed in nobody knows whether they are one.
export function lend(form, program, entries, start) {
  entries.filter(([, one]) => one.begun && one.program !== program && one.who === who() && (one.kind || (one.who && !one.person))).forEach(([, { id, person, kind, helper, short }]) => {
    const over = taken(entries.filter(([at, one]) => at.startsWith(id) && one.typed).map(([, one]) => one));
    const textContent = `用${person || "自己"}${short}里填过的`;
    const onclick = () => start({ person, kind, helper, over });
    if (Object.keys(over).length) form.before(Object.assign(document.createElement("button"), { className: "go second", textContent, onclick }));
  });
}

// By page, the answers to questions in the same words, and lists of people; agreeing is said anew.
function taken(topics) {
  const said = Object.assign({}, ...topics.map((one) => one.asked));
  const typed = [].concat(...topics.map((one) => one.typed));
  const over = {};
  document.querySelectorAll("[data-asked]").forEach((part) => {
    const { name, kind, asked } = part.dataset;
    const { page } = part.closest("[data-page]").dataset;
    if (!said[name] || (kind !== "people" && (kind === "consent" || asked !== said[name]))) return;
    (over[page] = over[page] || { typed, touched: [] }).touched.push(name);
  });
  return over;
}
