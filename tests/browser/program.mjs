// The program as an operator starts it, with options of its own, and a port that nobody has.

import { spawn } from "node:child_process";
import { createServer } from "node:net";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROGRAM = process.env.BUJU_PROGRAM ?? `${ROOT}target/release/buju`;

/** Starts `buju serve` on a free port, and says where; `stop` ends it. */
export async function serve(...options) {
  // What is set for the tests' own server is not meant for this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("BUJU_")));
  const server = spawn(PROGRAM, ["serve", "--listen", "127.0.0.1:0", ...options], { env });
  let said = "";
  const base = await new Promise((resolve, reject) => {
    server.stderr.on("data", (text) => {
      said += text;
      const url = /^(http:\/\/\S+?)\/? .*$/m.exec(said)?.[1];
      if (url) resolve(url);
    });
    server.on("exit", () => reject(new Error(`the server ended: ${said.slice(-2000)}`)));
    server.on("error", reject);
  });
  return { base, stop: () => ended(server) };
}

/** Ends a process, and waits until it has. */
export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await gone;
}

/** A port that was free a moment ago. */
export async function freePort() {
  const holder = createServer();
  await new Promise((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address();
  await new Promise((resolve) => holder.close(resolve));
  return port;
}
