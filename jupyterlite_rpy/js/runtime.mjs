// Where webR's files are in; one R after another out. The two hosts differ in how they read files, and in nothing after that.
//
// `bootNode` reads from a folder; `bootBrowser` fetches. Both keep what they loaded, so that a fresh R after a trap needs no network,
// and both hand the variables of an R that broke to the next one.

import { R } from "./core.mjs";
import { browserNetwork, nodeNetwork } from "./download.mjs";
import { fetchSources, prefetch, remembering } from "./fetch.mjs";
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

/** @typedef {{webr: Sources, r: Record<string, string>}} Loaded */

/** @type {Map<string, Promise<Loaded>>} by place, for the life of this thread */
const loaded = new Map();
/** @type {R | null} the last R of this thread */
let current = null;

/** How long after its files the first plot's library is loaded. */
const WARM_AFTER_MS = 300;

const ENVIRONMENT = Object.freeze({
  R_HOME: "/usr/lib/R",
  FONTCONFIG_PATH: "/etc/fonts",
  LANG: "en_US.UTF-8",
  // The byte-code interpreter is slower here than evaluating the syntax tree (fib(22): 290 ms against 40 ms).
  R_ENABLE_JIT: "0",
});

/**
 * @param {string} place
 * @param {() => Promise<Loaded>} load
 * @returns {Promise<Loaded>}
 */
function once(place, load) {
  let promise = loaded.get(place);
  if (!promise) {
    promise = load();
    loaded.set(place, promise);
    // A failed start is tried again by the next one.
    promise.catch(() => loaded.delete(place));
  }
  return promise;
}

/**
 * @param {Loaded} files
 * @param {import("./scope.mjs").Host} host
 * @param {string} baseUrl where webR's worker finds its other files
 * @param {import("./download.mjs").Network} network
 * @param {Options} options
 */
async function boot({ webr, r }, host, baseUrl, network, { environment, structural, homedir = "/home/web_user", progress, interrupted }) {
  progress?.("Starting R", 0, 0);
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
  const files = await once(dist, async () => {
    const folder = new URL("../r/", import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".R")).sort();
    const texts = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), "utf8")]));
    return {
      webr: {
        workerText: await readFile(`${dist}webr-worker.js`, "utf8"),
        glueText: await readFile(`${dist}R.js`, "utf8"),
        wasm: await WebAssembly.compile(await readFile(`${dist}R.wasm`)),
      },
      r: Object.fromEntries(texts),
    };
  });
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
 */
export function loadBrowser({ baseUrl, sources, files: expected, version, progress = () => {} }) {
  return once(baseUrl, async () => ({ webr: await fetchSources(baseUrl, expected, version, progress), r: sources }));
}

/**
 * Start R in the current worker of a browser, beside whatever runs there.
 *
 * @param {BrowserOptions} options
 * @returns {Promise<R>}
 */
export async function bootBrowser(options) {
  const { baseUrl } = options;
  const files = await loadBrowser(options);
  const cache = remembering();
  const { XMLHttpRequest } = cache;
  /** @type {import("./scope.mjs").Host} */
  const host = () => ({ globals: { XMLHttpRequest }, parameters: { XMLHttpRequest }, send: null });
  const r = await boot(files, host, baseUrl, browserNetwork(location.href, XMLHttpRequest), options);
  // Not at once: the cell that R was started for comes first. R is idle whenever this thread is.
  prefetch(baseUrl, cache).then(() => setTimeout(() => warmGraphics(r), WARM_AFTER_MS));
  return r;
}
