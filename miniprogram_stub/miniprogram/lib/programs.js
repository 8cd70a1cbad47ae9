// The programs and their guides; kept on the phone, so that they can be read without a signal.
import { get } from "./api.js";
import { keep, kept } from "./store.js";

export function programs(region) {
  return orKept("programs", "/api/programs" + inRegion(region));
}

export function program(id, region) {
  return orKept("program:" + id, `/api/programs/${id}${inRegion(region)}`);
}

// ## headings, - lists and paragraphs, as lines to draw. A source in brackets at the end is quieter.
export function blocks(guide) {
  return guide.split("\n").filter((line) => line.trim()).map((line, key) => {
    const kind = line.startsWith("## ") ? "heading" : line.startsWith("- ") ? "point" : "text";
    const words = line.replace(/^(## |- )/, "");
    const source = kind === "heading" ? "" : (words.match(/（[^（）]*(?:（[^（）]*）[^（）]*)*）$/) || [""])[0];
    return { key, kind, text: source.length > 4 ? words.slice(0, -source.length) : words, source: source.length > 4 ? source.slice(1, -1) : "" };
  });
}

function inRegion(code) {
  return code ? "?region=" + code : "";
}

async function orKept(name, path) {
  try {
    const found = await get(path);
    keep(name, found);
    return found;
  } catch (fault) {
    const before = kept(name, null);
    if (!fault.isOffline || !before) throw fault;
    return before;
  }
}
