// Frames from Python in, frames to Python out: webR in a Node process of its own, for Python that runs natively.
// Arguments: the descriptors to read from, to write to, and (optional) to look at for an interrupt, and of the files in memory with
// large buffers, in and out.
//
// The loop is synchronous, as in the browser: while R waits for Python (`input`, `python` events), Python may call R again.

import fs from "node:fs";
import { Folders } from "./folders.mjs";
import { readFrame, takeWaiting, writeFrame } from "./frame.mjs";
import { quicken } from "./images.mjs";

const [input, output, interrupts, sharedIn, sharedOut] = process.argv.slice(2).map(Number);

/** Events that R cannot go on without an answer to. */
const ASKING = new Set(["input", "python", "scalars"]);

const interrupt = new Uint8Array(64);
/** Was an interrupt asked for since the last look? The descriptor does not block. */
function interrupted() {
  if (interrupts === undefined) return false;
  try {
    const count = fs.readSync(interrupts, interrupt, 0, interrupt.length, null);
    if (count === 0) process.exit(0); // closed: Python is gone, and R's loop would run for ever
    return true;
  } catch (error) {
    if (/** @type {any} */ (error).code === "EAGAIN") return false;
    throw error;
  }
}

/** @type {import("./protocol.js").Incoming | null} buffers of the last message, some perhaps still in the file */
let latest = null;

/** @returns {{message: any, buffers: Uint8Array[]}} */
function receive() {
  const frame = readFrame(input, sharedIn);
  if (frame === null) process.exit(0); // Python is gone
  latest = frame.buffers;
  return frame;
}

/** @type {any} */
let r = null;
/** @type {Folders} */
let folders;

/** Python has gone to another folder since its last message: R goes there, too. @param {{cwd?: string}} message */
function follow({ cwd }) {
  if (cwd !== undefined) folders.enter(cwd);
}

/**
 * @param {any} request
 * @param {Uint8Array[]} buffers
 */
function serve(request, buffers) {
  const { reply, buffers: out } = r.handle(request, buffers, listener);
  writeFrame(output, { kind: "reply", reply, ...folders.moved() }, out, sharedOut);
}

/**
 * @param {any} event
 * @param {ArrayBufferView[]} buffers
 * @returns {{reply: any, buffers: Uint8Array[]}}
 */
function report(event, buffers = []) {
  const asks = ASKING.has(event.event);
  if (event.event === "stream" && event.name === "stderr") event.text += folders.hint(event.text);
  // Python's answer comes by the same file. What does not wait for an answer goes by the pipe: the next frame may overtake it.
  if (asks) takeWaiting(latest);
  writeFrame(output, { kind: "event", event, asks, ...(asks ? folders.moved() : {}) }, buffers, asks ? sharedOut : undefined);
  while (asks) {
    const { message, buffers: received } = receive();
    follow(message);
    if (message.kind === "answer") return { reply: message.reply, buffers: received };
    serve(message.request, received); // Python calls R while R waits for it
  }
  return { reply: {}, buffers: [] };
}

/** @type {import("./protocol.js").OnEvent} */
const listener = Object.assign(report, {
  scalars: (/** @type {number} */ id, /** @type {any[]} */ args) => {
    const { reply, buffers } = report({ event: "scalars", id, args });
    return "scalar" in reply ? reply.scalar : { reply, buffers };
  },
});

/** @param {any} options what `bootNode` takes */
async function start(options) {
  try {
    const { bootNode } = await import("./runtime.mjs");
    /** @type {(stage: string, loaded: number, total: number) => void} */
    const progress = (stage, loaded, total) => writeFrame(output, { kind: "progress", stage, loaded, total });
    const timezone = options.environment.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const environment = { ...options.environment, TZ: timezone };
    r = await bootNode({ ...options, environment, interrupted, progress });
    quicken(r.c.M, "mountImagePath", (path) => fs.readFileSync(path));
    folders = new Folders(r.c.M);
    for (const folder of options.folders) folders.show(folder);
    writeFrame(output, { kind: "ready", timezone });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    writeFrame(output, { kind: "failed", message, stack });
  }
}

for (;;) {
  const { message, buffers } = receive();
  if (message.kind === "close") break;
  if (message.kind === "open") {
    await start(message.options);
  } else {
    interrupted(); // one that came too late for the call before is not meant for this one
    follow(message);
    serve(message.request, buffers);
  }
}
process.exit(0);
