// R objects in, RValue trees and a flat list of buffers out. Numbers leave as bytes of R's heap, never as JavaScript numbers (which lose NA).

import { TYPE } from "./capi.mjs";
import { readTexts } from "./texts.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {import("./handles.mjs").Handles} Handles */
/** @typedef {import("./protocol.js").RValue} RValue */
/** @typedef {{sources: Source[], depth: number, kept: number[], places: (number | string)[], variable: string}} Unfinished a reading */
/** @typedef {{address: number, bytes: number} | Uint8Array} Source a stretch of R's heap, or an array of our own */

/** @type {Map<number, {type: string, size: number}>} bytes of one element */
const PLAIN = new Map([
  [TYPE.LOGICAL, { type: "logical", size: 4 }],
  [TYPE.INTEGER, { type: "integer", size: 4 }],
  [TYPE.DOUBLE, { type: "double", size: 8 }],
  [TYPE.COMPLEX, { type: "complex", size: 16 }],
  [TYPE.RAW, { type: "raw", size: 1 }],
]);

/** Classes that follow from the type alone. */
const IMPLICIT = new Map([
  [TYPE.ENVIRONMENT, "environment"],
  [TYPE.CLOSURE, "function"],
  [TYPE.SPECIAL, "function"],
  [TYPE.BUILTIN, "function"],
  [TYPE.SYMBOL, "name"],
  [TYPE.EXTERNALPTR, "externalptr"],
]);

/** Calls of these have a class of their own. */
const OF_CALLS = new Set(["if", "while", "for", "=", "<-", "(", "{"]);

/** Python's JSON reader recurses in C; R lists nested deeper than this are an error there, so they are one here, in words. */
const DEEPEST = 200;
/** From this length on, a list of objects that stay in R is told in columns: JSON of 100,000 small trees takes a third of a second. */
const MANY = 100;
/** @param {any[]} handles @returns {{ids: number[], of: number[], kinds: {typeof: string, class: string[]}[]}} */
function inColumns(handles) {
  /** @type {Map<string, number>} */
  const known = new Map();
  /** @type {{typeof: string, class: string[]}[]} */
  const kinds = [];
  const of = handles.map(({ typeof: type, class: classes }) => {
    const key = `${type}\n${classes.join("\n")}`;
    let kind = known.get(key);
    if (kind === undefined) {
      kind = kinds.push({ typeof: type, class: classes }) - 1;
      known.set(key, kind);
    }
    return kind;
  });
  return { ids: handles.map(({ id }) => id), of, kinds };
}

/** Thrown for a value that has no RValue; the message is for the user. */
export class ValueProblem extends Error {
  /** @param {string} message @param {string} [path] the part at fault, as `frame["b"][2]`: indices count from 0, as Python's do */
  constructor(message, path = "") {
    super(message);
    this.path = path;
  }
}

const SHOWN_STEPS = 12;

export class Reader {
  /**
   * @param {CApi} c
   * @param {Handles} handles
   * @param {Set<string>} structural classes whose objects are read by value; other classed objects become handles
   */
  constructor(c, handles, structural) {
    this.c = c;
    this.handles = handles;
    this.structural = structural;
    this.classCall = c.symbol("class");
    this.quote = c.symbol("quote");
    this.pythonTag = c.symbol("python.object");
    /** @type {Source[]} */
    this.sources = [];
    this.depth = 0;
    /** @type {number[]} handles given since `begin` */
    this.kept = [];
    /** @type {(number | string)[]} on the way to the part at hand: each list and the index in it, or 0 and the name of an attribute */
    this.places = [];
    this.variable = "";
    /** @type {Map<number, string>} what typeof() answers, by the number of the type */
    this.typeNames = new Map();
  }

  /** Start a new list of buffers. @returns {Unfinished} the one before, for `resume` */
  begin() {
    const { sources, depth, kept, places, variable } = this;
    this.sources = [];
    this.depth = 0;
    this.kept = [];
    this.places = [];
    this.variable = "";
    return { sources, depth, kept, places, variable };
  }

