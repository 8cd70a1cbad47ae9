// Choosing a place: the next list comes by itself, and typed words find places at once.

const BELOW = { province: "市、州", prefecture: "县、区", county: "乡镇、街道", township: "村、社区" };

// Without a signal: what was asked before, else nothing further.
async function ask(query) {
  try {
    const answer = await fetch("/api/regions?" + new URLSearchParams(query));
    return answer.ok ? await answer.json() : [];
  } catch (fault) {
    return [];
  }
}

function bind(box) {
  const name = box.dataset.place;
  const input = (part) => box.querySelector('[name="' + name + "." + part + '"]');
  const button = (verb) => box.querySelector('button[value^="' + verb + ':"]');
  const [code, label, list, words] = ["code", "label", "pick", "find"].map(input);
  const chosen = box.querySelector("[data-chosen]");
  let timer = 0;

  function show() {
    chosen.hidden = !label.value;
    chosen.querySelector("b").textContent = label.value;
    button("up").hidden = !code.value;
    if (words) box.querySelector("[data-find]").hidden = Boolean(code.value);
  }

  function offer(places) {
    const level = places.length ? places[0].level : "";
    const above = Object.keys(BELOW)[Object.keys(BELOW).indexOf(level) - 1] || (level === "village" && "township");
    box.querySelector("[data-list]").hidden = !places.length;
    if (!places.length) return;
    box.querySelector("[data-level]").textContent = "选" + BELOW[above];
    list.replaceChildren(new Option("请选" + BELOW[above], ""), ...places.map((p) => new Option(p.name, p.code)));
  }

  async function choose(place, full) {
    code.value = place;
    label.value = full;
    box.querySelectorAll("[type=radio]").forEach((radio) => radio.checked && radio.closest("label").remove());
    show();
    offer(await ask({ parent: place }));
  }

  function hit(place) {
    const row = document.createElement("label");
    row.className = "o";
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: name + ".found", value: place.code });
    radio.addEventListener("change", () => {
      box.querySelector("[data-hits]").replaceChildren();
      words.value = "";
      choose(place.code, place.full_name);
    });
    row.append(radio, place.full_name);
    return row;
  }

  async function search() {
    const text = words.value.trim();
    const places = text.length > 1 ? await ask({ q: text, limit: 8 }) : [];
    if (text === words.value.trim()) box.querySelector("[data-hits]").replaceChildren(...places.map(hit));
  }

  if (list) {
    list.addEventListener("change", () => {
      const option = list.selectedOptions[0];
      if (option.value) choose(option.value, label.value + option.text);
    });
    button("down").hidden = true;
  }
  if (words) {
    words.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, 300);
    });
    button("find").hidden = true;
  }
  const form = box.closest("form");
  if (form) form.addEventListener("restored", () => label.value && choose(code.value, label.value));
}

document.querySelectorAll("[data-place]").forEach(bind);
