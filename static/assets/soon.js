// Photos still being prepared appear by themselves on the page where they are sorted.

const PAUSE = 1500;
const MOST = 40;

function show(place) {
  const image = new Image();
  image.src = "/api/applications/" + place.dataset.soon + "/" + place.dataset.photo + "/thumbnail";
  image.alt = "照片";
  place.replaceChildren(image);
  place.removeAttribute("data-soon");
}

async function look(times) {
  const places = Array.from(document.querySelectorAll("[data-soon]"));
  if (!places.length || times > MOST) return;
  try {
    const rows = await (await fetch("/api/applications/" + places[0].dataset.soon)).json();
    const ready = rows.filter((row) => row.state === "prepared").map((row) => row.id);
    places.filter((place) => ready.includes(place.dataset.photo)).forEach(show);
  } catch (fault) {
    // Without a signal the link on the page does it later.
  }
  setTimeout(look, PAUSE, times + 1);
}

setTimeout(look, PAUSE, 1);

export const ready = Promise.resolve();
