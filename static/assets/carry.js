// Answers of a self-check on this phone, offered to the one draft that was started from it. Another
// household's draft, opened later in the same tab, is never offered them.

const KEPT = "self-check";
const FOR = "self-check-for";
const start = document.querySelector("form[data-carries]");
const form = document.querySelector("form[data-carry]");
const kept = sessionStorage.getItem(KEPT);

function offer() {
  const draft = form.dataset.ownDraft;
  if (sessionStorage.getItem(FOR) === "next") sessionStorage.setItem(FOR, draft);
  if (sessionStorage.getItem(FOR) !== draft) return;
  form.elements.said.value = kept;
  form.hidden = false;
  form.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
}

if (kept && start) start.addEventListener("submit", () => sessionStorage.setItem(FOR, "next"));
if (kept && form) offer();

export const ready = Promise.resolve();
