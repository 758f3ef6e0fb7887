// The same requests with and without a garbage collection at every allocation, or every seventh, in; the same answers out.
//
// JavaScript drives R's C API here, so it has to protect what it makes: what is missing shows as a wrong answer or a broken R.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NULL, Rig, character, double, integer, list, python } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => {
  rig = await Rig.start();
  rig.python = (id, args, buffers) => {
    if (id === 1) return { reply: { value: list(args.map(({ value }) => ({ value, buffers }))).value }, buffers };
    if (id === 2) return { reply: { error: { message: "bad thing", class: ["ValueError", "Exception"], python: 77 } }, buffers: [] };
    const inner = rig.run("data.frame(x = 1:3, y = letters[1:3])", { value: true, show: "none" });
    return { reply: { value: inner.reply.value }, buffers: inner.buffers };
  };
  rig.set({ echo: python(1), raise: python(2), frame: python(3) });
  rig.ok(`f <- function(...) list(...); draw <- function() plot.new()
    shown <- structure(1, class = "shown"); print.shown <- function(x, ...) cat("<shown>\\n")
    makeActiveBinding("fresh", function() paste0("fresh ", 1:50), globalenv()); made <- lm(dist ~ speed, cars)
    s4 <- local({ setClass("T", representation(a = "numeric")); new("T", a = 1) }); nested <- list(a = list(1L, "b", list(TRUE, NULL)), cars[1:3, ])`);
});

/** @type {{[name: string]: import("./rig.mjs").Parcel}} */
const INPUTS = {
  numbers: double(1.5, NaN, -0, 1e300),
  whole: integer(1, -(2 ** 31), 3),
  texts: character("ü", null, "b", "ü", ...Array.from({ length: 200 }, (_, i) => `text number ${i}`)),
  nothing: NULL,
  things: list([double(1), character("a", "b"), list([integer(1), NULL, python(9, false)]), python(8)], ["one", "two", "three", "four"]),
  many: list(Array.from({ length: 40 }, (_, i) => list([double(i), character(`item ${i}`)], ["n", `name ${i}`]))),
};

/** These allocate too often for a collection each time. */
const SLOW = /printing|error|calls? of Python|exception|plot|stays|Python that/;

/** What a request gave, without numbers that differ from time to time. @param {import("./rig.mjs").Record} record */
function told(record) {
  const events = record.events.filter(({ event }) => event !== "stream"); // cut into pieces by time
  const plain = JSON.stringify([record.reply, events], (key, value) => (["id", "freed"].includes(key) ? undefined : value));
  return { plain, seen: record.seen, buffers: record.buffers.map((buffer) => Buffer.from(buffer).toString("hex")), pages: record.pages.length };
}

/** @type {{[name: string]: () => import("./rig.mjs").Record}} */
const REQUESTS = {
  "inputs of every type, and back": () => rig.run("p <- function(a) c('text', 1, 2) # a\nlength(things)", { inputs: INPUTS, outputs: Object.keys(INPUTS) }),
  "set alone": () => rig.set(INPUTS),
  "outputs: objects that stay, active bindings, nested lists": () =>
    rig.run("1", { outputs: ["made", "fresh", "nested", "s4", "fresh", "f", "echo", "letters", "fresh"], value: true }),
  "get, and get to keep": () => rig.get("nested", true),
  "get of many objects that stay": () => rig.run("invisible(lapply(1:80, function(i) new.env()))", { value: true }),
  "a call with arguments of every kind": () =>
    rig.call("f", [double(1), ["a", double(1, 2)], ["a", character("x", "y")], INPUTS.things, ["p", python(7)], character("short"), NULL, ["l", INPUTS.many]]),
  "a call through a package": () => rig.call("base::paste", [character("a", "b"), ["collapse", character("-")]]),
  "a call with plain scalars": () => rig.request({ op: "scalars", id: rig.get("f", true).reply.value.id, label: "f", args: [1.5, "i2", "sthree", true] }),
  "a call of an object that stays": () => rig.call(rig.get("f", true).reply.value, [INPUTS.texts], { keep: true }),
  "printing, messages, warnings": () => rig.run('print(1:3); message("m"); g <- function() warning("w"); g(); shown; made; function(x) x # c'),
  "an error with its stack": () => rig.run('h <- function(n) if (n == 0) stop("deep ", n) else h(n - 1); h(10)'),
  "code that does not parse": () => rig.run("x <- c(1,\n 2))"),
  "an input that cannot be": () => rig.run("1", { inputs: { first: INPUTS.texts, wrong: { value: { type: "handle", id: 99999 }, buffers: [] } } }),
  "calls of Python with arguments and results": () => rig.run("str(echo(1:3, a = 'text', b = list(1, 'x', made$call)))"),
  "Python that calls R": () => rig.run("frame()"),
  "an exception of Python": () => rig.run("tryCatch(raise(), python.ValueError = conditionMessage); raise(1)"),
  "a plot, drawn on again": () => rig.run("draw()\ncat('between\\n')\npoints(0.5, 0.5)\ncat('after\\n')", { device: { type: "svg", width: 2, height: 2, pointsize: 6, bg: "white", res: 72, scale: 1 } }),
};

for (const [name, request] of Object.entries(REQUESTS)) {
  test(`${name}: the same answer when R collects garbage all the time`, () => {
    request(); // what is made once is made now
    const calm = told(request());
    rig.ok(`invisible(gctorture2(${SLOW.test(name) ? 7 : 1}))`);
    let tortured;
    try {
      tortured = told(request());
    } finally {
      rig.run("invisible(gctorture2(0))");
    }
    assert.deepEqual(tortured, calm);
  });
}

test("R is intact after all that", () => assert.ok(rig.intact()));
