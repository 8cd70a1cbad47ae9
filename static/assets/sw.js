// Opens without a signal: pages that hold nothing personal are kept, personal ones never are.
// The portal writes VERSION above these lines; a new version waits until every page of the old
// one is closed, so that nothing changes under an open draft.

/* global VERSION, KEPT */

const ANYWHERE = "/api/self-checks/rules?words=false&region=";
// Without cookies, so that no answer to us changes what an open form was given.
const BARE = { cache: "no-cache", credentials: "omit" };
const SAME = /^\/s\//;
const PATIENCE = 8000;

async function install() {
  const cache = await caches.open(VERSION);
  await cache.addAll(KEPT.map((address) => new Request(address, BARE)));
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
  if (request.mode !== "navigate") return rules(cache, request);
  return soon(request).catch(() => instead(cache, address.pathname));
}

async function keep(cache, request) {
  const answer = await fetch(request.url, BARE);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

function soon(request) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), PATIENCE);
  return fetch(request, { signal: stop.signal });
}

// The rules of every place that was asked for are kept.
async function rules(cache, request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (fault) {
    // Another place than before: the rules without local figures, which then cannot tell.
    const kept = await cache.match(request, { ignoreVary: true });
    return kept || cache.match(ANYWHERE, { ignoreVary: true });
  }
}

async function instead(cache, path) {
  const guide = path.match(/^\/guide\/([a-z]+)$/);
  if (guide) return Response.redirect(`/guides#${guide[1]}`, 302);
  const kept = await cache.match(path, { ignoreVary: true });
  return kept || cache.match("/offline", { ignoreVary: true });
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (/^\/(desk|api\/applications)/.test(new URL(request.url).pathname)) return;
  if (request.mode === "navigate" || SAME.test(new URL(request.url).pathname) || request.url.includes("/api/self-checks/rules")) {
    event.respondWith(open(request));
  }
});
