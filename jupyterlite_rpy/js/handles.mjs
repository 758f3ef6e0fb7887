// R objects that Python holds on to: an R object in, a small number out, and back.
//
// All live in one preserved R list with free slots: R's own R_ReleaseObject searches linearly (40,000 releases took 1.6 s).

/** @typedef {import("./capi.mjs").CApi} CApi */

const FIRST = 64;

export class Handles {
  /** @param {CApi} c */
  constructor(c) {
    this.c = c;
    this.capacity = 0;
    this.list = c.nil;
    /** @type {number[]} */
    this.free = [];
    this.live = 0;
    this.cell = c.preserve(c.guard(() => c.M._Rf_cons(c.nil, c.nil)));
  }

  /** Keep `sexp` alive until `release`. Call inside a guard with `sexp` protected.
   * @param {number} sexp @returns {number} its handle */
  keep(sexp) {
    if (this.free.length === 0) this.#grow();
    const id = /** @type {number} */ (this.free.pop());
    this.c.M._SET_VECTOR_ELT(this.list, id, sexp);
    this.live += 1;
    return id;
  }

  /** @param {number} id @returns {number} the R object */
  get(id) {
    const sexp = id >= 0 && id < this.capacity ? this.c.M._VECTOR_ELT(this.list, id) : this.c.nil;
    if (sexp === this.c.nil) throw new RangeError(`no R object has the handle ${id}`);
    return sexp;
  }

  /** @param {number[]} ids that Python dropped */
  release(ids) {
    const { M, nil } = this.c;
    for (const id of ids) {
      // NULL is never kept, so it marks a free slot.
      if (!(id >= 0 && id < this.capacity) || M._VECTOR_ELT(this.list, id) === nil) continue;
      M._SET_VECTOR_ELT(this.list, id, nil);
      this.free.push(id);
      this.live -= 1;
    }
  }

  #grow() {
    const { M } = this.c;
    const capacity = Math.max(FIRST, this.capacity * 2);
    const list = M._Rf_protect(M._Rf_allocVector(19, capacity));
    for (let i = 0; i < this.capacity; i++) M._SET_VECTOR_ELT(list, i, M._VECTOR_ELT(this.list, i));
    M._SETCAR(this.cell, list);
    M._Rf_unprotect(1);
    for (let i = capacity - 1; i >= this.capacity; i--) this.free.push(i);
    this.capacity = capacity;
    this.list = list;
  }
}
