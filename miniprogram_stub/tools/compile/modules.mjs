// JavaScript: every module wrapped so that what a browser has and WeChat has not cannot be seen.
import { createRequire } from "node:module";
import path from "node:path";
import { fileOf, read } from "./walk.mjs";

const esbuild = createRequire(import.meta.url)("esbuild");
const GIVEN = "require,module,exports,wx,App,Page,Component,Behavior,getApp,getCurrentPages,globalThis,global";
const HIDDEN =
  "window,document,self,localStorage,sessionStorage,location,history,navigator,fetch,XMLHttpRequest,alert,FormData,Worker,process,Buffer,indexedDB";

export function bundleModules(app) {
  const state = { ...app, modules: {}, needs: {} };
  ["app", ...Object.keys(app.components)].forEach((code) => add(state, code));
  return Object.entries(state.modules)
    .map(([code, source]) => `R.define(${JSON.stringify(code)},function(${GIVEN},${HIDDEN}){"use strict";\n${source}\n},${JSON.stringify(state.needs[code])});`)
    .join("\n");
}

function add(state, code) {
  const file = fileOf(state.root, code, ".js");
  if (!file || code in state.modules) return;
  const source = read(file);
  lint(state, code, source);
  state.modules[code] = "";
  state.needs[code] = {};
  const plain = esbuild.transformSync(source, { format: "cjs", target: "es2018" }).code;
  for (const [, given] of plain.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    const found = resolve(state, code, given);
    if (!found) state.problems.push(`${code}.js: finds no "${given}"`);
    else add(state, (state.needs[code][given] = found));
  }
  state.modules[code] = plain;
}

function resolve(state, from, given) {
  const wanted = given.startsWith("/") ? given.slice(1) : path.posix.join(path.posix.dirname(from), given);
  const code = wanted.replace(/\.js$/, "");
  return fileOf(state.root, code, ".js") ? code : null;
}

function lint({ pages, problems }, code, source) {
  for (const [, url] of source.matchAll(/["'`]\/(pages\/[\w/-]+)/g)) {
    if (!pages.includes(url)) problems.push(`${code}.js: "/${url}" is no page of app.json`);
  }
  if (/\b(eval|new Function)\s*\(/.test(source)) problems.push(`${code}.js: WeChat has neither eval nor new Function`);
}
