// WXSS to CSS: rpx, page, built-in tags, the scope of components, each page's styles kept to that page.
import fs from "node:fs";
import path from "node:path";
import postcss from "postcss";
import selectors from "postcss-selector-parser";
import { fileOf, read } from "./walk.mjs";
import { ELEMENTS } from "./tags.mjs";

export function compileStyles(app) {
  const scopes = scopesOf(app.components);
  const parts = fs.existsSync(path.join(app.root, "app.wxss")) ? [convert(app, path.join(app.root, "app.wxss"), {})] : [];
  for (const [code, own] of Object.entries(app.components)) {
    const file = fileOf(app.root, code, ".wxss");
    if (file) parts.push(convert(app, file, { scope: scopes[code], page: own.__page ? code : undefined }));
  }
  return { css: parts.join("\n"), scopes };
}

function scopesOf(components) {
  const scopes = {};
  Object.entries(components).forEach(([code, own], number) => {
    const open = own.__page || own.styleIsolation === "shared" || own.styleIsolation === "page-shared";
    scopes[code] = open ? undefined : "s" + number.toString(36);
  });
  return scopes;
}

function convert(app, file, { scope, page }) {
  const sheet = withImports(app, file, []);
  sheet.walkDecls((declaration) => {
    declaration.value = declaration.value.replace(/(-?\d*\.?\d+)rpx\b/g, "calc($1 * var(--rpx))");
  });
  sheet.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes$/.test(rule.parent.name)) return;
    rule.selector = selectors((found) => found.each((one) => rename(one, scope, page))).processSync(rule.selector);
  });
  return sheet.toString();
}

function withImports(app, file, stack) {
  const sheet = postcss.parse(read(file), { from: file });
  sheet.walkAtRules("import", (rule) => {
    const given = rule.params.replace(/['"]/g, "").trim();
    const wanted = given.startsWith("/") ? path.join(app.root, given) : path.resolve(path.dirname(file), given);
    if (!fs.existsSync(wanted)) app.problems.push(`${path.relative(app.root, file)}: @import finds no ${given}`);
    if (stack.includes(wanted) || !fs.existsSync(wanted)) rule.remove();
    else rule.replaceWith(withImports(app, wanted, [...stack, file]).nodes);
  });
  return sheet;
}

function rename(selector, scope, page) {
  selector.walk((node) => {
    if (node.type === "class" && scope) node.value = `${scope}--${node.value}`;
    else if (node.type === "pseudo" && node.value === ":host") node.replaceWith(attribute("wx-host", scope));
    else if (node.type === "tag" && node.value === "page") node.value = "wx-page";
    else if (node.type === "tag" && node.value in ELEMENTS) node.replaceWith(where(`data-wx="${node.value}"`));
  });
  if (page) keepTo(selector, page);
}

// One document holds the whole stack of pages.
function keepTo(selector, page) {
  const inside = where(`data-page="${page}"`);
  if (selector.first.type === "tag" && selector.first.value === "wx-page") {
    selector.insertAfter(selector.first, inside);
    return;
  }
  selector.first.spaces.before = "";
  selector.prepend(selectors.combinator({ value: " " }));
  selector.prepend(inside);
}

function where(condition) {
  return selectors.pseudo({ value: `:where([${condition}])` });
}

function attribute(name, value) {
  return selectors.attribute({ attribute: name, operator: "=", value, quoteMark: '"', raws: {} });
}
