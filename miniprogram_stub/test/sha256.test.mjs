// The digest our server compares with: ours against Node's.
import test from "node:test";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { sha256 } from "../miniprogram/lib/sha256.js";

test("the same as Node's for every length around a block, and for a photo's size", () => {
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1_000_003]) {
    const bytes = randomBytes(length);
    assert.equal(sha256(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length)), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});
