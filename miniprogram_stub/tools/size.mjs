// What DevTools would upload, in bytes: the main package may have 500 KB, one picture 200 KB.
import fs from "node:fs";
import path from "node:path";

const MOST_PACKAGE = 500 * 1024;
const MOST_PICTURE = 200 * 1024;

export function sizes(root) {
  const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return { name: path.relative(root, file), bytes: fs.statSync(file).size };
  });
}

export function faults(files) {
  const whole = files.reduce((sum, file) => sum + file.bytes, 0);
  const large = files.filter((file) => /\.(png|jpe?g|gif|webp|svg)$/.test(file.name) && file.bytes > MOST_PICTURE);
  const found = large.map((file) => `${file.name}: ${file.bytes} bytes, a picture may have ${MOST_PICTURE}`);
  if (whole > MOST_PACKAGE) found.push(`the package has ${whole} bytes, it may have ${MOST_PACKAGE}`);
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const files = sizes(path.join(import.meta.dirname, "../miniprogram"));
  console.log(`package: ${files.reduce((sum, file) => sum + file.bytes, 0)} bytes in ${files.length} files`);
  const found = faults(files);
  found.forEach((fault) => console.error(fault));
  process.exit(found.length ? 1 : 0);
}