  /** Go on with what a nested reading interrupted. @param {Unfinished} outer */
  resume({ sources, depth, kept, places, variable }) {
    this.sources = sources;
    this.depth = depth;
    this.kept = kept;
    this.places = places;
    this.variable = variable;
  }

  /** What was read is not going to be told: nobody would ever release its handles. */
  abandon() {
    this.handles.release(this.kept);
    this.kept = [];
  }

  /** The buffers of all values read since `begin`: views of R's heap, valid until R runs again. @returns {Uint8Array[]} */
  finish() {
    const { HEAPU8 } = this.c.M;
    const buffers = this.sources.map((s) => (s instanceof Uint8Array ? s : HEAPU8.subarray(s.address, s.address + s.bytes)));
    this.sources = [];
    return buffers;
  }

  /**
   * Call inside a guard; the object must stay protected until its buffers were copied.
   *
   * @param {number} sexp
   * @param {boolean} [keep] true: always a handle
   * @param {string} [variable] what messages call it
   * @returns {RValue}
   */
  read(sexp, keep = false, variable = "") {
    this.variable = variable;
    return this.#read(sexp, keep);
  }

  /** @param {number} sexp @param {boolean} [keep] @returns {RValue} */
  #read(sexp, keep = false) {
    const { M } = this.c;
    const type = M._TYPEOF(sexp);
    if (type === TYPE.NULL) return { type: "NULL" };
    const python = this.#python(sexp, type);
    if (python) return python;
    if (keep || !this.#isStructural(sexp, type)) return this.handle(sexp);
    if (++this.depth > DEEPEST) {
      throw this.#problem(`the list is nested more than ${DEEPEST} levels deep. Hint: flatten it in R, or keep it there: session.get(name, keep=True)`);
    }
    const value = this.#vector(sexp, type);
    const attributes = this.#attributes(sexp);
    if (attributes.length > 0) value.attributes = attributes;
    this.depth -= 1;
    return value;
  }

  /** @param {number} sexp @returns {RValue} */
  handle(sexp) {
    const { c } = this;
    const { M } = c;
    M._Rf_protect(sexp);
    const id = this.handles.keep(sexp);
    this.kept.push(id);
    const value = /** @type {RValue} */ ({
      type: "handle",
      id,
      typeof: this.#typeName(M._TYPEOF(sexp)),
      class: this.#classes(sexp),
    });
    M._Rf_unprotect(1);
    return value;
  }

