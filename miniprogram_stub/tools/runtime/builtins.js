// Built-in components that show: view, text, image, button, label, progress, canvas, page-meta.
const ARIA = ["Role", "Label", "Hidden", "Modal", "Checked", "Selected", "Expanded", "Disabled", "Live", "Describedby", "Labelledby", "Level", "Required", "Invalid", "Current"];

export function isOn(value) {
  return value === true || value === "" || (typeof value === "string" && value !== "false");
}

// Makes `define(tag, {props, on, created, attached, methods})` for one component space.
export function definer(glassEasel, space) {
  return (tag, { props = {}, on = {}, created, attached, methods = {} } = {}) => {
    const component = space.defineComponent({
      is: "__builtin/" + tag,
      options: { multipleSlots: false },
      properties: { hidden: Boolean, hoverClass: String, ...ariaProperties(), ...props },
      observers: { hidden: hide, ...ariaObservers(), ...on },
      methods: {
        // A page that was left has none any more; WeChat takes no notice of what is set there.
        element() {
          return this.getBackendElement() || document.createElement("i");
        },
        emit(name, detail) {
          glassEasel.triggerEvent(this, name, detail, { bubbles: false, composed: false });
        },
        ...methods,
      },
      lifetimes: {
        created() {
          if (created) created.call(this);
        },
        attached() {
          if (attached) attached.call(this);
        },
      },
    });
    space.setGlobalUsingComponent(tag, component);
  };
}

function hide(value) {
  this.element().hidden = isOn(value);
}

function ariaProperties() {
  return Object.fromEntries(ARIA.map((name) => ["aria" + name, null]));
}

function ariaObservers() {
  return Object.fromEntries(ARIA.map((name) => ["aria" + name, describe(name === "Role" ? "role" : "aria-" + name.toLowerCase())]));
}

function describe(attribute) {
  return function (value) {
    const element = this.control ? this.control() : this.element();
    if (!element) return;
    if (value === null || value === undefined || value === "") element.removeAttribute(attribute);
    else element.setAttribute(attribute, String(value));
  };
}

export function defineBuiltins(glassEasel, space, host) {
  const define = definer(glassEasel, space);
  define("view");
  define("text", { props: { selectable: Boolean, userSelect: Boolean } });
  define("label", { props: { for: String }, created: labelled });
  define("image", image(host));
  define("button", button(host));
  define("progress", {
    props: { percent: Number, showInfo: Boolean, activeColor: String, backgroundColor: String, strokeWidth: null },
    on: {
      percent(value) {
        Object.assign(this.element(), { max: 100, value });
      },
    },
  });
  define("canvas", {
    props: { type: String, canvasId: String, disableScroll: Boolean },
    created() {
      this.element().setAttribute("role", "img");
    },
  });
  define("page-meta", { props: { rootFontSize: String, pageStyle: String }, on: { rootFontSize: enlarge(host) }, attached: enlarge(host) });
}

// WeChat: a tap anywhere on a label is a tap on the first control in it.
function labelled() {
  this.element().addEventListener("click", (event) => {
    if (event.target.closest("input")) return;
    const control = this.element().querySelector("input");
    if (control && !this.element().matches("label")) control.click();
  });
}

function image(host) {
  return {
    props: { src: String, mode: { type: String, value: "scaleToFill" }, lazyLoad: Boolean },
    created() {
      const picture = (this.picture = document.createElement("img"));
      picture.alt = "";
      picture.addEventListener("load", () => this.emit("load", { width: picture.naturalWidth, height: picture.naturalHeight }));
      picture.addEventListener("error", () => this.emit("error", { errMsg: `GET ${this.data.src} failed` }));
      this.element().appendChild(picture);
    },
    on: {
      src(value) {
        if (value) this.picture.src = host.wx.$address(value);
        else this.picture.removeAttribute("src");
      },
      ariaLabel(value) {
        this.picture.alt = value || "";
      },
      mode(value) {
        this.element().setAttribute("data-mode", value);
      },
    },
  };
}

function button(host) {
  return {
    props: { size: String, type: String, plain: Boolean, disabled: Boolean, loading: Boolean, openType: String },
    on: {
      disabled(value) {
        this.element().disabled = isOn(value);
      },
      loading(value) {
        this.element().setAttribute("aria-busy", String(isOn(value)));
      },
    },
    created() {
      this.element().addEventListener("click", () => {
        if (isOn(this.data.disabled) || !this.data.openType) return;
        host.wx.$open(this.data.openType, (name, detail) => this.emit(name, detail), this.id);
      });
    },
  };
}

// rem follows the page on top.
function enlarge(host) {
  return function () {
    const page = this.element().closest && this.element().closest("main");
    if (!page) return;
    page.rootFontSize = this.data.rootFontSize;
    if (!page.hidden) host.ui.fontSize(page.rootFontSize);
  };
}
