// An address in, its content out, synchronously: what R's url(), download.file() and file("https://...") ask for.
//
// The hosts differ in how they ask (`Ask`); what a failure means is told here, in words: which host, why, what to do.

/** @typedef {{status: number, body: ArrayBuffer, code?: string}} Answer `status` 0: none came, for a reason that `code` may name */
/** @typedef {(url: string, headers: [string, string][], seconds: number) => Answer} Ask */

/**
 * @typedef {object} Network
 * @property {Ask} ask
 * @property {string | null} site address of the site that the page belongs to, with a slash at its end; null: there is no page
 * @property {() => boolean} online is there a network at all?
 */

/** How long R waits if `options(timeout)` does not say. */
const SECONDS = 60;

/** The content of an address could not be had. */
export class DownloadProblem extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(`${message}\nHint: ${hint}`);
    this.name = "DownloadProblem";
  }
}

/**
 * @param {Network} network
 * @param {string} address relative to the site, if there is one
 * @param {string[]} headers `Name: value`
 * @param {number} seconds to wait at most
 * @returns {ArrayBuffer}
 */
export function download(network, address, headers, seconds) {
  const url = resolve(network, address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new DownloadProblem(
      `${address} cannot be read: addresses that begin with ${url.protocol}// are not supported here`,
      "use an address that begins with https://",
    );
  }
  const pairs = headers.map((header) => {
    const colon = header.indexOf(":");
    return /** @type {[string, string]} */ ([header.slice(0, colon).trim(), header.slice(colon + 1).trim()]);
  });
  const { status, body, code } = network.ask(url.href, pairs, seconds);
  if (status >= 200 && status < 300) return body;
  throw status === 0 ? unanswered(network, url, code, seconds) : refused(url, status);
}

/** @param {Network} network @param {string} address */
function resolve({ site }, address) {
  try {
    return new URL(address, site ?? undefined);
  } catch {
    throw new DownloadProblem(
      `${address} is no complete address`,
      site ? "write it like https://host/path" : "write it like https://host/path; relative ones refer to a site, and there is none outside of a browser",
    );
  }
}

/** The host answered. @param {URL} url @param {number} status */
function refused({ href, host }, status) {
  if (status === 404 || status === 410) {
    return new DownloadProblem(`${href}: not found (${status}): ${host} answers, but has nothing at this address`, "look for mistyped letters; upper and lower case count");
  }
  if (status === 401 || status === 403 || status === 407) {
    return new DownloadProblem(`${href}: forbidden (${status}): ${host} does not give this to everyone`, "it may need a login, or a header such as url(..., headers = c(Authorization = ...))");
  }
  if (status === 429) return new DownloadProblem(`${href}: too many requests (${status}) to ${host}`, "wait some minutes, and keep what you downloaded");
  if (status >= 500) return new DownloadProblem(`${href}: ${host} has a problem of its own (${status})`, "try again later");
  return new DownloadProblem(`${href}: ${host} answered with status ${status}`, "open the address in a tab of its own to see what is there");
}

/** Reasons as Node's network names them. @type {Record<string, (host: string) => [string, string]>} */
const REASONS = {
  ENOTFOUND: (host) => [`there is no host named ${host}`, "look for mistyped letters in the address"],
  EAI_AGAIN: (host) => [`the name ${host} cannot be looked up: this machine is offline, or there is no such host`, "check the network, then the address"],
  ECONNREFUSED: (host) => [`${host} refuses the connection: no server is running there`, "check the address and its port"],
  ECONNRESET: (host) => [`${host} broke off the connection`, "try again"],
  ENETUNREACH: (host) => [`${host} cannot be reached: this machine is offline`, "check the network"],
  CERT: (host) => [`the certificate of ${host} cannot be trusted`, "open the address in a browser, which says what is wrong with it"],
};

