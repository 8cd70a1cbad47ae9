// tsc over the client. The copy of static/shared is left out: it is the web client's, and checked there.
import { spawnSync } from "node:child_process";
import path from "node:path";

const here = path.join(import.meta.dirname, "..");
const compiler = path.join(here, "node_modules/.bin/tsc");
const { stdout, stderr, error } = spawnSync(compiler, ["-p", "tsconfig.json", "--pretty", "false"], { cwd: here, encoding: "utf8" });
const faults = stdout.split("\n").filter((line) => /error TS/.test(line) && !line.startsWith("miniprogram/shared/"));
[...faults, stderr].filter(Boolean).forEach((line) => console.error(line));
if (error) console.error(String(error));
process.exit(faults.length || stderr || error ? 1 : 0);
