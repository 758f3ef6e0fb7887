// An address in, its content out, synchronously: what R's url() and download.file() need in Node, which has no XMLHttpRequest.

import { spawnSync } from "node:child_process";

/** Runs in a process of its own: `fetch` is asynchronous and R cannot wait for it. Prints a line of JSON, then the body. */
const FETCH = `
const [url, headers] = JSON.parse(process.argv[1]);
let head, body;
try {
  const response = await fetch(url, { headers });
  head = { statusCode: response.status };
  body = Buffer.from(await response.arrayBuffer());
} catch (error) {
  head = { statusCode: 0 };
  body = Buffer.from(url + " cannot be reached: " + (error.cause?.message ?? error.message));
}
process.stdout.write(JSON.stringify(head) + "\\n");
process.stdout.write(body);
`;

/** The part of XMLHttpRequest that webR's worker uses, as it uses it in Node: its `status` there is a text of JSON. */
export class NodeRequest {
  responseType = "";
  status = "";
  /** @type {ArrayBuffer} */
  response = new ArrayBuffer(0);
  #url = "";
  /** @type {Record<string, string>} */
  #headers = {};

  /** @param {string} _method @param {string} url */
  open(_method, url) {
    this.#url = url;
  }

  /** @param {string} name @param {string} value */
  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  send() {
    const argument = JSON.stringify([this.#url, this.#headers]);
    const { stdout, error } = spawnSync(process.execPath, ["--input-type=module", "-e", FETCH, argument], {
      maxBuffer: 2 ** 31 - 1,
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (error) throw error;
    const end = stdout.indexOf(10);
    this.status = JSON.stringify({ data: JSON.parse(stdout.subarray(0, end).toString()) });
    this.response = /** @type {ArrayBuffer} */ (stdout.buffer.slice(stdout.byteOffset + end + 1, stdout.byteOffset + stdout.length));
  }
}
