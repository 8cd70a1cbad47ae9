// What setData may carry: it crosses from one thread to another in WeChat, as JSON of at most 1 MB.
const MOST = 1024 * 1024;

export function watchData(adapter, host) {
  const prototype = adapter.component.ComponentCaller.prototype;
  const original = prototype.setData;
  prototype.setData = function (data, done) {
    for (const key of Object.keys(data || {})) {
      const wrong = fault(data[key], key, []);
      if (wrong) host.problem(`${this.is}: setData ${wrong}`);
    }
    if (JSON.stringify(data).length > MOST) host.problem(`${this.is}: setData of over 1 MB`);
    return original.call(this, data, done);
  };
}

function fault(value, path, above) {
  if (value === undefined || ["function", "symbol", "bigint"].includes(typeof value)) return `${path} is ${typeof value}`;
  if (!value || typeof value !== "object") return "";
  if (above.includes(value)) return `${path} goes round in circles`;
  const kind = Object.prototype.toString.call(value);
  if (kind !== "[object Object]" && kind !== "[object Array]") return `${path} is ${kind}`;
  return Object.keys(value).map((key) => fault(value[key], `${path}.${key}`, above.concat([value]))).find(Boolean) || "";
}
