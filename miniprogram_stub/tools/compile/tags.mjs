// The tags of WeChat that the client may use, and the element that plays each one in a browser.
export const ELEMENTS = {
  view: "div",
  text: "span",
  image: "span",
  button: "button",
  input: "input",
  textarea: "textarea",
  label: "label",
  "checkbox-group": "div",
  checkbox: "span",
  "radio-group": "div",
  radio: "span",
  picker: "div",
  progress: "progress",
  canvas: "canvas",
  "page-meta": "wx-page-meta",
};

export const BUILTINS = new Set([...Object.keys(ELEMENTS), "block", "import", "include", "template", "slot", "wxs"]);
