// Where webR's files are in; one R after another out. The two hosts differ in how they read files, and in nothing after that.
//
// `bootNode` reads from a folder; `bootBrowser` fetches. Both keep what they loaded, so that a fresh R after a trap needs no network,
// and both hand the variables of an R that broke to the next one.

import { R } from "./core.mjs";
import { browserNetwork, nodeNetwork } from "./download.mjs";
import { fetchProgram, prefetch, remembering } from "./fetch.mjs";
import { findSwitch } from "./interpreter.mjs";
import { startWebr } from "./scope.mjs";
import { warmGraphics } from "./warm.mjs";

/** @typedef {import("./scope.mjs").Sources} Sources */

/**
 * @typedef {object} Options
 * @property {Record<string, string>} environment R's environment variables (TZ, LANG, ...)
 * @property {string[]} structural classes that are read by value; others stay in R behind handles
 * @property {string} [homedir] R's working directory at start
 * @property {(stage: string, loaded: number, total: number) => void} [progress]
 * @property {() => boolean} [interrupted] asked now and then while R runs: should it stop?
 */

/** @typedef {import("./fetch.mjs").Program} Program */

/** @type {Map<string, Promise<{webr: Sources, r: Record<string, string>}>>} by folder, for the life of this process */
const read = new Map();
/** @type {Map<string, Program>} by address, for the life of this thread */
const fetched = new Map();
/** @type {R | null} the last R of this thread */
let current = null;

/** How long after its files the first plot's library is loaded. */
const WARM_AFTER_MS = 300;

const ENVIRONMENT = Object.freeze({
  R_HOME: "/usr/lib/R",
  FONTCONFIG_PATH: "/etc/fonts",
  LANG: "en_US.UTF-8",
  // Neither compile functions nor use byte code: interpreter.mjs says why.
  R_ENABLE_JIT: "0",
  R_DISABLE_BYTECODE: "1",
});

/**
 * What is made once for a place; but what failed is tried again by the next start.
 *
 * @template T
 * @param {Map<string, T>} made
 * @param {string} place
 * @param {() => T} make
 * @param {(thing: T) => Promise<unknown>} whole
 * @returns {T}
 */
function once(made, place, make, whole) {
  const known = made.get(place);
  if (known !== undefined) return known;
  const thing = make();
  made.set(place, thing);
  whole(thing).catch(() => made.delete(place));
  return thing;
}

/**
 * @param {{webr: Sources, r: Record<string, string>}} files
 * @param {import("./scope.mjs").Host} host
 * @param {string} baseUrl where webR's worker finds its other files
 * @param {import("./download.mjs").Network} network
 * @param {Options} options
 */
async function boot({ webr, r }, host, baseUrl, network, { environment, structural, homedir = "/home/web_user", progress, interrupted }) {
  webr.wasm.then(() => progress?.("Starting R", 0, 0), () => {}); // what fails is told by the start
  const module = await startWebr(webr, host, {
    RArgs: ["--quiet", "--no-save", "--no-restore"],
    REnv: { ...ENVIRONMENT, ...environment },
    baseUrl,
    repoUrl: "https://repo.r-wasm.org",
    homedir,
    interactive: true,
    channelType: 3,
    createLazyFilesystem: true,
  });
  current = new R(module, { sources: r, structural, network, rescued: current?.broken ?? null, interrupted });
  return current;
}

/** Emscripten's number for "not supported". Only an error with this name is one of R's file system. */
const NOT_SUPPORTED = 138;

/** What Emscripten takes for the module `ws` in Node: R's sockets are refused there as they are in a browser. */
class NoSocket {
  static Server = NoSocket;
  constructor() {
    throw Object.assign(new Error("R has no sockets here"), { name: "ErrnoError", errno: NOT_SUPPORTED });
  }
}

/** What Emscripten takes for `child_process`: a program that a shell does not find. */
const noProcesses = { spawnSync: () => ({ status: 127, signal: null }) };

