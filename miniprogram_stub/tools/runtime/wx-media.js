// wx: pictures taken and chosen, shrunk, shown, saved to the album.
const SIDE = 2400;

export function mediaCalls(play) {
  const { disk, host } = play;
  return {
    chooseMedia: play.call("chooseMedia", async ({ count = 9 }) => {
      await play.wx.$agreed("chooseMedia");
      const files = play.options.files ? play.options.files.splice(0, count) : await host.ui.choose(count > 1);
      if (!files.length) throw new Error("cancel");
      const kept = await Promise.all(files.slice(0, count).map((file) => taken(disk, file)));
      return { type: "image", tempFiles: kept };
    }),
    compressImage: play.call("compressImage", async ({ src, quality = 80 }) => {
      if (!disk.has(src)) throw new Error("file not exist");
      const { bytes, type } = disk.read(src);
      return { tempFilePath: disk.temporary(await shrunk(bytes, type, quality)) };
    }),
    previewImage: play.call("previewImage", ({ urls, current }) => host.ui.preview(play.wx.$address(current || urls[0]))),
    saveImageToPhotosAlbum: play.call("saveImageToPhotosAlbum", async ({ filePath }) => {
      await play.wx.$agreed("saveImageToPhotosAlbum");
      if (!disk.has(filePath)) throw new Error("file not exist");
    }),
    makePhoneCall: play.call("makePhoneCall", () => {}),
    openDocument: play.call("openDocument", ({ filePath }) => {
      if (!disk.has(filePath)) throw new Error("file not exist");
      if (globalThis.open) globalThis.open(play.wx.$address(filePath));
    }),
    createInnerAudioContext() {
      const player = new globalThis.Audio();
      return {
        set src(path) {
          player.src = play.wx.$address(path);
        },
        play: () => player.play(),
      };
    },
    getRecorderManager: () => recorder(play),
    // `options.scan` is what the camera would read.
    scanCode: play.call("scanCode", () => {
      if (!play.options.scan) throw new Error("no camera");
      return { result: play.options.scan, scanType: "QR_CODE" };
    }),
    setClipboardData: play.call("setClipboardData", () => {}),
  };
}

// One for the whole client, as in WeChat. `options.recording` [File] plays what is said.
function recorder(play) {
  if (play.recorder) return play.recorder;
  const heard = {};
  const state = { since: 0, stream: null };
  const fail = (fault) => heard.error && heard.error({ errMsg: "operateRecorder:fail " + fault.message });
  const start = play.call("RecorderManager.start", async () => {
    await play.wx.$agreed("RecorderManager.start");
    state.since = Date.now();
    if (!play.options.recording) state.stream = await spoken();
    if (heard.start) heard.start({});
  });
  const end = play.call("RecorderManager.stop", async () => {
    const file = play.options.recording ? play.options.recording.shift() : await state.stream();
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (heard.stop) heard.stop({ tempFilePath: play.disk.temporary(bytes, file.type), duration: Date.now() - state.since, fileSize: bytes.length });
  });
  play.recorder = {
    onStart: (act) => (heard.start = act),
    onStop: (act) => (heard.stop = act),
    onError: (act) => (heard.error = act),
    start: (given) => start(given).catch((fault) => fail(new Error(fault.errMsg))),
    stop: () => end().catch((fault) => fail(new Error(fault.errMsg))),
  };
  return play.recorder;
}

// Resolves to what ends the recording and gives it.
async function spoken() {
  const stream = await globalThis.navigator.mediaDevices.getUserMedia({ audio: true });
  const machine = new globalThis.MediaRecorder(stream);
  const parts = [];
  machine.ondataavailable = ({ data }) => parts.push(data);
  machine.start();
  return () => new Promise((resolve) => {
    machine.onstop = () => resolve(new Blob(parts, { type: machine.mimeType }));
    machine.stop();
    stream.getTracks().forEach((track) => track.stop());
  });
}

async function taken(disk, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { tempFilePath: disk.temporary(bytes, file.type), size: bytes.length, fileType: "image" };
}

async function shrunk(bytes, type, quality) {
  if (!globalThis.createImageBitmap || !globalThis.OffscreenCanvas) return bytes;
  const picture = await globalThis.createImageBitmap(new Blob([bytes], { type }));
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = new globalThis.OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const made = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  return new Uint8Array(await made.arrayBuffer());
}
