// A real R in this Node process for tests: code in; reply, output, pages and answers out, all in one record.

import { resolve } from "node:path";
import { bootNode } from "../../jupyterlite_rpy/js/runtime.mjs";

/** @typedef {import("../../jupyterlite_rpy/js/protocol.js").RValue} RValue */
/** @typedef {import("../../jupyterlite_rpy/js/protocol.js").Request} Request */
/** @typedef {import("../../jupyterlite_rpy/js/protocol.js").Reply} Reply */
/** @typedef {import("../../jupyterlite_rpy/js/protocol.js").Answer} Answer */
/** @typedef {{value: RValue, buffers: Uint8Array[]}} Parcel a value with the buffers that it names from 0 on */
/** @typedef {{id: string, update: boolean, mime: string, width: number | null, height: number | null, data: Uint8Array}} Page */

/** Classes that Python reads by value, as it tells them at start. */
export const STRUCTURAL = ["data.frame", "factor", "Date", "POSIXct", "difftime", "table", "ts", "AsIs", "noquote"];

const webr = process.env.RPY_WEBR_URL;
if (!webr) throw new Error("RPY_WEBR_URL does not name the folder with webR's files; `make test` sets it");
export const DIST = resolve(webr);

/** @param {Partial<import("../../jupyterlite_rpy/js/runtime.mjs").Options>} [options] */
export const boot = (options = {}) => bootNode({ dist: DIST, environment: { TZ: "Europe/Berlin" }, structural: STRUCTURAL, ...options });

/** What one request gave. */
export class Record {
  /** @type {any} R's reply */
  reply = null;
  /** @type {Uint8Array[]} copies */
  buffers = [];
  /** @type {any[]} all events, in order */
  events = [];
  /** @type {Page[]} */
  pages = [];

  /** What was printed, both streams together. */
  get text() {
    return this.#printed(() => true);
  }

  get stdout() {
    return this.#printed((name) => name === "stdout");
  }

  get stderr() {
    return this.#printed((name) => name === "stderr");
  }

  /** The cell as it is seen: text and pages in order, pieces of one stream joined. @returns {string[]} */
  get seen() {
    /** @type {string[]} */
    const seen = [];
    let last = "";
    for (const event of this.events) {
      if (event.event === "stream" && event.name === last) seen[seen.length - 1] += event.text;
      else if (event.event === "stream") seen.push(`${event.name}: ${event.text}`);
      else if (event.event === "display") seen.push(event.update ? "update" : "page");
      last = event.event === "stream" ? event.name : "";
    }
    return seen;
  }

  /** @returns {Parcel} */
  get parcel() {
    return { value: this.reply.value, buffers: this.buffers };
  }

  /** @param {(name: string) => boolean} wanted */
  #printed(wanted) {
    return this.events.filter(({ event, name }) => event === "stream" && wanted(name)).map(({ text }) => text).join("");
  }
}

export class Rig {
  /** @param {import("../../jupyterlite_rpy/js/core.mjs").R} r */
  constructor(r) {
    this.r = r;
    /** Answers Python's side of a callback. @type {(id: number | null, args: {name: string | null, value: RValue}[], buffers: Uint8Array[]) => Answer} */
    this.python = () => ({ reply: { error: { message: "no Python here" } }, buffers: [] });
    /** @type {(prompt: string) => {text: string} | {error: {message: string}}} */
    this.input = () => ({ error: { message: "no one is there" } });
    /** Called for each event before anything else. @type {(event: any) => void} */
    this.watch = () => {};
  }

  /** @param {Partial<import("../../jupyterlite_rpy/js/runtime.mjs").Options>} [options] */
  static async start(options) {
    return new Rig(await boot(options));
  }

  /** @param {Request} request @param {Uint8Array[]} [buffers] @returns {Record} */
  request(request, buffers = []) {
    const record = new Record();
    const { reply, buffers: out } = this.r.handle(request, buffers, (event, data) => {
      record.events.push(event);
      this.watch(event);
      if (event.event === "display") record.pages.push({ ...event, data: data[event.buffer].slice() });
      if (event.event === "python") return this.python(event.id, event.args, data);
      if (event.event === "input") return { reply: this.input(event.prompt), buffers: [] };
      return null;
    });
    record.reply = reply;
    record.buffers = out.map((buffer) => buffer.slice());
    return record;
  }

  /**
   * Run a cell.
   *
   * @param {string} code
   * @param {{inputs?: {[name: string]: Parcel}, [field: string]: any}} [more] further fields of the request
   */
  run(code, { inputs = {}, ...more } = {}) {
    const packed = pack(Object.entries(inputs).map(([name, parcel]) => ({ name, parcel })));
    return this.request({ op: "run", code, inputs: /** @type {any} */ (packed.values), ...more }, packed.buffers);
  }

  /** Run a cell that must not fail. @param {string} code @param {any} [more] */
  ok(code, more) {
    const record = this.run(code, more);
    if (record.reply.status !== "ok") throw new Error(`${code.slice(0, 200)}\n${JSON.stringify(record.reply.error, null, 1)}`);
    return record;
  }

