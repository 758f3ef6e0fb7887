// Drawing in, page images out: each page of a cell is shown where it was drawn, and shown again when the cell draws on it some more.
//
// R's Cairo devices write a page only when the next one begins or the device closes. So after a top-level expression that drew, the
// page is copied from the device's display list; when the next expression is itself a drawing call of R, the copy waits for it.

import { RFailure } from "./capi.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {import("./protocol.js").Device} Device */

const FOLDER = "/tmp/rpy-plots";
/** struct _GEDevDesc (R_ext/GraphicsEngine.h): dev, displayListOn, displayList, DLlastElt, ... each in a 4-byte slot. */
const DISPLAY_LIST = 8;
const LAST_ELEMENT = 12;
/** Its flag `dirty`: the device has received output (par() alone does not set it). */
const DIRTY = 20;

/** struct R_GE_gcontext: its size, and where three of its fields are. */
const CONTEXT = Object.freeze({ size: 288, cex: 48, ps: 56, fontface: 72 });
const LETTER_M = 77;
/** A size of text that nobody asks for. */
const ODD_POINTSIZE = 11.9375;

/** @type {Device} */
const DEFAULT = Object.freeze({ type: "png", width: 480, height: 480, pointsize: 12, bg: "white", res: 72, scale: 2 });

/** @typedef {{id: string, update: boolean, mime: string, data: Uint8Array, width: number | null, height: number | null}} Page */