/**
 * Start R in a Node process.
 *
 * @param {Options & {dist: string}} options `dist`: folder with webR's R.js, R.wasm, webr-worker.js, ...
 * @returns {Promise<R>}
 */
export async function bootNode(options) {
  const { readFile, readdir } = await import("node:fs/promises");
  const { createRequire } = await import("node:module");
  const { resolve } = await import("node:path");
  const { NodeRequest, ask } = await import("./node_request.mjs");
  const dist = `${resolve(options.dist)}/`;
  const load = async () => {
    const folder = new URL("../r/", import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".R")).sort();
    const texts = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), "utf8")]));
    return {
      webr: {
        workerText: await readFile(`${dist}webr-worker.js`, "utf8"),
        glueText: await readFile(`${dist}R.js`, "utf8"),
        wasm: readFile(`${dist}R.wasm`).then(async (bytes) => ({ module: await WebAssembly.compile(bytes), bytecode: findSwitch(bytes) })),
      },
      r: Object.fromEntries(texts),
    };
  };
  const files = await once(read, dist, load, (loading) => loading.then(({ webr }) => webr.wasm));
  const require = createRequire(dist);
  /** @type {import("./scope.mjs").Host} */
  const host = (post) => {
    /** @type {(message: object) => void} */
    let listener = () => {};
    // webR's worker believes that it talks to a parent thread. What R opens otherwise (sockets, processes) must fail inside of R.
    const modules = /** @type {Record<string, object>} */ ({
      worker_threads: { parentPort: { on: (/** @type {string} */ _, /** @type {any} */ f) => (listener = f), postMessage: post }, Worker: class {} },
      "xmlhttprequest-ssl": { XMLHttpRequest: class {} },
      ws: NoSocket,
      child_process: noProcesses,
    });
    return {
      globals: {},
      parameters: {
        require: (/** @type {string} */ name) => modules[name.replace(/^node:/, "")] ?? require(name),
        XMLHttpRequest: NodeRequest,
        __dirname: dist,
        __filename: `${dist}R.js`,
        module: {},
      },
      send: (message) => listener(message),
    };
  };
  return boot(files, host, dist, nodeNetwork(ask), options);
}

/**
 * @typedef {Options & {
 *   baseUrl: string,
 *   sources: Record<string, string>,
 *   files: Record<string, {size: number, integrity: string}>,
 *   version: string,
 * }} BrowserOptions `sources`: texts of r/*.R; `files`: what R.js, R.wasm and webr-worker.js must be
 */

/**
 * Fetch and compile what `bootBrowser` starts R from.
 *
 * @param {BrowserOptions} options
 * @param {Program} [program] what has been begun
 */
export function loadBrowser({ baseUrl, files: expected, version, progress = () => {} }, program) {
  return once(fetched, baseUrl, () => program ?? fetchProgram(baseUrl, expected, version, progress), ({ done }) => done);
}

/**
 * Start R in the current worker of a browser, beside whatever runs there.
 *
 * @param {BrowserOptions} options
 * @param {Program} [program] what has been begun
 * @returns {Promise<R>}
 */
export async function bootBrowser(options, program) {
  const { baseUrl, sources } = options;
  const { texts, wasm, libraries } = loadBrowser(options, program);
  const cache = remembering(libraries);
  const { XMLHttpRequest, fetch } = cache;
  /** @type {import("./scope.mjs").Host} */
  const host = () => ({ globals: { XMLHttpRequest, fetch }, parameters: { XMLHttpRequest, fetch }, send: null });
  const webr = { ...(await texts), wasm };
  const r = await boot({ webr, r: sources }, host, baseUrl, browserNetwork(location.href, XMLHttpRequest), options);
  // Not at once: the cell that R was started for comes first. R is idle whenever this thread is.
  prefetch(baseUrl, cache).then(() => setTimeout(() => warmGraphics(r), WARM_AFTER_MS));
  return r;
}
