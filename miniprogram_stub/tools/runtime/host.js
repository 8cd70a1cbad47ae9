// The host of a compiled mini-program: modules, App, Page, Component, the stack of pages.
import * as adapter from "glass-easel-miniprogram-adapter";
import { makeBackend } from "./backend.js";
import { defineBuiltins } from "./builtins.js";
import { defineInputs } from "./inputs.js";
import { createStack } from "./stack.js";
import { watchData } from "./strict.js";
import { ui } from "./ui.js";
import { createWx } from "./wx.js";

const { glassEasel } = adapter;
const root = globalThis;
root.getRegExp = (pattern, flags) => new RegExp(pattern, flags);
root.getDate = (...given) => (given.length ? new Date(...given) : new Date());

const environment = new adapter.MiniProgramEnv();
const space = environment.createCodeSpace("", true);
const backend = environment.associateBackend(makeBackend());
const sources = {};
const loaded = {};
const loading = [];
const sandbox = {};
let groups = {};
let app = null;

export const host = {
  problems: [],
  ui,
  wx: null,
  setup(config) {
    host.config = config;
  },
  templates(given) {
    groups = given;
  },
  define(code, source, needs) {
    sources[code] = { source, needs };
  },
  app: () => app,
  problem(sentence) {
    host.problems.push(sentence);
    console.error("[mini] " + sentence);
  },
  call,
  async boot({ mount, options = {}, entry } = {}) {
    host.mount = mount || root.document.body;
    host.stack = createStack(host, backend, space);
    host.wx = await createWx(host, options);
    ui.init(host);
    register();
    await host.stack.launch(entry, app);
    return host;
  },
};

function call(object, name, given) {
  return object && typeof object[name] === "function" ? object[name](given) : undefined;
}

function register() {
  const { comps, scopes, pages } = host.config;
  for (const [code, own] of Object.entries(comps)) {
    space.addComponentStaticConfig(code, own);
    if (groups[code]) space.addCompiledTemplate(code, { groupList: groups, content: groups[code] });
    space.addStyleSheet(code, undefined, scopes[code]);
  }
  load("app");
  Object.keys(comps).filter((code) => !comps[code].__page).forEach(load);
  pages.forEach(load);
}

function load(code) {
  if (loaded[code]) return loaded[code].exports;
  if (!sources[code]) throw new Error(`module '${code}.js' is not defined`);
  const { source, needs } = sources[code];
  const module = (loaded[code] = { exports: {} });
  const require = (given) => load(needs[given]);
  const isComponent = Boolean(host.config.comps[code]);
  if (isComponent) loading.push(code);
  try {
    source(require, module, module.exports, host.wx, (made) => (app = made), registrar("Page"), registrar("Component"), registrar("Behavior"), () => app, () => host.stack.instances(), sandbox, sandbox);
  } finally {
    if (isComponent) loading.pop();
  }
  return module.exports;
}

// Component() registers what is being loaded, even when a module it needs makes the call.
function registrar(kind) {
  return (definition) => {
    const code = loading[loading.length - 1];
    checkHandlers(code, kind, definition);
    let made;
    space.componentEnv(code, (maker) => {
      made = maker[kind](definition);
    });
    return made;
  };
}

// WeChat says so only when somebody taps.
function checkHandlers(code, kind, definition) {
  if (kind === "Behavior" || definition.behaviors) return;
  const known = kind === "Page" ? definition : definition.methods || {};
  for (const name of new Set(host.config.handlers[code] || [])) {
    if (typeof known[name] !== "function") host.problem(`${code}: the WXML binds "${name}", which is not defined`);
  }
}

defineBuiltins(glassEasel, space.getComponentSpace(), host);
defineInputs(glassEasel, space.getComponentSpace(), host);
watchData(adapter, host);
glassEasel.addGlobalErrorListener((fault) => {
  host.problem(String((fault && fault.stack) || fault));
  call(app, "onError", String(fault));
  return true;
});
root.__mp = host;
