// Acting for somebody else: after ten minutes untouched the page asks before going on. What was
// typed is kept on the phone by form.js when the page goes; the server asks as well without us.

const AFTER = 600000;
const bar = document.querySelector("[data-idle]");
let touched = Date.now();

function look() {
  if (Date.now() - touched < AFTER) return;
  location.assign(bar.dataset.idle + "?next=" + encodeURIComponent(location.pathname));
}

for (const kind of ["pointerdown", "keydown", "input"]) {
  addEventListener(kind, () => {
    touched = Date.now();
  });
}
document.addEventListener("visibilitychange", look);
setInterval(look, 15000);

export const ready = Promise.resolve();
