// Whether a condition holds for these answers. portal/policy/conditions.py says the same in Python.
// Pure: no page, no network; both clients use it as it is.

export function holds(condition, answers) {
  const parts = condition || {};
  return Object.keys(parts).every((key) => part(key, parts[key], answers));
}

export function answered(name, answers) {
  const answer = own(answers, name);
  if (answer === null || answer === undefined) return false;
  if (typeof answer === "string") return answer.trim() !== "";
  if (Array.isArray(answer)) return answer.length > 0;
  if (typeof answer === "object") {
    return Object.keys(answer).some((key) => typeof answer[key] === "string" && answer[key].trim() !== "");
  }
  return true;
}

function part(key, wanted, answers) {
  if (key === "all") return wanted.every((inner) => holds(inner, answers));
  if (key === "any") return wanted.some((inner) => holds(inner, answers));
  if (key === "not") return !holds(wanted, answers);
  if (key === "answered") return answered(wanted, answers);
  const given = own(answers, key);
  const values = Array.isArray(wanted) ? wanted : [wanted];
  const chosen = Array.isArray(given) ? given : [given];
  return chosen.some((one) => one !== null && one !== undefined && values.includes(one));
}

// A field named like something every object inherits ("constructor") is unanswered, as in Python.
function own(answers, name) {
  return Object.prototype.hasOwnProperty.call(answers, name) ? answers[name] : undefined;
}
