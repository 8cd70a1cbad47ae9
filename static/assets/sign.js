// Signing with a finger. The strokes go with the form; without this the other three ways stand.

const form = document.querySelector("form[data-sign]");
const pad = form.querySelector("canvas");
const said = form.querySelector("[data-said]");
const LEAST_POINTS = 8;
let strokes = [];

function fit() {
  const ratio = window.devicePixelRatio || 1;
  pad.width = pad.clientWidth * ratio;
  pad.height = pad.clientHeight * ratio;
  pad.getContext("2d").scale(ratio, ratio);
}

function point(event) {
  const box = pad.getBoundingClientRect();
  return [Math.round(event.clientX - box.left), Math.round(event.clientY - box.top)];
}

function draw(from, to) {
  const pen = pad.getContext("2d");
  Object.assign(pen, { lineWidth: 4, lineCap: "round", strokeStyle: "#000" });
  pen.beginPath();
  pen.moveTo(from[0], from[1]);
  pen.lineTo(to[0], to[1]);
  pen.stroke();
}

function begin(event) {
  if (pad.setPointerCapture) pad.setPointerCapture(event.pointerId);
  strokes.push([point(event)]);
  event.preventDefault();
}

function go(event) {
  if (!event.buttons || !strokes.length) return;
  const stroke = strokes[strokes.length - 1];
  const next = point(event);
  draw(stroke[stroke.length - 1], next);
  stroke.push(next);
}

function again() {
  strokes = [];
  fit();
  said.textContent = "";
}

form.hidden = false;
fit();
pad.addEventListener("pointerdown", begin);
pad.addEventListener("pointermove", go);
form.querySelector("[data-again]").addEventListener("click", again);
form.addEventListener("submit", (event) => {
  const points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  if (points < LEAST_POINTS) {
    said.textContent = "还没有签名。请用手指写名字。";
    event.preventDefault();
  }
  form.elements.strokes.value = JSON.stringify(strokes);
});
