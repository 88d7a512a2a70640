"""Pictures of pages with few colours: read by the browser, written with a palette, a third of the size."""

import base64
import struct
import zlib

from playwright.sync_api import Page

# The most frequent colours are kept, every other becomes the nearest of them: pages are drawn in few, letters have edges.
REDUCE = """async ([picture, most]) => {
  const answer = await fetch(`data:image/png;base64,${picture}`);
  const bitmap = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const kept = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).slice(0, most).map(([colour]) => colour);
  const parts = kept.map((colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255]);
  const nearest = new Map();
  for (const colour of counts.keys()) {
    const [red, green, blue] = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
    let best = 0, least = Infinity;
    parts.forEach(([r, g, b], index) => {
      const away = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
      if (away < least) [best, least] = [index, away];
    });
    nearest.set(colour, best);
  }
  let text = "";
  for (const colour of pixels) text += String.fromCharCode(nearest.get(colour));
  return { width: bitmap.width, height: bitmap.height, colours: parts, pixels: btoa(text) };
}"""
MOST_COLOURS = 64


def small(page: Page, picture: bytes) -> bytes:
    """The same picture as a PNG with a palette; `page` is any page of a browser that may read data addresses."""
    told = page.evaluate(REDUCE, [base64.b64encode(picture).decode(), MOST_COLOURS])
    width, height = told["width"], told["height"]
    pixels = base64.b64decode(told["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in told["colours"])
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
