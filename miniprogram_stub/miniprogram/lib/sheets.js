// What a step asks, and where its answers go: one application's form, or the walk through a family's forms.
import * as drafts from "./drafts.js";
import { readAll, steps } from "./form.js";
import * as homes from "./home.js";

export function sheet({ id, home }) {
  return home ? ofHome(home) : ofFile(id);
}

function ofFile(id) {
  let form = /** @type {any} */ (null);
  const answers = () => {
    const now = drafts.draft(id);
    return Object.assign({}, now.answers, readAll([].concat(...form.steps.map((step) => step.fields)), now.typed, now.answers).values);
  };
  return {
    async open() {
      form = (await drafts.opened(id)).program.form;
    },
    find: (key) => form.steps.find((step) => step.key === key),
    steps: (isHelping) => steps(form, answers(), isHelping),
    answers,
    known: () => drafts.draft(id).answers,
    typed: () => drafts.draft(id).typed,
    change: (_key, name, typed) => drafts.change(id, name, typed),
    save: (_key, fields) => drafts.save(id, fields),
    isCarried: () => false,
    at: (key) => `/pages/step/step?id=${id}&step=${key}`,
    all: `/pages/tasks/tasks?id=${id}`,
    after: `/pages/photos/photos?id=${id}`,
  };
}

function ofHome(id) {
  return {
    async open() {
      await homes.openedHome(id);
    },
    find: (key) => homes.find(id, key),
    steps: () => homes.openPages(id),
    answers: (key) => homes.answers(id, homes.find(id, key)),
    known: (key) => homes.find(id, key).answers,
    typed: (key) => homes.typed(id, key),
    change: (key, name, typed) => homes.change(id, key, name, typed),
    save: (key, _fields, isHelping) => homes.save(id, key, isHelping),
    isCarried: (key) => homes.find(id, key).carried,
    at: (key) => `/pages/step/step?home=${id}&step=${key}`,
    all: `/pages/walk/walk?home=${id}`,
    after: `/pages/photos/photos?home=${id}`,
  };
}
