// A village's names leave the screen once nobody has touched it for ten minutes.

const PATIENCE = 10 * 60 * 1000;

/** @param {any} page has `hideNames` */
export function touched(page) {
  still(page);
  page.touchedAt = Date.now();
  page.timer = setTimeout(() => page.hideNames(), PATIENCE);
}

export function still(page) {
  clearTimeout(page.timer);
}

// The phone was put away and taken out again.
export function back(page) {
  if (page.touchedAt !== undefined && Date.now() - page.touchedAt > PATIENCE) page.hideNames();
}
