// Built-in components that take something in: input, textarea, checkbox, radio, picker.
import { definer, isOn } from "./builtins.js";

const MODES = { number: "numeric", digit: "decimal", tel: "tel" };

export function defineInputs(glassEasel, space) {
  const define = definer(glassEasel, space);
  define("input", typed(false));
  define("textarea", typed(true));
  choice(define, "checkbox");
  choice(define, "radio");
  define("picker", picker());
}

function typed(isArea) {
  return {
    props: {
      value: { type: null, value: "" },
      type: { type: String, value: "text" },
      placeholder: String,
      disabled: Boolean,
      maxlength: { type: null, value: 140 },
      focus: Boolean,
      confirmType: String,
      autoHeight: Boolean,
      cursorSpacing: Number,
    },
    created() {
      const element = this.element();
      if (!isArea) element.setAttribute("type", "text");
      element.setAttribute("autocomplete", "off");
      element.addEventListener("input", () => {
        this.setData({ value: element.value });
        this.emit("input", { value: element.value, cursor: element.selectionStart || 0 });
      });
      element.addEventListener("focus", () => this.emit("focus", { value: element.value }));
      element.addEventListener("blur", () => this.emit("blur", { value: element.value }));
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !isArea) this.emit("confirm", { value: element.value });
      });
    },
    on: {
      value(given) {
        const text = given === null || given === undefined ? "" : String(given);
        if (this.element().value !== text) this.element().value = text;
      },
      type(given) {
        if (!isArea) this.element().inputMode = MODES[given] || "text";
      },
      placeholder(text) {
        this.element().placeholder = text;
      },
      disabled(value) {
        this.element().disabled = isOn(value);
      },
      maxlength(most) {
        if (Number(most) >= 0) this.element().maxLength = Number(most);
        else this.element().removeAttribute("maxlength");
      },
      focus(value) {
        if (isOn(value)) this.element().focus();
      },
    },
  };
}

function above(component, tag) {
  const found = component.element().closest(`[data-wx="${tag}"]`);
  return found ? found.__wxElement : null;
}

function choice(define, type) {
  define(type, {
    props: { value: String, checked: Boolean, disabled: Boolean, color: String },
    created() {
      const input = (this.input = document.createElement("input"));
      input.type = type;
      this.element().insertBefore(input, this.element().firstChild);
      input.addEventListener("change", (event) => {
        event.stopPropagation();
        this.setData({ checked: input.checked });
        const group = above(this, type + "-group");
        if (group) group.changed(this);
      });
    },
    attached() {
      const group = above(this, type + "-group");
      if (group && type === "radio") this.input.name = group.shared();
    },
    on: {
      checked(value) {
        this.input.checked = isOn(value);
      },
      disabled(value) {
        this.input.disabled = isOn(value);
      },
      value(text) {
        this.input.value = text;
      },
    },
    methods: {
      control() {
        return this.input;
      },
    },
  });
  define(type + "-group", group(type));
}

function group(type) {
  return {
    created() {
      this.element().setAttribute("role", type === "radio" ? "radiogroup" : "group");
    },
    methods: {
      shared() {
        this.name = this.name || "g" + Math.random().toString(36).slice(2);
        return this.name;
      },
      changed() {
        const all = Array.from(this.element().querySelectorAll(`[data-wx="${type}"]`)).map((one) => one.__wxElement);
        all.forEach((one) => one.setData({ checked: one.input.checked }));
        const on = all.filter((one) => one.input.checked).map((one) => one.data.value);
        this.emit("change", { value: type === "radio" ? on[0] || "" : on });
      },
    },
  };
}

// A native control laid over the words: it can be reached by keyboard and screen reader.
function picker() {
  return {
    props: {
      mode: { type: String, value: "selector" },
      range: { type: Array, value: [] },
      rangeKey: String,
      value: null,
      start: String,
      end: String,
      disabled: Boolean,
    },
    attached() {
      this.rebuild();
    },
    on: {
      "mode, range, rangeKey, value, start, end, disabled"() {
        if (this.native) this.rebuild();
      },
    },
    methods: {
      control() {
        return this.native;
      },
      rebuild() {
        const made = this.data.mode === "date" ? dated(this.data) : listed(this.data);
        made.className = "wx-picker-control";
        made.disabled = isOn(this.data.disabled);
        made.setAttribute("aria-label", this.data.ariaLabel || "");
        made.addEventListener("change", (event) => {
          event.stopPropagation();
          this.emit("change", { value: made.value });
        });
        if (this.native) this.native.remove();
        this.native = made;
        this.element().appendChild(made);
      },
    },
  };
}

function dated({ value, start, end }) {
  const made = document.createElement("input");
  made.type = "date";
  Object.assign(made, { min: start || "", max: end || "", value: value || "" });
  return made;
}

function listed({ range, rangeKey, value }) {
  const made = document.createElement("select");
  const option = (text, number) => Object.assign(document.createElement("option"), { value: String(number), textContent: text });
  made.append(option("请选择", -1), ...range.map((one, number) => option(String(rangeKey ? one[rangeKey] : one), number)));
  made.value = String(value === undefined || value === null || value === "" ? -1 : value);
  return made;
}
