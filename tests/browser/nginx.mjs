// A real nginx before servers, with a configuration of its own in a folder of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended } from "./program.mjs";

const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Starts nginx on a port, with these locations; `stop` ends it. */
export async function startNginx(port, locations) {
  const folder = mkdtempSync(join(tmpdir(), "buju-nginx-"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr notice;
events {}
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join("\n")}
  server {
    listen 127.0.0.1:${port};
${locations}
  }
}
`,
  );
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], {
    env: { ...process.env, PATH },
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  let failed = null;
  child.on("error", (cause) => {
    failed = cause;
  });
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (failed || child.exitCode !== null || tries > 100) throw failed ?? new Error(`nginx: ${said}`);
    try {
      await fetch(`${base}/-`);
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    base,
    async stop() {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
