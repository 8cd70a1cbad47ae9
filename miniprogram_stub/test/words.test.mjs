// What people read: short sentences, and none of ours is cut together from half a thought.
import test from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { sizes } from "../tools/size.mjs";

const client = path.join(import.meta.dirname, "../miniprogram");
const MOST = 20;
const CHINESE = /[\u4e00-\u9fff]/g;

// Texts between tags and between quotes; what is filled in counts as nothing.
function texts(name, source) {
  const plain = source.replace(/\{\{[\s\S]*?\}\}/g, "");
  if (name.endsWith(".wxml")) return plain.split(/<[^>]*>/).concat([...source.matchAll(/'([^']*)'/g)].map((one) => one[1]));
  const code = source.split("\n").filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line)).join("\n");
  return [...code.matchAll(/"([^"\n]*)"|`([^`]*)`/g)].map((one) => (one[1] || one[2] || "").replace(/\$\{[^}]*\}/g, ""));
}

test("no sentence is longer than twenty characters", () => {
  const long = [];
  for (const { name } of sizes(client).filter((file) => /\.(wxml|js)$/.test(file.name) && !file.name.startsWith("shared/"))) {
    for (const text of texts(name, fs.readFileSync(path.join(client, name), "utf8"))) {
      for (const sentence of text.split(/[。？！；：\n]/)) {
        if ((sentence.match(CHINESE) || []).length > MOST) long.push(`${name}: ${sentence.trim()}`);
      }
    }
  }
  assert.deepEqual(long, []);
});
