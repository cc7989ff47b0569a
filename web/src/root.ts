// Where the server is: it may lie below a path of its host, and then a proxy decides which. This script's own address
// tells it, for the server serves `assets/` beside everything else.

const script: string = import.meta.url;

/** What the path of every address of this server begins with: nothing, or `/plan`, without a slash at its end. */
export const ROOT = new URL("..", script).pathname.replace(/\/$/, "");

/** The service worker's script. It sees what lies beside and below it. */
export const WORKER = `${ROOT}/sw.js`;
