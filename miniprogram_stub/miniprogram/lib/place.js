// Where the person lives, as chosen once: amounts, windows and time limits follow it.
import { keep, kept } from "./store.js";
import { outOf } from "./words.js";

export function remembered() {
  return kept("place", { code: "", name: "" });
}

export function settle(place) {
  keep("place", { code: place.code || "", name: place.name || "" });
}

// What a poster's link or code says: ?region=&program=, or the 32 characters of ?scene=r=…&p=…
export function places(query) {
  const scene = outOf(query.scene).split("&").reduce((all, pair) => {
    const [name, value = ""] = pair.split("=");
    return Object.assign(all, { [name]: value });
  }, /** @type {Record<string, string>} */ ({}));
  return { region: digits(query.region || scene.r), program: letters(query.program || scene.p) };
}

function digits(text) {
  return /^\d{6}(\d{3}){0,2}$/.test(text || "") ? text : "";
}

function letters(text) {
  return /^[a-z]{2,20}$/.test(text || "") ? text : "";
}
