// A photo of eight megabytes does not leave a village with one bar of network: it is drawn anew and small before it is
// sent, which also leaves behind where and when it was taken. Whatever cannot be drawn here goes as it is.
const LONGEST = 1280;

const small = async (file) => {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  return new File([blob], "photo.jpg", { type: "image/jpeg" });
};

document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!input.matches("input[data-shrink]")) return;
  const button = input.form.querySelector("button:not([type=button])");
  button.disabled = true;
  try {
    const chosen = new DataTransfer();
    // One after the other: a cheap phone has no memory for three at once.
    for (const file of [...input.files]) chosen.items.add(await small(file).catch(() => file));
    input.files = chosen.files;
    const kb = Math.ceil(Array.from(input.files).reduce((sum, file) => sum + file.size, 0) / 1024);
    const said = input.parentElement.querySelector("output") || input.parentElement.appendChild(document.createElement("output"));
    said.textContent = input.files.length ? input.dataset.ready.replace("{n}", input.files.length).replace("{kb}", kb) : "";
  } finally {
    button.disabled = false;
  }
});
