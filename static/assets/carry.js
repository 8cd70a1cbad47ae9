// Answers of a self-check on this phone, offered to the draft that was started from it.

const KEPT = "self-check";
const form = document.querySelector("form[data-carry]");
const kept = sessionStorage.getItem(KEPT);

if (kept) {
  form.elements.said.value = kept;
  form.hidden = false;
  form.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
}

export const ready = Promise.resolve();
