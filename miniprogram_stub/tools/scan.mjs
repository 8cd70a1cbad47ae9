// No secret is in the package, and no host is named but those of config.js.
import fs from "node:fs";
import path from "node:path";
import { sizes } from "./size.mjs";

const CONFIG = "config.js";
const SECRETS = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["an AppSecret", /app_?secret|session_?key|encoding_?aes_?key/i],
  ["32 hex digits", /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i],
  ["a token", /\beyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a password", /(password|passwd|secret)\s*[:=]\s*["'][^"']{4,}/i],
  ["a WeChat server call", /api\.weixin\.qq\.com|access_token=|cgi-bin/],
];
const HOST = /\b(?:https?|wss?):\/\/([\w.-]+(?::\d+)?)/g;

export function scan(name, text) {
  const found = SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${name}: ${what}`);
  if (name === CONFIG) return found;
  const hosts = [...text.matchAll(HOST)].map((match) => `${name}: names the host ${match[1]}; only ${CONFIG} may`);
  return found.concat(hosts);
}

export function scanFolder(root) {
  const texts = sizes(root).filter((file) => /\.(js|json|wxml|wxss|wxs)$/.test(file.name));
  return texts.flatMap((file) => scan(file.name, fs.readFileSync(path.join(root, file.name), "utf8")));
}

if (process.argv[1] === import.meta.filename) {
  const found = scanFolder(path.join(import.meta.dirname, "../miniprogram"));
  found.forEach((fault) => console.error(fault));
  process.exit(found.length ? 1 : 0);
}
