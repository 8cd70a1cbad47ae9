// Money and moments as people say them.

const BEIJING = 8 * 60 * 60 * 1000;

// As portal/foundation/clock.py prints it: 2026年11月22日 09:05
export function spoken(text) {
  const at = new Date(new Date(text).getTime() + BEIJING);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

// 分 → 元
export function yuan(cents) {
  return cents % 100 ? (cents / 100).toFixed(2) : String(cents / 100);
}

// The day in Beijing, as the server writes days.
export function today() {
  return new Date(Date.now() + BEIJING).toISOString().slice(0, 10);
}

// 2026-11-03 → 11月3日
export function dayOf(text) {
  const [, month, day] = text.split("-").map(Number);
  return `${month}月${day}日`;
}

// 分 → 12,345.60
export function money(cents) {
  return (cents / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

// What goes into an address of ours, and out again: WeChat decodes nothing.
export const into = encodeURIComponent;
export const outOf = (text) => decodeURIComponent(text || "");
