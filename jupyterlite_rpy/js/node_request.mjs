// An address in, its content out, synchronously: what R's url() and download.file() need in Node, which has no XMLHttpRequest.

import { spawnSync } from "node:child_process";

/** @typedef {import("./download.mjs").Answer} Answer */

/** Runs in a process of its own: `fetch` is asynchronous and R cannot wait for it. Prints a line of JSON, then the body. */
const FETCH = `
const [url, headers, seconds] = JSON.parse(process.argv[1]);
let head, body = "";
try {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(1000 * seconds) });
  head = { status: response.status };
  body = Buffer.from(await response.arrayBuffer());
} catch (error) {
  head = { status: 0, code: error.name === "TimeoutError" ? "timeout" : String(error.cause?.code ?? error.cause?.message ?? error.message) };
}
process.stdout.write(JSON.stringify(head) + "\\n");
process.stdout.write(body);
`;

/** @type {import("./download.mjs").Ask} */
export function ask(url, headers, seconds) {
  const argument = JSON.stringify([url, headers, seconds]);
  const { stdout, error } = spawnSync(process.execPath, ["--input-type=module", "-e", FETCH, argument], {
    maxBuffer: 2 ** 31 - 1,
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (error) throw error;
  const end = stdout.indexOf(10);
  const { status, code } = JSON.parse(stdout.subarray(0, end).toString());
  const body = /** @type {ArrayBuffer} */ (stdout.buffer.slice(stdout.byteOffset + end + 1, stdout.byteOffset + stdout.length));
  return { status, code, body };
}

/** The part of XMLHttpRequest that webR's worker uses, as it uses it in Node: its `status` there is a text of JSON. */
export class NodeRequest {
  responseType = "";
  status = "";
  /** @type {ArrayBuffer} */
  response = new ArrayBuffer(0);
  #url = "";
  /** @type {[string, string][]} */
  #headers = [];

  /** @param {string} _method @param {string} url */
  open(_method, url) {
    this.#url = url;
  }

  /** @param {string} name @param {string} value */
  setRequestHeader(name, value) {
    this.#headers.push([name, value]);
  }

  send() {
    const { status, body, code } = ask(this.#url, this.#headers, 60);
    this.status = JSON.stringify({ data: { statusCode: status } });
    this.response = code ? new TextEncoder().encode(`${this.#url} cannot be reached: ${code}`).buffer : body;
  }
}
