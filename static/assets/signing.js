// Signing without a signal: each with their own hand, on the phone that is lent them. Kept as a topic
// of the file is (draft.js) and sent after them. Its words come as they are signed, in signing.html.

import { keep, kept } from "./draft.js";
import { signing } from "./sign.js";

const GROWN = 18 * 31556952000;

async function parts() {
  return (await (await fetch(new URL("signing.html", import.meta.url))).text()).split("<hr>");
}

// One signer: a pad when it is opened; afterwards, that it is signed.
async function card(place, html, { id, seen }, signer, name, then) {
  place.insertAdjacentHTML("beforeend", html);
  const box = place.lastElementChild;
  const find = (what) => box.querySelector(`[data-${what}]`);
  const pad = find("pad");
  const step = "~" + signer;
  const key = `${id}/${step}`;
  const show = (signed) => {
    pad.hidden = signed;
    find("done").hidden = !signed;
  };
  let hand = null;
  box.querySelectorAll("b").forEach((one) => { one.textContent = name || one.textContent; });
  pad.ontoggle = () => { hand = hand || signing(pad); };
  find("keep").onclick = async () => {
    const strokes = hand();
    if (!strokes) return;
    const at = Date.now();
    const sign = { signer, name, strokes, at, version: pad.dataset.pad };
    const safe = await keep(key, { to: `/api/applications/${id}/signed`, page: `/applications/${id}/sign`, title: "签名", person: name, revision: 0, mark: at, at, sign });
    find("full").hidden = safe;
    show(safe);
    if (safe && then) then();
  };
  show(Boolean((await kept(key)) || (seen || {})[step]));
}

// Before a file for somebody else is filled in: whether they sign for the help now.
export async function agree(place, file) {
  const [mandate] = await parts();
  place.innerHTML = "";
  await new Promise((done) => {
    card(place, mandate, file, "mandate", file.person, done);
    place.querySelector("[data-later]").onclick = done;
  });
}

const value = (name) => (document.querySelector(`[name="${name}"]`) || { value: "" }).value.trim();

function isChild(row) {
  const born = value(row + ".id_number").slice(6, 14).replace(/(....)(..)/, "$1/$2/") || ["y", "m", "d"].map((part) => value(`${row}.birth_date.${part}`)).join("/");
  return Date.parse(born) > Date.now() - GROWN;
}

// The page of signatures: everybody who is asked, by what was typed.
export async function board(place, id) {
  const [, mandate, consent, signer] = await parts();
  const file = await kept(id + "/");
  place.innerHTML = "";
  if (file.kind && !file.mandate) card(place, mandate, file, "mandate", file.person);
  place.insertAdjacentHTML("beforeend", consent);
  card(place, signer, file, "applicant", value("applicant_name") || file.person);
  document.querySelectorAll('[data-row^="members."]').forEach(({ dataset: { row } }) => isChild(row) || card(place, signer, file, row.replace("members.", "member:"), value(row + ".name")));
}