/** @param {Uint8Array} a @param {Uint8Array} b */
const sameBytes = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class Graphics {
  /**
   * @param {CApi} c
   * @param {number} bridge environment in which r/graphics.R was evaluated
   * @param {(page: Page) => void} show
   */
  constructor(c, bridge, show) {
    this.c = c;
    this.bridge = bridge;
    this.show = show;
    this.device = DEFAULT;
    /** The device as R was told, as text. */
    this.specified = "";
    /** R's number of the device that the bridge opened last, from 0; 0: none is open. */
    this.number = 0;
    /** How many devices were opened: begins the names of a device's files. */
    this.serial = 0;
    /** Finished pages of the device. */
    this.pages = 0;
    this.drawn = "";
    this.shown = "";
    /** @type {Map<string, {id: string, data: Uint8Array}>} pages of this cell by file name */
    this.ids = new Map();
    c.M.FS.mkdirTree(FOLDER);
    this.devices = c.symbol(".Devices");
    const next = c.nativeSymbol(() => {
      this.serial += 1;
      return c.scalarText(this.#files());
    }, 0);
    const opened = c.nativeSymbol((number) => {
      this.number = c.M._Rf_asInteger(number) - 1;
      this.#forgetMetrics();
      this.pages = 0;
      this.drawn = this.shown = this.#mark();
      return c.nil;
    }, 1);
    c.guard(() => {
      c.M._Rf_defineVar(c.symbol("next_files"), next, bridge);
      c.M._Rf_defineVar(c.symbol("opened"), opened, bridge);
    });
    c.evaluate("options(device = open_device)", bridge);
  }

  /** A call begins that wants the device as it was wanted last. */
  again() {
    this.ids.clear();
  }

  /** A cell begins. @param {Device | null | undefined} device */
  begin(device) {
    const next = device ?? DEFAULT;
    const specified = JSON.stringify(next);
    this.ids.clear();
    // A device on which only par() was set stays open for the next cell.
    if (specified === this.specified) return;
    if (this.#isOpen()) this.#discard();
    this.device = next;
    this.specified = specified;
    const { type, width, height, pointsize, bg, res, scale } = next;
    this.c.call(this.bridge, "set_spec", type, width, height, pointsize, bg, res, scale);
  }

  /**
   * A top-level expression is done.
   *
   * @param {number} next the expression that follows, or 0
   */
  afterExpression(next) {
    if (this.number === 0) return;
    this.#finished();
    if (this.number === 0) return;
    this.drawn = this.#mark();
    if (this.drawn === this.shown || next === 0 || this.#draws(next)) return;
    this.#copy();
  }

  /** The cell is done, well or not: its last page is finished and its device closed. */
  end() {
    if (this.number === 0) return;
    this.#finished();
    if (this.number === 0) return;
    const device = this.c.M._GEgetDevice(this.number);
    if (this.c.M.HEAPU8[device + DIRTY] !== 0) this.#close();
    // A page was begun and nothing drawn on it (margins too large).
    else if (this.#written().length > 0) this.#discard();
  }

  /**
   * R remembers how high the letter M is by the address of a device, and a new device may have the address of one with another
   * resolution: text then stands too high or too low. To ask for a size that nobody uses makes R forget. Call inside a guard.
   */
  #forgetMetrics() {
    const { M } = this.c;
    const context = M.__emscripten_stack_alloc(CONTEXT.size);
    M.HEAPU8.fill(0, context, context + CONTEXT.size);
    M.HEAPF64[(context + CONTEXT.cex) >> 3] = 1;
    M.HEAPF64[(context + CONTEXT.ps) >> 3] = ODD_POINTSIZE;
    M.HEAP32[(context + CONTEXT.fontface) >> 2] = 1;
    const answer = M.__emscripten_stack_alloc(24);
    M._GEMetricInfo(LETTER_M, context, answer, answer + 8, answer + 16, M._GEgetDevice(this.number));
  }

  #close() {
    this.c.call(this.bridge, "close_device", this.number + 1);
    this.#finished();
  }

  /** Close the device and show nothing of it. */
  #discard() {
    const { FS } = this.c.M;
    this.c.call(this.bridge, "close_device", this.number + 1);
    for (const name of this.#written()) FS.unlink(`${FOLDER}/${name}`);
    this.number = 0;
  }

  #files() {
    return `${FOLDER}/${this.serial}-%04d.${this.device.type}`;
  }

  /** Files of pages, in the order of drawing. @returns {string[]} */
  #written() {
    const names = /** @type {string[]} */ (this.c.M.FS.readdir(FOLDER)).filter((name) => /^\d+-\d+\./.test(name));
    return names.sort((a, b) => parseInt(a) - parseInt(b) || (a < b ? -1 : 1));
  }

  /** Show the pages that R has written. */
  #finished() {
    const { FS } = this.c.M;
    const open = this.#isOpen();
    const files = this.#written();
    // A page's file exists from its beginning and is whole only when the page is finished.
    if (open && files.length > 0 && parseInt(/** @type {string} */ (files.at(-1))) === this.serial) files.pop();
    for (const name of files) {
      const path = `${FOLDER}/${name}`;
      this.#page(name, FS.readFile(path));
      FS.unlink(path);
      if (parseInt(name) === this.serial) this.pages += 1;
    }
    if (!open) this.number = 0;
  }

  #copy() {
    const { c } = this;
    const path = `${FOLDER}/copy.${this.device.type}`;
    try {
      c.call(this.bridge, "copy_page", this.number + 1, path);
    } catch (error) {
      // A page that cannot be copied now (a broken plot, an unfinished layout) is shown when it is finished.
      if (!(error instanceof RFailure)) throw error;
      return;
    }
    this.shown = this.drawn;
    if (!c.M.FS.analyzePath(path).exists) return;
    const name = `${this.serial}-${String(this.pages + 1).padStart(4, "0")}.${this.device.type}`;
    this.#page(name, c.M.FS.readFile(path));
    c.M.FS.unlink(path);
  }

  /** @param {string} name of its file @param {Uint8Array} data */
  #page(name, data) {
    const { type, width, height } = this.device;
    const known = this.ids.get(name);
    if (known && sameBytes(known.data, data)) return;
    const id = known?.id ?? `rpy-plot-${parseInt(name)}-${Math.random().toString(36).slice(2)}`;
    this.ids.set(name, { id, data });
    const png = type === "png";
    this.show({
      id,
      update: known !== undefined,
      mime: png ? "image/png" : "image/svg+xml",
      data,
      width: png ? Math.round(width) : null,
      height: png ? Math.round(height) : null,
    });
  }

  /** Is the device that the bridge opened still there? The user may have closed it, and opened another in its place. */
  #isOpen() {
    if (this.number === 0) return false;
    const { c } = this;
    const { M } = c;
    let cell = M._Rf_findVar(this.devices, c.baseEnv);
    for (let i = 0; i < this.number && cell !== c.nil; i++) cell = M._CDR(cell);
    return cell !== c.nil && c.texts(c.attribute(M._CAR(cell), "filepath"))[0] === this.#files();
  }

  /** Changes whenever something was drawn. */
  #mark() {
    const device = this.c.M._GEgetDevice(this.number);
    if (device === 0) return "";
    return `${this.c.pointer(device + DISPLAY_LIST)}:${this.c.pointer(device + LAST_ELEMENT)}`;
  }

  /** @param {number} expression */
  #draws(expression) {
    const { c } = this;
    const { M } = c;
    const quoted = M._Rf_protect(c.guard(() => M._Rf_lang2(c.symbol("quote"), expression)));
    const answer = c.call(this.bridge, "draws", { sexp: quoted });
    M._Rf_unprotect(1);
    return M._Rf_asLogical(answer) === 1;
  }
}