  /** @param {number} type */
  #typeName(type) {
    let name = this.typeNames.get(type);
    if (name === undefined) {
      name = /** @type {string} */ (this.c.M.UTF8ToString(this.c.M._Rf_type2char(type)));
      this.typeNames.set(type, name);
    }
    return name;
  }

  /** An error at the place at hand, or at an element of the vector there. @param {string} message @param {number} [element] */
  #problem(message, element) {
    const { c, places } = this;
    const steps = [];
    for (let i = 0; i < places.length; i += 2) {
      const [parent, step] = [/** @type {number} */ (places[i]), places[i + 1]];
      const names = typeof step === "number" ? c.attribute(parent, "names") : c.nil;
      const named = c.M._TYPEOF(names) === TYPE.CHARACTER ? c.M._STRING_ELT(names, step) : c.naString;
      const name = named === c.naString ? "" : c.charText(named);
      steps.push(typeof step === "string" ? `@${step}` : `[${name ? JSON.stringify(name) : step}]`);
    }
    if (element !== undefined) steps.push(`[${element}]`);
    if (steps.length > SHOWN_STEPS) steps.splice(SHOWN_STEPS / 2, steps.length - SHOWN_STEPS, "...");
    return new ValueProblem(message, steps.length > 0 ? (this.variable || "value") + steps.join("") : this.variable);
  }

  /** What class(x) answers. @param {number} sexp protected @returns {string[]} */
  #classes(sexp) {
    const { c } = this;
    const { M } = c;
    if (M._OBJECT(sexp)) {
      const classes = c.texts(c.attribute(sexp, "class"));
      if (classes.length > 0) return classes;
    }
    const type = M._TYPEOF(sexp);
    const implicit = IMPLICIT.get(type);
    if (implicit) return [implicit];
    if (type === TYPE.LANGUAGE) {
      const head = M._CAR(sexp);
      const name = M._TYPEOF(head) === TYPE.SYMBOL ? c.charText(M._PRINTNAME(head)) : "";
      return [OF_CALLS.has(name) ? name : "call"];
    }
    const call = M._Rf_protect(M._Rf_lang2(this.classCall, M._Rf_protect(M._Rf_lang2(this.quote, sexp))));
    const classes = c.texts(M._Rf_eval(call, c.baseEnv));
    M._Rf_unprotect(2);
    return classes;
  }

  /** @param {number} sexp @param {number} type */
  #isStructural(sexp, type) {
    const { c } = this;
    if (!PLAIN.has(type) && type !== TYPE.CHARACTER && type !== TYPE.LIST) return false;
    if (c.M._IS_S4_OBJECT(sexp)) return false; // asS4(1) has this bit and no class
    if (!c.M._OBJECT(sexp)) return true;
    return c.texts(c.attribute(sexp, "class")).some((name) => this.structural.has(name));
  }

  /** A Python object that came to R, or the R function made for a Python callable. @param {number} sexp @param {number} type */
  #python(sexp, type) {
    const { M, nil } = this.c;
    let pointer = sexp;
    if (type === TYPE.CLOSURE) {
      if (M._ATTRIB(sexp) === nil) return null;
      pointer = M._Rf_getAttrib(sexp, this.pythonTag);
      type = M._TYPEOF(pointer);
    }
    if (type !== TYPE.EXTERNALPTR || M._R_ExternalPtrTag(pointer) !== this.pythonTag) return null;
    const id = M._R_ExternalPtrAddr(pointer);
    // 0: it was saved and loaded again, and is nothing but an R object now.
    return id === 0 ? null : /** @type {RValue} */ ({ type: "python", id });
  }

  /** @param {number} sexp @param {number} type @returns {any} */
  #vector(sexp, type) {
    const { M } = this.c;
    const length = M._Rf_xlength(sexp);
    const plain = PLAIN.get(type);
    if (plain) {
      // The address of an empty vector's data is not an address.
      const address = length > 0 ? M._DATAPTR_RO(sexp) : 0;
      return { type: plain.type, length, buffer: this.#add({ address, bytes: length * plain.size }) };
    }
    if (type === TYPE.CHARACTER) return this.#character(sexp, length);
    const items = [];
    const place = this.places.push(sexp, 0) - 1;
    for (let i = 0; i < length; i++) {
      this.places[place] = i;
      items.push(this.#read(M._VECTOR_ELT(sexp, i)));
    }
    this.places.length -= 2;
    // A classed list may be a frame or the like, which is looked into item by item.
    if (length >= MANY && !M._OBJECT(sexp) && items.every((item) => item.type === "handle")) {
      return { type: "list", length, handles: inColumns(items) };
    }
    return { type: "list", length, items };
  }

  /** @param {number} sexp @returns {[string, RValue][]} */
  #attributes(sexp) {
    const { c } = this;
    const { M } = c;
    /** @type {[string, RValue][]} */
    const attributes = [];
    for (let cell = M._ATTRIB(sexp); cell !== c.nil; cell = M._CDR(cell)) {
      const name = c.charText(M._PRINTNAME(M._TAG(cell)));
      this.places.push(sexp, name);
      attributes.push([name, this.#read(M._CAR(cell))]);
      this.places.length -= 2;
    }
    return attributes;
  }

  /** @param {number} sexp @param {number} length */
  #character(sexp, length) {
    // Of one element there is no place to tell.
    const { codes, offsets, data } = readTexts(this.c, sexp, length, (message, element) => this.#problem(message, length > 1 ? element : undefined));
    return {
      type: "character",
      length,
      buffer: this.#add(new Uint8Array(codes.buffer)),
      offsets: this.#add(new Uint8Array(offsets.buffer)),
      data: this.#add(data),
    };
  }

  /** @param {Source} source */
  #add(source) {
    return this.sources.push(source) - 1;
  }
}
