// A page that waits for the other phone looks every few seconds whether it has answered.

const PAUSE = 3000;
const place = document.querySelector("[data-pass]");
const { pass, state } = place.dataset;

async function look() {
  try {
    const answer = await fetch("/api/passes/" + pass, { cache: "no-store" });
    if (answer.ok && (await answer.json()).state !== state) return location.assign("/passing/" + pass);
  } catch (fault) {
    // Without a signal the next look finds out.
  }
  return setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);

export const ready = Promise.resolve();
