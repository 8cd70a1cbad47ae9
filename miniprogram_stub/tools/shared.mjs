// Both clients use the same logic: static/shared is copied here byte for byte, and the copy checked.
//   node tools/shared.mjs [--check]
import fs from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const source = path.join(here, "../../static/shared");
const copy = path.join(here, "../miniprogram/shared");

export function differing() {
  const names = fs.readdirSync(source).filter((name) => name.endsWith(".js"));
  const stray = fs.existsSync(copy) ? fs.readdirSync(copy).filter((name) => !names.includes(name)) : [];
  const same = (name) => {
    const made = path.join(copy, name);
    return fs.existsSync(made) && fs.readFileSync(made).equals(fs.readFileSync(path.join(source, name)));
  };
  return names.filter((name) => !same(name)).concat(stray);
}

function renew() {
  fs.rmSync(copy, { recursive: true, force: true });
  fs.mkdirSync(copy, { recursive: true });
  for (const name of fs.readdirSync(source)) fs.copyFileSync(path.join(source, name), path.join(copy, name));
}

if (process.argv[1] === import.meta.filename) {
  if (!process.argv.includes("--check")) renew();
  const wrong = differing();
  if (wrong.length) {
    console.error(`miniprogram/shared is no copy of static/shared: ${wrong.join(", ")}. Run: node tools/shared.mjs`);
    process.exit(1);
  }
}
