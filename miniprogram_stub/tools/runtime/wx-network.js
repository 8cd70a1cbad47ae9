// wx: requests. Only the hosts the client is configured with are reached, as on the phone.
export function networkCalls(play) {
  return {
    request: task(play, "request", request),
    uploadFile: task(play, "uploadFile", upload),
    downloadFile: task(play, "downloadFile", download),
    getNetworkType: play.call("getNetworkType", () => ({ networkType: globalThis.navigator.onLine === false ? "none" : "wifi" })),
    onNetworkStatusChange(heard) {
      globalThis.addEventListener("online", () => heard({ isConnected: true, networkType: "wifi" }));
      globalThis.addEventListener("offline", () => heard({ isConnected: false, networkType: "none" }));
    },
  };
}

function task(play, name, act) {
  return (given) => {
    const stop = new AbortController();
    const watch = { progress: [] };
    const timer = setTimeout(() => stop.abort(), given.timeout || 60000);
    const run = play.call(name, async () => {
      play.pending += 1;
      try {
        return await act(play, given, { stop, watch, address: reachable(play, given.url) });
      } finally {
        play.pending -= 1;
        clearTimeout(timer);
      }
    });
    run(given);
    return {
      abort: () => stop.abort(),
      onProgressUpdate: (heard) => watch.progress.push(heard),
      offProgressUpdate() {},
    };
  };
}

function reachable(play, url) {
  for (const [configured, actual] of Object.entries(play.options.origins || {})) {
    if (url.startsWith(configured + "/")) return actual + url.slice(configured.length);
  }
  play.host.problem(`a host that is not configured is called: ${url}`);
  throw new Error("url not in domain list");
}

async function reach(play, address, options, stop) {
  try {
    return await (play.options.fetch || globalThis.fetch)(address, { ...options, credentials: "omit", signal: stop.signal });
  } catch (fault) {
    throw new Error(stop.signal.aborted ? "timeout" : String(fault.message));
  }
}

async function request(play, given, { stop, address }) {
  const method = (given.method || "GET").toUpperCase();
  if (!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"].includes(method)) throw new Error("invalid method");
  const headers = { "content-type": "application/json", ...lower(given.header) };
  const options = { method, headers };
  if (method === "GET") delete headers["content-type"];
  else if (given.data !== undefined) options.body = encoded(given.data, headers["content-type"]);
  const answer = await reach(play, address, options, stop);
  const text = await answer.text();
  return { data: parsed(text), statusCode: answer.status, header: Object.fromEntries(answer.headers) };
}

function encoded(data, type) {
  if (typeof data === "string") return data;
  return type.includes("urlencoded") ? new URLSearchParams(data).toString() : JSON.stringify(data);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text; // WeChat leaves what is no JSON as it is
  }
}

async function upload(play, given, { stop, watch, address }) {
  if (!play.disk.has(given.filePath)) throw new Error(`file doesn't exist ${given.filePath}`);
  const { bytes, type } = play.disk.read(given.filePath);
  const body = new (play.options.FormData || globalThis.FormData)();
  for (const [name, value] of Object.entries(given.formData || {})) body.append(name, String(value));
  body.append(given.name, new (play.options.Blob || globalThis.Blob)([bytes], { type }), "photo.jpg");
  const headers = lower(given.header);
  delete headers["content-type"];
  watch.progress.forEach((heard) => heard({ progress: 40, totalBytesSent: bytes.length * 0.4, totalBytesExpectedToSend: bytes.length }));
  const answer = await reach(play, address, { method: "POST", body, headers }, stop);
  watch.progress.forEach((heard) => heard({ progress: 100, totalBytesSent: bytes.length, totalBytesExpectedToSend: bytes.length }));
  return { data: await answer.text(), statusCode: answer.status };
}

async function download(play, given, { stop, address }) {
  const answer = await reach(play, address, { headers: lower(given.header) }, stop);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const type = answer.headers.get("content-type") || "";
  return { tempFilePath: play.disk.temporary(bytes, type), statusCode: answer.status };
}

function lower(header) {
  return Object.fromEntries(Object.entries(header || {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
