// Signing with a finger. The strokes go with the form; without this the other three ways stand.
// signing.js uses the same pad without a signal.

const LEAST_POINTS = 8;

// The pad of `box`. Its strokes when asked for; null, and a sentence, when that is no signature.
export function signing(box) {
  const pad = box.querySelector("canvas");
  const said = box.querySelector("[data-said]");
  const pen = pad.getContext("2d");
  let strokes;

  function again() {
    const ratio = window.devicePixelRatio || 1;
    pad.width = pad.clientWidth * ratio;
    pad.height = pad.clientHeight * ratio;
    pen.scale(ratio, ratio);
    Object.assign(pen, { lineWidth: 4, lineCap: "round", strokeStyle: "#000" });
    strokes = [];
    said.textContent = "";
  }

  const point = (event) => [Math.round(event.offsetX), Math.round(event.offsetY)];

  again();
  box.querySelector("[data-again]").onclick = again;
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    strokes.push([point(event)]);
    event.preventDefault();
  };
  pad.onpointermove = (event) => {
    if (!event.buttons || !strokes.length) return;
    const stroke = strokes[strokes.length - 1];
    const next = point(event);
    pen.beginPath();
    pen.moveTo(...stroke[stroke.length - 1]);
    pen.lineTo(...next);
    pen.stroke();
    stroke.push(next);
  };
  return () => {
    if ([].concat(...strokes).length >= LEAST_POINTS) return strokes;
    said.textContent = "还没有签名。请用手指写名字。";
    return null;
  };
}

const form = document.querySelector("form[data-sign]");
if (form) {
  form.hidden = false;
  const signed = signing(form);
  form.addEventListener("submit", (event) => {
    const strokes = signed();
    if (strokes) form.elements.strokes.value = JSON.stringify(strokes);
    else event.preventDefault();
  });
}
