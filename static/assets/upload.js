// A photo in parts: after any break only what is missing is sent. A part grows while it takes
// under two seconds, and shrinks when it comes to nothing.

const LEAST = 32768;
const MOST = 1048576;
const QUICK = 2000;
const PATIENCE = 60000;
let size = LEAST;

// The document the portal made of it. Throws {status, said}: status 0 without a signal.
export async function upload(photo, csrf, told) {
  const address = `/api/applications/${photo.application}/uploads/${photo.sealed ? photo.sum : photo.sha}`;
  let found = await ask(address, { headers: headers(photo, csrf, 0) });
  while (!found.document) {
    told(found.offset / whole(photo).size);
    found = await part(address, photo, csrf, found.offset);
  }
  return found.document;
}

async function part(address, photo, csrf, start) {
  const began = performance.now();
  const body = whole(photo).slice(start, start + size);
  try {
    const found = await ask(address, { method: "PUT", headers: headers(photo, csrf, start), body });
    if (body.size === size && performance.now() - began < QUICK) size = Math.min(MOST, size * 2);
    return found;
  } catch (fault) {
    if (fault.status !== 409) size = Math.max(LEAST, size / 2);
    else return ask(address, { headers: headers(photo, csrf, 0) });
    throw fault;
  }
}

// The envelope, where there is one: the paper it is of stands inside.
const whole = ({ sealed, blob }) => sealed || blob;

function headers(photo, csrf, start) {
  const about = photo.sealed ? { "Content-Type": "application/vnd.portal.sealed" } : { "Content-Type": "application/octet-stream", "Upload-Item": photo.item };
  return Object.assign(about, {
    "X-CSRF-Token": csrf,
    "Upload-Offset": String(start),
    "Upload-Length": String(whole(photo).size),
  });
}

async function ask(address, options) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE);
  let status = 0;
  let said = {};
  try {
    const answer = await fetch(address, Object.assign({ signal: stop.signal, cache: "no-store" }, options));
    said = await answer.json();
    status = answer.status;
  } catch (fault) {
    status = 0;
  } finally {
    clearTimeout(late);
  }
  if (status !== 200) throw { status, said };
  return said;
}
