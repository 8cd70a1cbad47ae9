// npm run build: the client and the runtime that plays WeChat, for a browser, in dist/.
import fs from "node:fs";
import path from "node:path";
import esbuild from "esbuild";
import { compileApp } from "./compile.mjs";

const here = import.meta.dirname;

export function build(client = path.join(here, "../miniprogram"), dist = path.join(here, "../dist")) {
  const made = compileApp(client);
  put(dist, "app.js", esbuild.transformSync(made.js, { minifyWhitespace: true }).code);
  put(dist, "app.css", made.css);
  for (const name of made.assets) put(dist, name, fs.readFileSync(path.join(client, name)));
  buildRuntime(dist);
  return made;
}

export function buildRuntime(dist) {
  const options = { bundle: true, minify: true, write: false, target: "es2020", define: { "process.env.NODE_ENV": '"production"' } };
  const bundled = (entry) => esbuild.buildSync({ ...options, format: "iife", entryPoints: [path.join(here, "runtime", entry)] }).outputFiles[0].text;
  put(dist, "runtime.js", bundled("host.js"));
  put(dist, "base.css", bundled("base.css"));
  for (const name of fs.readdirSync(path.join(here, "page"))) put(dist, name, fs.readFileSync(path.join(here, "page", name)));
}

// What is the same already is left alone: somebody may be reading it.
function put(dist, name, content) {
  const file = path.join(dist, name);
  if (fs.existsSync(file) && fs.readFileSync(file).equals(Buffer.from(content))) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file + ".new", content);
  fs.renameSync(file + ".new", file);
}

if (process.argv[1] === import.meta.filename) {
  const made = build();
  made.problems.forEach((problem) => console.error(problem));
  console.log(`${made.pages.length} pages, ${made.problems.length} problems`);
  process.exit(made.problems.length ? 1 : 0);
}
