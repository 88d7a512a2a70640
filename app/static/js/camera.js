// The search page alone: reads a receipt's code with the camera, where the browser can. The button is hidden elsewhere.
import { said } from "./words.js";

const button = document.querySelector("[data-camera]");
const dialog = document.getElementById("may-anh");
const FORMATS = ["qr_code", "code_128", "code_39", "data_matrix", "pdf417"];
const EVERY = 150;

async function offer() {
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((each) => known.includes(each));
  if (!formats.length) return;
  const detector = new BarcodeDetector({ formats });
  button.hidden = false;
  button.addEventListener("click", () => begin(detector));
}

async function begin(detector) {
  const [video, told] = [dialog.querySelector("video"), dialog.querySelector("[role=status]")];
  told.textContent = "";
  dialog.showModal();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    told.textContent = said(
      "Không mở được máy ảnh. Cho phép trình duyệt dùng máy ảnh cho trang này, hoặc gõ mã vào ô tìm.",
      "The camera cannot be opened. Allow the browser to use it for this page, or type the code into the search box.",
    );
    return;
  }
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  dialog.addEventListener("close", stop, { once: true });
  if (!dialog.open) return stop();
  video.srcObject = stream;
  await video.play();
  watch(detector, video);
}

async function watch(detector, video) {
  while (dialog.open) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found?.rawValue && dialog.open) {
      dialog.close();
      const address = new URL(button.dataset.camera, location.href);
      address.searchParams.set("q", found.rawValue);
      return location.assign(address);
    }
    await new Promise((resume) => setTimeout(resume, EVERY));
  }
}

offer();