  /** The error of a cell that must fail. @param {string} code @param {any} [more] */
  fail(code, more) {
    const record = this.run(code, more);
    if (record.reply.status !== "error") throw new Error(`did not fail: ${code.slice(0, 200)}`);
    return { ...record.reply.error, stderr: record.stderr, stdout: record.stdout };
  }

  /** One text, number or truth value computed by R. @param {string} code @returns {string} */
  ask(code) {
    return this.ok(`cat(format(${code}, digits = 15))`).stdout;
  }

  /** @param {string} name @param {boolean} [keep] @returns {Record} */
  get(name, keep = false) {
    return this.request({ op: "get", name, keep });
  }

  /** @param {{[name: string]: Parcel}} values */
  set(values) {
    const packed = pack(Object.entries(values).map(([name, parcel]) => ({ name, parcel })));
    return this.request({ op: "set", inputs: /** @type {any} */ (packed.values) }, packed.buffers);
  }

  /**
   * @param {string | RValue} callee
   * @param {(Parcel | [string, Parcel])[]} args a pair names its argument
   * @param {{keep?: boolean, device?: any}} [more]
   */
  call(callee, args = [], more = {}) {
    const packed = pack(args.map((arg) => (Array.isArray(arg) ? { name: arg[0], parcel: arg[1] } : { name: null, parcel: arg })));
    const target = typeof callee === "string" ? { name: callee } : callee;
    return this.request({ op: "call", function: target, args: packed.values, ...more }, packed.buffers);
  }

  /** @param {number[]} [ids] handles to release first @returns {any} */
  state(ids = []) {
    return this.request({ op: "state", release: ids }).reply;
  }

  /** R is as it was: it prints, fits models and keeps its own books. */
  intact() {
    const { M } = this.r.c;
    const answer = this.ok('stopifnot(identical(round(coef(lm(dist ~ speed, cars))[["speed"]], 4), 3.9324)); cat("intact")').stdout;
    return answer === "intact" && this.r.listeners.stack.length === 0 && M.HEAP32[M._R_PPStackTop >> 2] === 0;
  }
}

/**
 * Values of a request share one list of buffers.
 *
 * @param {{name: string | null, parcel: Parcel}[]} parcels
 */
export function pack(parcels) {
  /** @type {Uint8Array[]} */
  const buffers = [];
  const values = parcels.map(({ name, parcel }) => {
    const start = buffers.push(...parcel.buffers) - parcel.buffers.length;
    return { name, value: shifted(parcel.value, start) };
  });
  return { values, buffers };
}

/** The same value, its buffers numbered from `start` on. @param {any} value @param {number} start @returns {any} */
function shifted(value, start) {
  const copy = { ...value };
  for (const field of ["buffer", "offsets", "data"]) if (field in copy) copy[field] += start;
  if (copy.items) copy.items = copy.items.map((/** @type {any} */ item) => shifted(item, start));
  if (copy.attributes) copy.attributes = copy.attributes.map((/** @type {any} */ [name, item]) => [name, shifted(item, start)]);
  return copy;
}

/** @param {ArrayBufferView} view */
const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** @param {...number} numbers @returns {Parcel} */
export const double = (...numbers) => ({
  value: { type: "double", length: numbers.length, buffer: 0 },
  buffers: [bytes(Float64Array.from(numbers))],
});

/** @param {...number} numbers @returns {Parcel} */
export const integer = (...numbers) => ({
  value: { type: "integer", length: numbers.length, buffer: 0 },
  buffers: [bytes(Int32Array.from(numbers))],
});

/** @param {...(string | null)} texts null: NA @returns {Parcel} */
export function character(...texts) {
  const distinct = [...new Set(texts.filter((text) => text !== null))];
  const encoded = distinct.map((text) => new TextEncoder().encode(text));
  const offsets = new Int32Array(distinct.length + 1);
  encoded.forEach(({ length }, i) => (offsets[i + 1] = offsets[i] + length));
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : distinct.indexOf(text)));
  return {
    value: { type: "character", length: texts.length, buffer: 0, offsets: 1, data: 2 },
    buffers: [bytes(codes), bytes(offsets), Uint8Array.from(encoded.flatMap((part) => [...part]))],
  };
}

/** @param {Parcel[]} items @param {string[]} [names] @returns {Parcel} */
export function list(items, names) {
  const packed = pack(items.map((parcel) => ({ name: null, parcel })));
  /** @type {any} */
  const value = { type: "list", length: items.length, items: packed.values.map(({ value }) => value) };
  if (names) {
    const attribute = character(...names);
    value.attributes = [["names", shifted(attribute.value, packed.buffers.length)]];
    packed.buffers.push(...attribute.buffers);
  }
  return { value, buffers: packed.buffers };
}

/** @type {Parcel} */
export const NULL = { value: { type: "NULL" }, buffers: [] };

/** A Python callable, or any other object of Python. @param {number} id @param {boolean} [callable] @param {string} [name] @returns {Parcel} */
export const python = (id, callable = true, name = callable ? "function" : "Thing") => ({
  value: { type: "python", id, class: [name], callable },
  buffers: [],
});

/** The first number of a parcel. @param {Parcel} parcel */
export function number({ value, buffers }) {
  const data = buffers[/** @type {any} */ (value).buffer].slice();
  return value.type === "double" ? new Float64Array(data.buffer)[0] : new Int32Array(data.buffer)[0];
}
