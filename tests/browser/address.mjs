// One address before several servers: which of them answers can change while a page is open, and it can be none.

import { createServer, request } from "node:http";

/** Where it listens; `turnTo` another server, or to none; `stop` ends it. */
export async function oneAddress(first) {
  let server = first;
  const open = new Set();
  const answered = [];
  const front = createServer((asked, answer) => {
    if (!server) {
      asked.socket.destroy();
      return;
    }
    const on = request(`${server}${asked.url}`, { method: asked.method, headers: asked.headers }, (from) => {
      answered.push(`${from.statusCode} ${asked.url}`);
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
    on.on("error", () => asked.socket.destroy());
    asked.pipe(on);
  });
  front.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    base: `http://127.0.0.1:${front.address().port}`,
    /** What came through: `304 /plan`, in order. */
    answered,
    turnTo(next) {
      server = next;
      cut();
    },
    stop() {
      cut();
      front.close();
    },
  };
}