/** Nobody answered. @param {Network} network @param {URL} url @param {string | undefined} code @param {number} seconds */
function unanswered({ site, online }, { href, host, protocol, origin }, code, seconds) {
  if (code === "timeout") return new DownloadProblem(`${href}: no answer from ${host} within ${seconds} seconds`, `allow more: options(timeout = ${Math.max(300, 2 * seconds)})`);
  if (code) {
    const known = REASONS[code.includes("CERT") ? "CERT" : code];
    const [why, hint] = known ? known(host) : [`${host} cannot be reached (${code})`, "check the address and the network"];
    return new DownloadProblem(`${href}: ${why}`, hint);
  }
  if (site?.startsWith("https:") && protocol === "http:") {
    return new DownloadProblem(`${href}: a browser does not let a page that came by https read from an http address`, `try https://${host} with the same path`);
  }
  if (!online()) return new DownloadProblem(`${href}: this browser is offline`, "connect to a network, or use files that are beside the notebook");
  if (site && origin === new URL(site).origin) return new DownloadProblem(`${href}: ${host} does not answer`, "this site's server has stopped, or the network has");
  return new DownloadProblem(
    `${href}: the browser did not get it, or did not hand it to this page. Most likely ${host} does not allow pages of other sites to read its files (it sends no CORS header); ` +
      `it may also be that there is no such host. Browsers do not tell pages which`,
    "open the address in a tab of its own. If that shows the file, save it and put it beside the notebook, or ask for a host that allows other sites " +
      "(GitHub's raw files and most data archives do). If it does not, the address is wrong",
  );
}

/**
 * A browser's worker.
 *
 * @param {string} location of the worker's script
 * @param {typeof XMLHttpRequest} [Request] what R's own files come by: some of them were fetched before (fetch.mjs)
 * @returns {Network}
 */
export function browserNetwork(location, Request = XMLHttpRequest) {
  // JupyterLite's kernels lie below extensions/ of their site.
  const site = location.includes("/extensions/") ? `${location.split("/extensions/", 1)[0]}/` : new URL(".", location).href;
  return {
    site,
    ask(url, headers, seconds) {
      const request = new Request();
      request.open("GET", url, false);
      request.responseType = "arraybuffer";
      request.timeout = 1000 * seconds;
      for (const [name, value] of headers) request.setRequestHeader(name, value);
      try {
        request.send();
      } catch (error) {
        return { status: 0, body: new ArrayBuffer(0), code: /** @type {any} */ (error).name === "TimeoutError" ? "timeout" : undefined };
      }
      return { status: request.status, body: request.response };
    },
    online() {
      if (!navigator.onLine) return false;
      // What a page can know of the network: whether its own server answers.
      const request = new XMLHttpRequest();
      request.open("HEAD", site, false);
      try {
        request.send();
      } catch {
        return false;
      }
      return true;
    },
  };
}

/**
 * A Node process.
 *
 * @param {Ask} ask
 * @returns {Network}
 */
export const nodeNetwork = (ask) => ({ ask, site: null, online: () => true });

/** What webR's C code is told when there is nothing. */
const NOT_FOUND = 404;

/**
 * Have R's downloads go by `network`.
 *
 * webR's C code knows of no reasons, and an R error raised while it opens a connection leaves that half made. So r/url.R fetches
 * beforehand, by the function that this returns: what came is kept until the C code asks for it.
 *
 * @param {import("./capi.mjs").CApi} c
 * @param {Network} network
 * @returns {number} for R's `.Call`: address, headers -> NULL, or why it failed
 */
export function connect(c, network) {
  const { M } = c;
  /** @type {{url: string, body: ArrayBuffer} | null} */
  let fetched = null;
  const get = (/** @type {string} */ url, /** @type {string[]} */ headers) => {
    const option = M._Rf_asInteger(M._Rf_GetOption1(c.symbol("timeout")));
    return download(network, url, headers, option > 0 ? option : SECONDS);
  };
  M.downloadFileContent = (/** @type {string} */ url, /** @type {string[]} */ headers = []) => {
    try {
      const response = fetched?.url === url ? fetched.body : get(url, headers);
      fetched = null;
      return { status: 200, response };
    } catch (error) {
      return { status: NOT_FOUND, response: /** @type {Error} */ (error).message };
    }
  };
  return c.nativeSymbol((address, headers) => {
    const [url] = c.texts(address);
    try {
      fetched = { url, body: get(url, c.texts(headers)) };
      return c.nil;
    } catch (error) {
      return c.scalarText(/** @type {Error} */ (error).message);
    }
  }, 2);
}
