// From app.json to every page and component it reaches.
import fs from "node:fs";
import path from "node:path";

export function read(file) {
  return fs.readFileSync(file, "utf8");
}

// The file of a code path ("pages/home/home") with this ending, or null.
export function fileOf(root, code, ending) {
  const file = path.join(root, code + ending);
  return fs.existsSync(file) ? file : null;
}

// {config, pages, components: {code path: its JSON, with usingComponents resolved and __page}}
export function walk({ root, problems }) {
  const config = JSON.parse(read(path.join(root, "app.json")));
  const subs = config.subPackages || config.subpackages || [];
  const pages = config.pages.concat(subs.flatMap((sub) => sub.pages.map((page) => path.posix.join(sub.root, page))));
  const components = {};
  const queue = pages.map((page) => [page, true]);
  while (queue.length) {
    const [code, isPage] = queue.shift();
    if (components[code]) continue;
    const file = fileOf(root, code, ".json");
    const own = file ? JSON.parse(read(file)) : {};
    for (const ending of [".wxml", ".js"]) {
      if (!fileOf(root, code, ending)) problems.push(`${code}: has no ${ending} file`);
    }
    const using = { ...resolved(root, "app", config.usingComponents, problems), ...resolved(root, code, own.usingComponents, problems) };
    Object.values(using).forEach((found) => queue.push([found.slice(1), false]));
    components[code] = { ...own, usingComponents: using, __page: isPage };
  }
  return { config, pages, components };
}

function resolved(root, from, using, problems) {
  const found = {};
  for (const [tag, given] of Object.entries(using || {})) {
    const code = given.startsWith("/") ? given.slice(1) : path.posix.join(path.posix.dirname(from), given);
    if (fileOf(root, code, ".json")) found[tag] = "/" + code;
    else problems.push(`${from}: usingComponents.${tag} is not at "${given}"`);
  }
  return found;
}
