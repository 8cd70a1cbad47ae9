// Opens without a signal: pages that hold nothing personal are kept, personal ones never are.
// The portal writes VERSION above these lines; a new version waits until every page of the old
// one is closed, so that nothing changes under an open draft.

/* global VERSION, KEPT, HELPING */

const ANYWHERE = "/api/self-checks/rules?words=false&region=";
// Without cookies, so that no answer to us changes what an open form was given; and pages with the
// style sheet beside them, so that it travels once.
const FILE = { credentials: "omit" };
const PAGE = { cache: "no-store", credentials: "omit", headers: { "X-Kept": "1" } };
const SAME = /^\/s\//;
// Pages of the village and of one household: the phone's own copy stands in for them.
const HELPS = /^\/(roster|helping)(?![a-z])/;
const ANY = { ignoreVary: true };
const PATIENCE = 8000;

async function install() {
  const cache = await caches.open(VERSION);
  await take(cache, (await caches.match("/round", ANY)) ? KEPT.concat(HELPING) : KEPT);
}

function take(cache, addresses) {
  return cache.addAll(addresses.map((address) => new Request(address, SAME.test(address) ? FILE : PAGE)));
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name !== VERSION);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// Pages come from the portal while there is a signal: they know the letters and the token of
// this visit. The kept copy is for want of one.
async function open(request) {
  const address = new URL(request.url);
  const cache = await caches.open(VERSION);
  if (SAME.test(address.pathname)) return (await cache.match(request)) || keep(cache, request);
  if (request.mode !== "navigate") return rules(cache, request, address.pathname !== "/api/regions" && ANYWHERE);
  return soon(request).catch(() => instead(cache, address.pathname));
}

// What a page says this phone should keep beside it: the form of its program, blank; the page of
// the round and its scripts.
async function beside(answer) {
  const cache = await caches.open(VERSION);
  for (const address of answer.headers.get("X-Keep").split(" ")) {
    const found = (await cache.match(address, ANY)) ? {} : await fetch(address, PAGE);
    if (found.ok && !found.redirected) await cache.put(address, found);
  }
}

async function keep(cache, request) {
  const answer = await fetch(request.url, FILE);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

function soon(request) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), PATIENCE);
  return fetch(request, { signal: stop.signal });
}

// The rules of every place that was asked for are kept, and the lists places are chosen from.
async function rules(cache, request, otherwise) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (fault) {
    // Another place than before: the rules without local figures, which then cannot tell.
    const kept = await cache.match(request, ANY);
    return kept || (otherwise ? cache.match(otherwise, ANY) : Response.error());
  }
}

async function instead(cache, path) {
  const guide = path.match(/^\/guide\/([a-z]+)$/);
  if (guide) return Response.redirect(`/guides#${guide[1]}`, 302);
  const apply = path.match(/^\/apply\/([a-z]+)$/);
  if (apply && (await cache.match(`/fill/${apply[1]}`, ANY))) return Response.redirect(`/fill/${apply[1]}`, 302);
  const kept = await cache.match(HELPS.test(path) ? "/round" : path, ANY);
  return kept || cache.match("/offline", ANY);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (/^\/(desk|api\/applications)/.test(new URL(request.url).pathname)) return;
  if (request.mode === "navigate" || SAME.test(new URL(request.url).pathname) || /\/api\/(self-checks\/rules|regions\?parent=)/.test(request.url)) {
    const answer = open(request);
    event.respondWith(answer);
    if (request.mode === "navigate") event.waitUntil(answer.then(beside).catch(() => {}));
  }
});
