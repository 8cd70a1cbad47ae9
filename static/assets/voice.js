// Saying it instead of writing: up to a minute, heard once more before it goes with the form.
// Without a recorder, or when the phone says no, the file box does the work.

const form = document.querySelector("form[data-voice]");
const box = form.querySelector("[data-record]");
const button = box.querySelector("[data-start]");
const said = box.querySelector("[data-said]");
const heard = box.querySelector("[data-heard]");
const input = form.elements.voice;
const MOST = Number(form.dataset.voice);
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
let recorder = null;
let ticking = 0;

function kind() {
  return KINDS.find((one) => MediaRecorder.isTypeSupported(one)) || "";
}

async function begin() {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  const parts = [];
  const from = Date.now();
  recorder = new MediaRecorder(sound, { mimeType: kind(), audioBitsPerSecond: 16000 });
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    sound.getTracks().forEach((track) => track.stop());
    keep(new Blob(parts, { type: recorder.mimeType }));
  };
  recorder.start(1000);
  button.textContent = "说完了";
  heard.hidden = true;
  ticking = setInterval(() => {
    const seconds = Math.round((Date.now() - from) / 1000);
    said.textContent = `正在录，${seconds}秒`;
    if (seconds >= MOST) end();
  }, 250);
}

function end() {
  clearInterval(ticking);
  button.textContent = "重新说";
  if (recorder && recorder.state !== "inactive") recorder.stop();
}

function keep(blob) {
  const carried = new DataTransfer();
  carried.items.add(new File([blob], "voice", { type: blob.type }));
  input.files = carried.files;
  heard.src = URL.createObjectURL(blob);
  heard.hidden = false;
  said.textContent = "录好了。可以听一遍，再发。";
}

function refuse() {
  box.hidden = true;
  input.hidden = false;
}

if (self.MediaRecorder && self.DataTransfer && navigator.mediaDevices && kind()) {
  box.hidden = false;
  input.hidden = true;
  button.addEventListener("click", () => {
    if (recorder && recorder.state === "recording") end();
    else begin().catch(refuse);
  });
  form.addEventListener("submit", (event) => {
    if (!recorder || recorder.state !== "recording") return;
    event.preventDefault();
    recorder.addEventListener("stop", () => form.submit());
    end();
  });
}
