/**
 * A site's files in, as they are loaded; the same files without a network out.
 *
 * Stands before JupyterLite's service worker, whose own cache knows that it is on only until the browser ends
 * that worker (after half a minute without work), and keeps neither what was loaded before it began nor the
 * lists of files. With a network nothing changes here: files come from it, and a copy is kept.
 *
 * `RPY_SITE` was written before this by the site's build: `content` (notebooks, lists, pages, R packages) and
 * `program` (JupyterLite's scripts) are kept at once, `seen` when it was loaded; `elsewhere` are beginnings of
 * addresses on other hosts that Python and R are loaded from.
 */

{
  /** @type {any} */
  const worker = self;
  /** @type {{ content: string[], program: string[], seen: string[], elsewhere: string[], version: string }} */
  const site = worker.RPY_SITE;
  const root = new URL("./", location.href).href;
  const name = `jupyterlite-rpy ${root}`;
  const mark = new URL("static/jupyterlite-rpy/kept", root).href;
  // What JupyterLite's worker answers itself.
  const LIVE = /\/api\/(drive|stdin\/|service-worker-heartbeat)/;

  /** @param {Request} request */
  const concerns = (request) =>
    ["GET", "HEAD"].includes(request.method) &&
    (request.url.startsWith(root)
      ? !LIVE.test(request.url)
      : site.elsewhere.some((start) => request.url.startsWith(start)));

  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    if (!concerns(event.request)) return;
    event.stopImmediatePropagation(); // JupyterLite's listener would answer as well
    event.respondWith(answer(event));
    event.waitUntil(fill());
  });

  /** @param {any} event */
  async function answer(event) {
    const { request } = event;
    let response;
    try {
      response = await fetch(request);
    } catch (error) {
      const kept = await find(request);
      if (kept) return asked(request, kept);
      throw error;
    }
    // R asks how long a file is before it reads it, and reads a large one in parts: the whole is kept.
    const isPart = response.status === 206 || request.method === "HEAD";
    if (isPart && response.ok) event.waitUntil(take(request.url, "default"));
    else if (response.status === 200 || response.type === "opaque")
      event.waitUntil(keep(request, response.clone()));
    return response;
  }

  /** What a request wants of a kept file: all, its head, or a part. @param {Request} request  @param {Response} kept */
  async function asked(request, kept) {
    if (request.method === "HEAD") return new Response(null, { headers: kept.headers });
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
    if (!range) return kept;
    const whole = await kept.blob();
    const start = Number(range[1]);
    const end = Math.min(range[2] ? Number(range[2]) + 1 : whole.size, whole.size);
    const headers = new Headers(kept.headers);
    headers.set("content-range", `bytes ${start}-${end - 1}/${whole.size}`);
    headers.set("content-length", String(end - start));
    return new Response(whole.slice(start, end), { status: 206, headers });
  }

  /** A copy that is kept, under this address or without what follows its `?`. @param {Request} request */
  async function find(request) {
    const cache = await caches.open(name);
    const bare = new URL(request.url);
    if (bare.pathname.endsWith("/")) bare.pathname += "index.html";
    return (
      (await cache.match(request.url, { ignoreVary: true })) ??
      (await cache.match(bare.href, { ignoreVary: true, ignoreSearch: true }))
    );
  }

  /** Keep a copy, unless there is the same. @param {Request | string} request  @param {Response} response */
  async function keep(request, response) {
    const cache = await caches.open(name);
    const kept = await cache.match(request, { ignoreVary: true });
    const same = ["etag", "last-modified", "content-length"].every(
      (header) => kept?.headers.get(header) === response.headers.get(header),
    );
    const told = response.headers.has("etag") || response.headers.has("last-modified");
    if (kept && same && told) return void response.body?.cancel();
    // Storage that is full, or a download that breaks off: then it is not kept, and the page has it all the same.
    await cache.put(request, response).catch(() => undefined);
  }

  /** @type {Promise<void> | undefined} */
  let filling;

  /** Once in a life of this worker: keep what was loaded before it began, and what is wanted in any case. */
  function fill() {
    return (filling ??= fillOnce().catch(() => {
      filling = undefined; // no network now
    }));
  }

  async function fillOnce() {
    const cache = await caches.open(name);
    const before = await cache.match(mark);
    await each([...site.program, ...site.seen], async (address) => {
      if (await isKept(address)) return;
      // Answered by the browser's own cache or not at all: this does not ask the server.
      const seen = await fetch(address, { cache: "only-if-cached", mode: "same-origin" }).catch(() => undefined);
      if (seen?.status === 200) await keep(address, seen);
    });
    if (before && (await before.text()) === site.version) return;
    await forget(cache);
    await each(site.content, (address) => take(address, "no-cache"));
    // The names of these change with their content.
    await each(site.program, (address) => take(address, "default"));
    await cache.put(mark, new Response(site.version));
  }

  /** @param {string} address */
  async function isKept(address) {
    return Boolean(await (await caches.open(name)).match(address, { ignoreSearch: true, ignoreVary: true }));
  }

  /** Fetch and keep a file; "default": unless it is kept. @param {string} address  @param {RequestCache} cache */
  async function take(address, cache) {
    if (cache === "default" && (await isKept(address))) return;
    const response = await fetch(address, { cache });
    if (response.status === 200) await keep(address, response);
  }

  /** A few at a time: the page has work to do. @param {string[]} paths  @param {(address: string) => Promise<void>} work */
  async function each(paths, work) {
    const left = paths.map((path) => new URL(path, root).href);
    const worker = async () => {
      for (let address = left.shift(); address; address = left.shift()) await work(address);
    };
    await Promise.all([1, 2, 3, 4].map(worker));
  }

  /** Drop the program's files of an earlier version of the site. @param {Cache} cache */
  async function forget(cache) {
    const known = new Set([...site.content, ...site.program, ...site.seen].map((path) => new URL(path, root).href));
    for (const request of await cache.keys()) {
      const path = request.url.startsWith(root) ? request.url.slice(root.length).split("?")[0] : "";
      if (/^(build|extensions|static|pypi)\//.test(path) && !known.has(root + path)) await cache.delete(request);
    }
  }
}
