// glass-easel draws into this document: built-in tags become real HTML elements, a click becomes a tap.
import { glassEasel } from "glass-easel-miniprogram-adapter";
import { ELEMENTS } from "../compile/tags.mjs";

const TOUCHES = ["touchstart", "touchmove", "touchend", "touchcancel"];
const NATIVE = /^(BUTTON|INPUT|TEXTAREA|SELECT|A|LABEL)$/;
const listening = new Set();
const doc = globalThis.document;
glassEasel.globalOptions.writeIdToDOM = true; // before the first component space takes its options over

export function makeBackend() {
  const context = new glassEasel.CurrentWindowBackendContext();
  context.document = { createElement, createTextNode: (text) => doc.createTextNode(text), createDocumentFragment: () => doc.createDocumentFragment() };
  context.setListenerStats = bound;
  doc.addEventListener("click", tapped, true);
  doc.addEventListener("keydown", pressed);
  return context;
}

export function fire(node, type, detail, extra) {
  while (node && !node.__wxElement) node = node.parentNode;
  if (node) glassEasel.triggerEvent(node.__wxElement, type, detail, { bubbles: true, composed: true, capturePhase: true, extraFields: extra });
}

function createElement(tag) {
  const element = doc.createElement(ELEMENTS[tag] || (tag.includes("-") ? tag : "wx-" + tag));
  if (tag in ELEMENTS) element.setAttribute("data-wx", tag);
  if (ELEMENTS[tag] === "button") element.setAttribute("type", "button");
  return element;
}

function point(event) {
  const box = event.target && event.target.getBoundingClientRect ? event.target.getBoundingClientRect() : { left: 0, top: 0 };
  const { pageX = 0, pageY = 0, clientX = 0, clientY = 0 } = event;
  return { identifier: 0, pageX, pageY, clientX, clientY, x: clientX - box.left, y: clientY - box.top };
}

// Mouse, finger, keyboard and screen reader all end in a DOM click.
function tapped(event) {
  const at = point(event);
  fire(event.target, "tap", { x: at.pageX, y: at.pageY }, { touches: [at], changedTouches: [at] });
}

function pressed(event) {
  const target = event.target;
  if ((event.key !== "Enter" && event.key !== " ") || NATIVE.test(target.tagName)) return;
  if (!target.__wxElement || target.getAttribute("tabindex") !== "0") return;
  event.preventDefault();
  target.click();
}

// Called when a template binds an event.
function bound(element, type) {
  if (TOUCHES.includes(type)) listen(type);
  else if (type === "tap" && element && element.setAttribute && !NATIVE.test(element.tagName)) element.setAttribute("tabindex", "0");
}

function listen(type) {
  if (listening.has(type)) return;
  listening.add(type);
  const list = (event, touches) => Array.from(touches || []).map((one) => point({ target: event.target, pageX: one.pageX, pageY: one.pageY, clientX: one.clientX, clientY: one.clientY }));
  doc.addEventListener(type, (event) => fire(event.target, type, {}, { touches: list(event, event.touches), changedTouches: list(event, event.changedTouches) }), { capture: true, passive: true });
  const mouse = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup" }[type];
  if (mouse) doc.addEventListener(mouse, (event) => asTouch(event, type), true);
}

// A mouse on a desk plays the finger.
function asTouch(event, type) {
  if (type === "touchmove" && !event.buttons) return;
  const at = point(event);
  fire(event.target, type, {}, { touches: type === "touchend" ? [] : [at], changedTouches: [at] });
}
