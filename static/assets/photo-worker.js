// Makes a photo small, away from the page.

async function decode(file, side) {
  const wish = { data: file.stream(), type: file.type, desiredWidth: side, desiredHeight: side };
  try {
    return (await new ImageDecoder(wish).decode()).image;
  } catch (error) {
    return createImageBitmap(file, { imageOrientation: "from-image" });
  }
}

async function shrink({ file, side, quality }) {
  const image = await decode(file, side * 1.25);
  const width = image.displayWidth || image.width;
  const height = image.displayHeight || image.height;
  const ratio = Math.min(1, side / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * ratio), Math.round(height * ratio));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const small = await canvas.convertToBlob({ type: "image/webp", quality });
  return small.type === "image/webp" ? small : canvas.convertToBlob({ type: "image/jpeg", quality });
}

onmessage = (event) => {
  shrink(event.data).then(postMessage, () => postMessage(null)).then(close);
};
