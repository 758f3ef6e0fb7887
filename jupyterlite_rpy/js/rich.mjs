// Visible values in, HTML beside their text out, for those that have any: data frames, matrices, help pages, widgets (r/display.R).

/** @typedef {import("./capi.mjs").CApi} CApi */

export class Rich {
  /**
   * @param {CApi} c
   * @param {number} bridge environment in which r/display.R was evaluated
   * @param {(id: string, html: string, text: string) => void} show
   */
  constructor(c, bridge, show) {
    this.c = c;
    this.bridge = bridge;
    /** Does the request at hand want HTML? */
    this.enabled = false;
    this.serial = 0;
    this.dim = c.symbol("dim");
    this.question = c.symbol("show_rich");
    this.quote = c.symbol("quote");
    const hook = c.nativeSymbol((html, text) => {
      if (this.enabled) {
        this.serial += 1;
        const id = `rpy-html-${this.serial}-${Math.random().toString(36).slice(2)}`;
        show(id, c.texts(html)[0] ?? "", c.texts(text)[0] ?? "");
      }
      return c.M._Rf_ScalarLogical(this.enabled ? 1 : 0);
    }, 2);
    c.guard(() => c.M._Rf_defineVar(c.symbol("display_hook"), hook, bridge));
  }

  /**
   * Show a value in place of printing it. Call inside a guard.
   *
   * @param {number} value protected by the caller
   * @returns {boolean} false: it is to be printed
   */
  print(value) {
    const { c } = this;
    const { M } = c;
    if (!this.enabled || (!M._OBJECT(value) && (M._ATTRIB(value) === c.nil || M._Rf_getAttrib(value, this.dim) === c.nil))) return false;
    // Quoted: the value may be a call or a symbol itself.
    const call = M._Rf_protect(M._Rf_lang2(this.question, M._Rf_lang2(this.quote, value)));
    const shown = M._Rf_asLogical(M._Rf_eval(call, this.bridge)) === 1;
    M._Rf_unprotect(1);
    return shown;
  }
}
