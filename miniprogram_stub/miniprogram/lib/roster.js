// The village's households as the roster draws them.
import { STATUS } from "./statuses.js";
import { dayOf, today } from "./words.js";

const NOWHERE = "没写哪个组";
const SIEVES = [["", "全部"], ["waiting", "等您办"], ["unvisited", "30天没去过"]];

// As many as an old phone shows at once; of more the groups come first.
export const MOST_AT_ONCE = 60;

export function sieves(households, only) {
  return SIEVES.map(([key, title]) => ({ key, title: `${title} ${sifted(households, key).length}`, on: key === only }));
}

export function sifted(households, only) {
  return only ? households.filter((one) => one[only]) : households;
}

// [{title, due, households: [as drawn]}] in the order they come.
export function groups(households, villages, programs) {
  const found = [];
  households.forEach((one, key) => {
    const title = headed(one, villages);
    if (!found.length || found[found.length - 1].title !== title) found.push({ title, due: 0, households: [] });
    const group = found[found.length - 1];
    group.due += one.waiting ? 1 : 0;
    group.households.push(drawn(one, key, programs));
  });
  return found;
}

// What the mandates in force open, for whose.js.
export function opened(households) {
  return households.filter((one) => one.mandate_id && one.state === "open").map((one) => ({ id: one.mandate_id, person: one.name, applications: one.applications }));
}

export function hasReturned(households) {
  return households.some((one) => one.applications.some((file) => file.status === "returned"));
}

function headed({ village, group }, villages) {
  const place = villages.length > 1 ? (villages.find((one) => one.code === village) || { name: "" }).name : "";
  return place + (group || NOWHERE);
}

function drawn(one, key, programs) {
  const short = (id) => (programs.find((program) => program.id === id) || { short: "申请" }).short;
  const wentToday = one.visited_on === today();
  return {
    key: one.id || one.mandate_id || String(key),
    id: one.id || "",
    name: one.name,
    house: one.house,
    state: one.state,
    mandate: one.mandate_id || "",
    waiting: one.waiting,
    files: one.applications.map((file) => ({ id: file.id, words: `${short(file.program_id)}：${STATUS[file.status] || "办理中"}` })),
    visited: !one.visited_on ? "还没去过" : wentToday ? "今天去过了" : `${dayOf(one.visited_on)}去过`,
    wentToday,
  };
}
