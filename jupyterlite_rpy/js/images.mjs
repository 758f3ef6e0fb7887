// webR's images of R's files (a package's help, its code, its data: many files in one, compressed) in; the files, for R to read, out.
//
// An image is opened when one of its files is first used. webR unpacks it by JavaScript then, which takes five times as long as R's own
// zlib: 65 ms in place of 13 for the help of a package such as base or stats.

/** @typedef {{files: {filename: string, start: number, end: number}[], remote_package_size: number, gzip?: boolean}} Contents */
/** @typedef {(place: string) => Uint8Array} Read what is at an address, or at a path, at once; throws if it cannot be had */

const PACKED = ".data.gz";
const CONTENTS = ".js.metadata";
/** Emscripten's number for a failed read: what R makes an error of, where any other exception would go through R's frames and end it. */
const EIO = 29;

/** R's packages whose help anybody asks for first: those that R attaches when it starts. */
const ATTACHED = ["stats", "base", "utils", "graphics", "grDevices", "datasets", "methods"];
/** Contents of images by the addresses of the files that tell them, for the life of this thread. @type {Map<string, Uint8Array>} */
const known = new Map();
/** How long after the first question for help that of the others is fetched: the answer comes first. */
const FETCH_AFTER_MS = 300;

/**
 * Have R's zlib unpack images.
 *
 * @param {any} M webR's module
 * @param {"mountImageUrl" | "mountImagePath"} method by which webR opens an image, in a browser and in Node
 * @param {Read} read
 */
export function quicken(M, method, read) {
  const webrs = M[method];
  M[method] = (/** @type {string} */ place, /** @type {string} */ folder) => {
    if (!place.endsWith(PACKED)) return webrs(place, folder);
    let bytes, contents;
    try {
      contents = /** @type {Contents} */ (JSON.parse(new TextDecoder().decode(read(beside(place)))));
      if (contents.gzip) bytes = inflate(M, read(place), contents.remote_package_size);
    } catch {
      throw new M.FS.ErrnoError(EIO);
    }
    if (bytes) mount(M, bytes, contents, folder);
    else webrs(place, folder);
  };
}

/** In a browser. @param {any} M webR's module @returns {Read} */
export const downloads = (M) => (url) => {
  const found = known.get(url);
  if (found) return found;
  const { status, response } = M.downloadFileContent(url);
  if (status !== 200) throw new Error(response);
  return new Uint8Array(response);
};

/**
 * In a browser: when the first question for help has been answered, fetch and open the help of R's packages (7 MB), so that no later
 * one waits for it. Not before: many never ask.
 *
 * @param {any} M webR's module
 * @returns {(question: string) => void} to be told each question
 */
export function fetchHelpOnce(M) {
  let told = false;
  return (question) => {
    if (told || question !== "explain") return;
    told = true;
    if (!(/** @type {any} */ (navigator).connection?.saveData)) setTimeout(() => fetchHelp(M), FETCH_AFTER_MS);
  };
}

/**
 * In a browser: open the help that an earlier visit has left in the browser's cache. Nothing is asked of the server.
 *
 * @param {any} M webR's module
 */
export const openCachedHelp = (M) => fetchHelp(M, { cache: "only-if-cached", mode: "same-origin" });

/**
 * One after the other, each unpacked by the browser: a millisecond of this thread's time for each.
 *
 * @param {any} M webR's module
 * @param {RequestInit} [options]
 */
async function fetchHelp(M, options) {
  await fetchContents(M);
  for (const [folder, place] of help(M)) {
    const found = known.get(beside(place));
    if (!found || isMounted(M, folder)) continue;
    try {
      const contents = /** @type {Contents} */ (JSON.parse(new TextDecoder().decode(found)));
      const { ok, body } = await fetch(place, { credentials: "same-origin", ...options });
      if (!ok || !body || !contents.gzip) continue;
      const blob = await new Response(body.pipeThrough(new DecompressionStream("gzip"))).blob();
      // R may have been asked for it meanwhile, which did not wait.
      if (!isMounted(M, folder) && blob.size === contents.remote_package_size) mount(M, blob, contents, folder);
    } catch {
      // Then the first question that needs it asks again.
    }
  }
}

/** Fetch what tells where the help's files are in their images (2 kB). @param {any} M webR's module */
async function fetchContents(M) {
  await Promise.all(
    help(M).map(async ([, place]) => {
      const url = beside(place);
      try {
        if (known.has(url)) return;
        const response = await fetch(url, { credentials: "same-origin" });
        if (response.ok) known.set(url, new Uint8Array(await response.arrayBuffer()));
      } catch {
        // As above.
      }
    }),
  );
}

/** Where R has its packages' help, and where the images of it are. @param {any} M @returns {[string, string][]} */
const help = (M) =>
  ATTACHED.map((name) => {
    const folder = `/usr/lib/R/library/${name}/help`;
    return [folder, M.locateFile(`vfs${folder}${PACKED}`)];
  });

/** @param {string} place */
const beside = (place) => place.slice(0, -PACKED.length) + CONTENTS;

/** @param {any} M @param {Uint8Array | Blob} blob @param {Contents} metadata @param {string} folder */
function mount({ FS }, blob, metadata, folder) {
  FS.mount(FS.filesystems.WORKERFS, { packages: [{ blob, metadata }] }, folder);
}

/** @param {any} M @param {string} folder */
const isMounted = ({ FS }, folder) => FS.isMountpoint(FS.lookupPath(folder, { follow_mount: false }).node);

/** z_stream (zlib.h): where its fields are, and its size. */
const FIELDS = { nextIn: 0, availableIn: 4, nextOut: 12, availableOut: 16, size: 56 };
const VERSION = 0x31; // "1": of a version only the first character counts
const GZIP = 31;
const DONE = 1;
const PIECE = 65536;

/**
 * @param {any} M whose zlib does it, in memory of R's that is free again afterwards
 * @param {Uint8Array} packed
 * @param {number} size when unpacked
 * @returns {Uint8Array}
 */
export function inflate(M, packed, size) {
  const unpacked = new Uint8Array(size);
  const stream = M._malloc(64 + 2 * PIECE);
  if (!stream) throw new Error("R has no memory left");
  const version = stream + FIELDS.size;
  const input = stream + 64;
  const output = input + PIECE;
  /** @param {number} field */
  const get = (field) => M.HEAPU32[(stream + field) >> 2];
  /** @param {number} field @param {number} value */
  const set = (field, value) => (M.HEAPU32[(stream + field) >> 2] = value);
  try {
    M.HEAPU8.fill(0, stream, input);
    M.HEAPU8[version] = VERSION;
    let status = M._inflateInit2_(stream, GZIP, version, FIELDS.size);
    let taken = 0;
    let made = 0;
    while (status === 0) {
      if (get(FIELDS.availableIn) === 0) {
        const piece = packed.subarray(taken, taken + PIECE);
        M.HEAPU8.set(piece, input);
        set(FIELDS.nextIn, input);
        set(FIELDS.availableIn, piece.length);
        taken += piece.length;
      }
      set(FIELDS.nextOut, output);
      set(FIELDS.availableOut, PIECE);
      status = M._inflate(stream, 0);
      const end = output + PIECE - get(FIELDS.availableOut);
      unpacked.set(M.HEAPU8.subarray(output, end), made); // a RangeError if there is more than there should be
      made += end - output;
    }
    if (status !== DONE || made !== size) throw new Error("not what was packed");
  } finally {
    M._inflateEnd(stream);
    M._free(stream);
  }
  return unpacked;
}
