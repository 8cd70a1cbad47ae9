// The gates themselves: each finds what it is there to find, and the package as it stands passes.
import test from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { compileApp } from "../tools/compile.mjs";
import { scan, scanFolder } from "../tools/scan.mjs";
import { differing } from "../tools/shared.mjs";
import { faults, sizes } from "../tools/size.mjs";

const client = path.join(import.meta.dirname, "../miniprogram");

function spoiled(changes) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "mini-"));
  fs.cpSync(client, copy, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = path.join(copy, name);
    fs.writeFileSync(file, change(fs.readFileSync(file, "utf8")));
  }
  const { problems } = compileApp(copy);
  fs.rmSync(copy, { recursive: true });
  return problems.join("\n");
}

test("the package as it stands: no problem, no secret, no foreign host, light, the shared files the same", () => {
  assert.deepEqual(compileApp(client).problems, []);
  assert.deepEqual(scanFolder(client), []);
  assert.deepEqual(faults(sizes(client)), []);
  assert.deepEqual(differing(), []);
});

const WRONG = [
  ["a page that is not there", { "app.json": (text) => text.replace("pages/me/me", "pages/we/we") }, /pages\/we\/we: has no .wxml/],
  ["an open tag", { "pages/home/home.wxml": (text) => text.replace("</shell>", "") }, /home.wxml/],
  ["a call in {{ }}", { "pages/home/home.wxml": (text) => text.replace("{{call}}", "{{call.trim()}}") }, /only functions of a <wxs>/],
  ["what old WeChats do not read", { "pages/home/home.wxml": (text) => text.replace("{{call}}", "{{call ?? 1}}") }, /not every WeChat reads this/],
  ["an unknown tag", { "pages/home/home.wxml": (text) => text.replaceAll("<input", "<inputs") }, /<inputs> is neither built in/],
  ["a box without a name", { "pages/home/home.wxml": (text) => text.replace(/ aria-label="您遇到什么难处？"/, "") }, /<input> has no aria-label/],
  ["a way to nowhere", { "pages/home/home.js": (text) => text + '\nconst lost = "/pages/nowhere/nowhere";' }, /is no page of app.json/],
  ["a module that is not there", { "pages/home/home.js": (text) => 'import "../../lib/gone.js";\n' + text }, /finds no/],
  ["eval", { "pages/home/home.js": (text) => text + "\neval('1');" }, /neither eval/],
];

for (const [what, changes, said] of WRONG) {
  test(`the compiler refuses ${what}`, () => assert.match(spoiled(changes), said));
}

test("a secret or a foreign host in the package is found", () => {
  assert.match(scan("lib/a.js", 'const AppSecret = "x";').join(), /AppSecret/);
  assert.match(scan("lib/a.js", `const key = "${"0123456789abcdef".repeat(2)}";`).join(), /32 hex digits/);
  assert.match(scan("lib/a.js", "-----BEGIN PRIVATE KEY-----").join(), /private key/);
  assert.match(scan("lib/a.js", 'wx.request({ url: "https://api.weixin.qq.com/sns" })').join(), /WeChat server/);
  assert.match(scan("pages/a.wxml", '<image src="https://cdn.example.com/a.png" />').join(), /cdn.example.com/);
  assert.deepEqual(scan("config.js", 'const a = "https://www.example.cn";'), []);
});

test("too large is found", () => {
  assert.equal(faults([{ name: "a.js", bytes: 600 * 1024 }]).length, 1);
  assert.equal(faults([{ name: "a.png", bytes: 201 * 1024 }]).length, 1);
});
