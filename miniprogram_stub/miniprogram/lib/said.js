// Answers in words, for the last look; portal/handover/frozen.py words them for the office.
import { get } from "./api.js";
import { applies } from "./form.js";
import { keep, kept } from "./store.js";
import { yuan } from "./words.js";

// [{label, words}] of what is answered.
export async function said(fields, answers) {
  const lines = [];
  for (const field of fields.filter((one) => answers[one.name] !== undefined && answers[one.name] !== null)) {
    const value = answers[field.name];
    lines.push({ label: field.label, words: await words(field, value) });
    if (field.kind !== "people") continue;
    for (let number = 0; number < value.length; number += 1) {
      const inside = await said(field.fields.filter((one) => applies(one, value[number])), value[number]);
      lines.push({ label: `第${number + 1}个人`, words: inside.map((line) => line.words).join("；") });
    }
  }
  return lines;
}

async function words(field, value) {
  switch (field.kind) {
    case "choice":
      return label(field, value);
    case "choices":
      return value.map((one) => label(field, one)).join("、");
    case "yes_no":
    case "consent":
      return value ? "是" : "否";
    case "money":
      return value === "unsure" ? "说不清，上门时再核" : yuan(value) + "元";
    case "people":
      return value.length + "人";
    case "place":
      return (await placeName(value.code)) + (value.address || "");
    default:
      return String(value);
  }
}

function label(field, value) {
  const found = field.options.find((option) => option.value === value);
  return found ? found.label : String(value);
}

// The full name of a place of which only the code is known.
export async function placeName(code) {
  if (!code) return "";
  const known = kept("places", {});
  if (known[code]) return known[code];
  const beside = await get("/api/regions?parent=" + parentOf(code)).catch(() => []);
  const found = beside.find((region) => region.code === code);
  if (found) keep("places", Object.assign(known, { [code]: found.full_name }));
  return found ? found.full_name : code;
}

// 6 digits to the county, 9 for a township, 12 for a village.
function parentOf(code) {
  if (code.length > 6) return code.slice(0, -3);
  if (!code.endsWith("00")) return code.slice(0, 4) + "00";
  return code.endsWith("0000") ? "" : code.slice(0, 2) + "0000";
}
