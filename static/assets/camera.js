// A camera in the page itself: each picture goes where a picked photo goes.

const WISH = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } };
let close = () => {};

// Below `way`, until it is closed or out of sight. Rejects where there is no camera.
export async function shoot(way, taken) {
  close();
  const stream = await navigator.mediaDevices.getUserMedia({ video: WISH });
  const box = document.createElement("div");
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
  way.after(box);
  way.hidden = true;
  box.append(video);
  close = () => {
    stream.getTracks().forEach((track) => track.stop());
    box.remove();
    way.hidden = false;
  };
  await video.play().catch(close);
  const shutter = button(box, "拍一张", "go", () => picture(video, taken));
  button(box, "拍完了", "go second", close);
  shutter.focus();
}

function button(box, textContent, className, onclick) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent, className, onclick });
  box.append(made);
  return made;
}

function picture(video, taken) {
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob(taken, "image/jpeg", 0.92);
}

addEventListener("hashchange", () => close());
addEventListener("visibilitychange", () => close());
