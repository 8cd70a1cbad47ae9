// Whose file each application is: nobody types for one family into another's.
import { keepOnly } from "./acting.js";
import { keep, kept } from "./store.js";

// All mandates in force; an own application stands in none.
export function remember(mandates) {
  keep("people", {});
  keep("whose", {});
  learn(mandates);
  keepOnly(mandates.map((one) => one.id));
}

// Some of them: [{id, person, applications: [{id}], household_id where it is known}].
export function learn(mandates) {
  const people = kept("people", {});
  const whose = kept("whose", {});
  mandates.forEach((mandate) => {
    people[mandate.id] = mandate.person;
    mandate.applications.forEach((one) => (whose[one.id] = mandate.id));
    if (mandate.household_id) whose[mandate.household_id] = mandate.id;
  });
  keep("people", people);
  keep("whose", whose);
}

export function add(application, mandate, person) {
  learn([{ id: mandate, person, applications: [{ id: application }] }]);
}

// {mandate, person} of a page's query; null: one's own, or no household's.
export function homeOf({ id, home, mandate }) {
  const found = mandate || kept("whose", {})[id || home];
  const person = kept("people", {})[found];
  return person ? { mandate: found, person } : null;
}
