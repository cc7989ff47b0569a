// A server of map tiles of one colour, as other people's servers are.

import { createServer } from "node:http";
import { crc32, deflateSync } from "node:zlib";

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(8 + data.length + 4);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 8 + data.length);
  return out;
}

/** A PNG of 256 by 256 pixels of one colour. */
export function png([red, green, blue]) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(256, 0);
  head.writeUInt32BE(256, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(256 * 3, Buffer.from([red, green, blue]))]);
  const rows = Buffer.concat(Array.from({ length: 256 }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Serves such tiles and keeps what it was asked. */
export async function serveTiles(colour) {
  const asked = [];
  const picture = png(colour);
  const server = createServer((request, answer) => {
    asked.push(request.url);
    answer.writeHead(200, { "content-type": "image/png", "content-length": picture.length });
    answer.end(picture);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    asked,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
