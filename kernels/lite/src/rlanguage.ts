// CodeMirror's R, after the lines with magics that a cell of R begins with.

import { LanguageSupport, StreamLanguage, type StreamParser } from "@codemirror/language";
import { r } from "@codemirror/legacy-modes/mode/r";

/** Cells that are R: `%%R`, also below magics that measure or capture what it does. place.py has the same rule. */
export const R_CELL = /^(?:[ \t]*\n|[ \t]*%%(?:time|timeit|capture|prun)\b[^\n]*\n)*[ \t]*%%R(?=\s|$)/;

/** The name by which editors know the language. */
export const MIME = "text/x-rpy";

const OPTION = /^--?[a-z][a-z-]*(?=[\s=]|$)/;
const VALUE = /^=?(?:"[^"]*"|'[^']*'|[^\s-][^\s]*)/;
const RAW = /^[rR](["'])(-*)([([{])/;
const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

interface Inner {
  tokenize: unknown;
  afterIdent: boolean;
}

interface State {
  /** In the lines, or in the part of a line, before the code. */
  head: boolean;
  /** Is `%%R` behind? Then options follow, else other magics. */
  named: boolean;
  /** What ends the raw string that this is in. */
  raw: string;
  inner: Inner;
  /** How the inner state reads where it is in no string. */
  base: unknown;
}

const inner = r as StreamParser<Inner>;

const parser: StreamParser<State> = {
  name: "R in Python",
  startState: (unit) => {
    const state = inner.startState!(unit);
    return { head: true, named: false, raw: "", inner: state, base: state.tokenize };
  },
  copyState: (state) => ({ ...state, inner: { ...state.inner } }),
  token: (stream, state) => {
    if (state.head && stream.sol() && state.named) state.head = false;
    if (state.head) {
      if (stream.eatSpace()) return null;
      if (!state.named) {
        state.named = stream.match(/^%%R(?=\s|$)/) !== null;
        if (!state.named) stream.skipToEnd();
        return "meta";
      }
      if (stream.match(OPTION)) return "attributeName";
      const before = stream.string.slice(0, stream.pos).trimEnd();
      if (/(?:\s--?[a-z-]+=?|,)$/.test(before) && stream.match(VALUE)) return "variableName";
      state.head = false;
    }
    if (state.raw === "" && state.inner.tokenize === state.base) {
      const raw = stream.match(RAW) as RegExpMatchArray | null;
      if (raw) state.raw = CLOSING[raw[3]] + raw[2] + raw[1];
    }
    if (state.raw !== "") {
      if (stream.skipTo(state.raw)) {
        stream.match(state.raw);
        state.raw = "";
      } else {
        stream.skipToEnd();
      }
      state.inner.afterIdent = false;
      return "string";
    }
    return inner.token(stream, state.inner);
  },
  blankLine: (state) => {
    if (state.named) state.head = false;
  },
  indent: (state, textAfter, context) =>
    state.head && !state.named ? 0 : state.raw === "" ? (inner.indent?.(state.inner, textAfter, context) ?? null) : null,
  languageData: {
    commentTokens: { line: "#" },
    closeBrackets: { brackets: ["(", "[", "{", "'", '"', "`"] },
    indentOnInput: /^\s*[\])}]$/,
    wordChars: "._",
  },
};

export const language = () => new LanguageSupport(StreamLanguage.define(parser));
