// WXML and WXS: compiled by glass-easel, WeChat's own framework; and what it lets pass, refused.
import { createRequire } from "node:module";
import path from "node:path";
import { fileOf, read } from "./walk.mjs";
import { BUILTINS } from "./tags.mjs";

const { TmplGroup } = createRequire(import.meta.url)("glass-easel-template-compiler");
const BINDING = /\b(?:capture-)?(?:mut-)?(?:bind|catch):?[\w-]+="([A-Za-z_$][\w$]*)"/g;
const CALL = /([A-Za-z_$][\w$]*)(?:[\w$.[\]'"]*)\s*\(/g;
const TOO_NEW = /\?\?|\?\.(?!\d)|`|=>/;

// {code, handlers: {code path: [names bound]}}
export function compileTemplates(app) {
  const state = { ...app, group: new TmplGroup(), seen: new Set(), scripts: new Set(), handlers: {} };
  Object.keys(app.components).forEach((code) => addTemplate(state, code));
  return { code: state.group.getTmplGenObjectGroups(), handlers: state.handlers };
}

function addTemplate(state, code) {
  const file = fileOf(state.root, code, ".wxml");
  if (!file || state.seen.has(code)) return;
  state.seen.add(code);
  const { group, problems } = state;
  for (const fault of group.addTmpl(code, read(file))) {
    problems.push(`${code}.wxml:${fault.startLine + 1}:${fault.startColumn + 1}: ${fault.message}`);
  }
  const inline = [...group.getInlineScriptModuleNames(code)];
  inline.forEach((name) => group.setInlineScript(code, name, constructors(group.getInlineScript(code, name))));
  lint(state, code, read(file), inline);
  group.getDirectDependencies(code).forEach((one) => addTemplate(state, one));
  group.getScriptDependencies(code).forEach((one) => addScript(state, one));
}

function addScript(state, code) {
  if (state.scripts.has(code)) return;
  state.scripts.add(code);
  const file = fileOf(state.root, code, ".wxs");
  if (!file) {
    state.problems.push(`${code}: has no .wxs file`);
    return;
  }
  const source = constructors(read(file));
  state.group.addScript(code, source);
  state.group.addScript(code + ".wxs", source); // a .wxs that requires another looks it up with the ending
  for (const [, given] of source.matchAll(/require\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    addScript(state, path.posix.join(path.posix.dirname(code), given).replace(/\.wxs$/, ""));
  }
}

// In WXS `x.constructor` is a string ("Array"); glass-easel leaves it a function.
function constructors(source) {
  return source.replace(/\.constructor\b(?!\.name)/g, ".constructor.name");
}

function lint(state, code, source, inline) {
  const at = (index) => `${code}.wxml:${source.slice(0, index).split("\n").length}`;
  const scripts = new Set([...inline, ...[...source.matchAll(/<wxs[^>]*\bmodule="(\w+)"/g)].map((match) => match[1])]);
  for (const match of source.matchAll(/\{\{([\s\S]*?)\}\}/g)) {
    const expression = match[1].replace(/'[^']*'|"[^"]*"/g, "''");
    const calls = [...expression.matchAll(CALL)].filter((call) => !scripts.has(call[1]));
    calls.forEach((call) => state.problems.push(`${at(match.index)}: {{ }} calls ${call[1]}; only functions of a <wxs> may be called`));
    if (TOO_NEW.test(expression)) state.problems.push(`${at(match.index)}: not every WeChat reads this: ${match[0]}`);
  }
  state.handlers[code] = [...source.matchAll(BINDING)].map((match) => match[1]);
  const known = state.components[code] ? Object.keys(state.components[code].usingComponents) : [];
  for (const match of source.matchAll(/<([a-z][\w-]*)/g)) {
    if (!BUILTINS.has(match[1]) && !known.includes(match[1])) state.problems.push(`${at(match.index)}: <${match[1]}> is neither built in nor in usingComponents`);
  }
  named(state, at, source);
}

// A control without words needs a name of its own: a screen reader would say only "button".
function named(state, at, source) {
  for (const match of source.matchAll(/<(input|textarea|picker|canvas|image|progress|switch|slider)\b([^>]*)>/g)) {
    if (!/aria-label=|aria-hidden=/.test(match[2])) state.problems.push(`${at(match.index)}: <${match[1]}> has no aria-label`);
  }
  for (const match of source.matchAll(/<(view|text)\b([^>]*)>/g)) {
    if (/bind:?tap=/.test(match[2]) && !/aria-role=/.test(match[2])) state.problems.push(`${at(match.index)}: a <${match[1]}> that is tapped has no aria-role`);
  }
}
