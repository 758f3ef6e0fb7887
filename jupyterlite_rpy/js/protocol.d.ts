// The messages between Python and R, types only. The same field names on both sides; docs/protocol.md describes them in words.

/** What a value is, with the numbers of the buffers that hold its data. */
export type RValue =
  | { type: "NULL" }
  | (Vector & { type: "logical" | "integer" | "double" | "complex" | "raw"; buffer: number })
  | (Vector & { type: "character"; buffer: number; offsets: number; data: number })
  | (Vector & { type: "list"; items: RValue[]; handles?: undefined; pythons?: undefined })
  /** many objects that stay in R and nothing else: their ids, and of each the kind */
  | (Vector & { type: "list"; items?: undefined; handles: { ids: number[]; of: number[]; kinds: { typeof: string; class: string[] }[] }; pythons?: undefined })
  /** many Python objects and nothing else */
  | (Vector & { type: "list"; items?: undefined; handles?: undefined; pythons: { ids: number[]; of: number[]; kinds: { class: string[]; callable: boolean }[] } })
  /** label: what a function is called in its own call */
  | { type: "handle"; id: number; typeof?: string; class?: string[]; label?: string }
  | { type: "python"; id: number; class?: string[]; callable?: boolean; convert?: boolean };

export interface Vector {
  length: number;
  attributes?: [string, RValue][];
}

export interface Named {
  name: string;
  value: RValue;
}

export interface Device {
  type: "png" | "svg";
  width: number;
  height: number;
  pointsize: number;
  bg: string;
  res: number;
  scale: number;
}

export type Request = { release?: number[] } & (
  | {
      op: "run";
      code: string;
      name?: string;
      inputs?: Named[];
      outputs?: string[];
      show?: "all" | "last" | "none";
      value?: boolean;
      /** the value stays in R, whatever it is */
      keep?: boolean;
      /** a plain scalar (js/scalars.mjs) may come as `scalar` instead of `value` */
      plain?: boolean;
      /** show what has an HTML form as HTML */
      html?: boolean;
      /** seconds, as R's setTimeLimit(elapsed=) */
      timeout?: number;
      device?: Device | null;
    }
  | { op: "get"; name: string; keep?: boolean }
  | { op: "set"; inputs: Named[] }
  | {
      op: "call";
      /** `bridge`: one of our own, in r/*.R */
      function: RValue | { name: string } | { bridge: string };
      args: { name: string | null; value: RValue }[];
      keep?: boolean;
      /** "global": the caller is the global environment, as for assign(), ls(), source() */
      frame?: "global";
      device?: Device | null;
    }
  /** like call; the arguments and, if possible, the result have the form of js/scalars.mjs */
  | { op: "scalars"; id: number; label?: string; args: (number | string | boolean | null)[]; release?: undefined }
  /** a question to one of our own functions in r/*.R, which answers with `parts`: no values of the user's cross */
  | { op: "ask"; function: string; args: (string | string[])[]; release?: undefined }
  | { op: "release" }
  | { op: "state" }
);

export interface ErrorInfo {
  kind: "error" | "parse" | "interrupt" | "missing" | "value" | "trap" | "closed";
  message: string;
  call?: string | null;
  class?: string[];
  traceback?: string[];
  line?: number | null;
  column?: number | null;
  source?: string | null;
  name?: string | null;
  python?: number | null;
  kept?: string[];
  lost?: string[];
}

export type Reply =
  | { status: "ok"; scalar?: number | string | boolean | null; value?: RValue | null; visible?: boolean; outputs?: Named[]; freed?: number[]; /** R's, where the code may have changed it */ timezone?: string; [extra: string]: unknown }
  | { status: "error"; error: ErrorInfo; freed?: number[] };

export type Event =
  | { event: "stream"; name: "stdout" | "stderr"; text: string }
  | { event: "display"; id: string; update: boolean; mime: string; buffer: number; width: number | null; height: number | null; text?: string }
  | { event: "input"; prompt: string }
  | {
      event: "python";
      op: "call";
      /** a Python object to call; null: the operation of that name */
      id: number | null;
      name: string | null;
      args: { name: string | null; value: RValue }[];
      /** false: the result stays in Python whatever it is, and R gets a reference */
      convert: boolean;
    };

export interface Answer {
  reply: any;
  buffers: Uint8Array[];
}

/** Tells Python of an event while R runs; for "input" and "python" the answer matters. */
export interface OnEvent {
  (event: Event, buffers: Uint8Array[]): Answer | null;
  /** the short way of a "python" event: a call of the object `id` with plain scalars (js/scalars.mjs) */
  scalars?: (id: number, args: (number | string | boolean | null)[]) => number | string | boolean | null | Answer;
}

/** Buffers of a message. In Node large ones wait in a file: `into` reads one to where it stays, its place in the list to memory of its own. */
export type Incoming = Uint8Array[] & { waiting?: Map<number, { size: number; into: (target: Uint8Array) => void }> };
