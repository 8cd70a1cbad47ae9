// Compiles a native mini-program into { js, css } for runtime/host.js: what DevTools would do, and a lint.
import fs from "node:fs";
import path from "node:path";
import { bundleModules } from "./compile/modules.mjs";
import { compileStyles } from "./compile/styles.mjs";
import { compileTemplates } from "./compile/templates.mjs";
import { walk } from "./compile/walk.mjs";

const PICTURE = /\.(png|jpe?g|gif|svg|webp)$/;

// {js, css, assets, problems: [sentence], pages}
export function compileApp(folder) {
  const app = { root: path.resolve(folder), problems: [] };
  Object.assign(app, walk(app));
  const templates = compileTemplates(app);
  const { css, scopes } = compileStyles(app);
  const modules = bundleModules(app);
  const setup = {
    app: app.config,
    theme: theme(app),
    pages: app.pages,
    comps: app.components,
    scopes,
    handlers: templates.handlers,
  };
  const js = [
    "(function(){var R=globalThis.__mp;",
    `R.setup(${JSON.stringify(setup)});`,
    `R.templates(${templates.code});`,
    modules,
    "})();",
  ].join("\n");
  return { js, css, assets: pictures(app.root), problems: app.problems, pages: app.pages };
}

function theme({ root, config }) {
  const file = config.themeLocation && path.join(root, config.themeLocation);
  return file ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
}

function pictures(root) {
  const names = fs.readdirSync(root, { recursive: true });
  return names.filter((name) => PICTURE.test(name)).map((name) => name.split(path.sep).join("/"));
}
