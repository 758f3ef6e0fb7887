// R values out and the same values in again: identical in R, byte for byte where R's identical() is not enough.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NULL, Rig, character, double, integer, list, python } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => (rig = await Rig.start()));

/** All handles in a value. @param {any} value @returns {number[]} */
const handles = ({ type, id, items = [], handles: many = { ids: [] }, attributes = [] }) => [
  ...(type === "handle" ? [id] : []),
  ...many.ids,
  ...items.flatMap(handles),
  ...attributes.flatMap((/** @type {[string, any]} */ [, attribute]) => handles(attribute)),
];

/** Send a variable out and back in under another name. @param {string} name */
function roundTrip(name) {
  const record = rig.get(name);
  assert.equal(record.reply.status, "ok", JSON.stringify(record.reply.error));
  assert.equal(rig.set({ back: record.parcel }).reply.status, "ok");
  rig.state(handles(record.reply.value));
  return record;
}

/** @param {string} expression */
function comesBack(expression) {
  rig.ok(`x <- ${expression}`);
  const record = roundTrip("x");
  const same = "identical(x, back, num.eq = FALSE, single.NA = FALSE, attrib.as.set = FALSE, ignore.srcref = FALSE)";
  assert.equal(rig.ask(same), "TRUE", expression);
  return record;
}

test("every data set of R comes back identical", () => {
  rig.ok('sets <- data(package = "datasets")$results[, "Item"]; sets <- sort(unique(sub(" .*", "", sets)))');
  const names = rig.ok("cat(sets)").stdout.split(" ");
  assert.ok(names.length > 100);
  for (const name of names) comesBack(`get("${name}", "package:datasets")`);
  rig.ok("all_sets <- mget(sets, inherits = TRUE)");
  comesBack("all_sets");
});

const VALUES = [
  "NULL", "TRUE", "NA", "c(a = TRUE, b = NA)", "1L", "c(NA, .Machine$integer.max, -.Machine$integer.max)", "1:10", "numeric()", "-0", "0",
  "c(NA, NaN, Inf, -Inf, -0, 5e-324, .Machine$double.xmax)", "c(1i, NA, complex(real = NaN, imaginary = -0))", "as.raw(0:255)", '""',
  'c("a", NA, "NA", "", "a")', 'c("ü", "日本", "\\U1F600", "e\\u0301")', "character()", "logical()", "integer()", "complex()", "raw()", "list()",
  "list(NULL)", 'list(a = 1, 2, b = list(c = NULL, "d"))', "matrix(1:6, 2)", 'matrix(c("a", NA), 1, dimnames = list("r", NULL))',
  "array(1:24, 2:4, list(a = letters[1:2], NULL, LETTERS[1:4]))", "matrix(numeric(), 0, 3)", "array(1:3)", "array(1:3, 3, list(letters[1:3]))",
  'factor(c("b", NA, "a"), levels = c("b", "a", "unused"))', 'factor(c(x = "b"), levels = "b")', "ordered(3:1)", "factor(character())", "Sys.Date()",
  'as.POSIXct("2020-03-29 03:00", tz = "Europe/Berlin")', "as.difftime(c(1, NA), units = 'mins')", "table(c(1, 1, 2), c('a', 'b', 'a'))",
  "ts(1:24, start = c(2000, 3), frequency = 12)", "data.frame()", "data.frame(a = integer())", "data.frame(row.names = letters)",
  'data.frame(`my col` = 1:2, `a"b` = c(NA, "x"), check.names = FALSE, row.names = c("r 1", "r2"))', "data.frame(x = 1:3)[c(3, 1), , drop = FALSE]",
  "data.frame(x = I(list(1, 'a', NULL)))", "cars[0, ]", "expand.grid(a = 1:2, b = c('x', 'y'))", 'structure(1:3, units = "cm", note = list(1, "ü"))',
  'structure(list(1), comment = "why")', "scale(matrix(c(1, 2, 3, 4), 2))", "I(1:3)", 'noquote("x")', "1:1e6 + 0", "as.character(1:1e5)",
  "rep(letters, 1e4)", "structure(1, names = NA_character_)", "setNames(1:2, c('', NA))", "seq_len(0)",
  "rnorm(5) * NA", "bitwAnd(1:5, 3L)", "rev(list(1, 'b'))", "strsplit('a b', ' ')", "mtcars$mpg", "Titanic", "state.x77",
];

for (const expression of VALUES) {
  test(`${expression} comes back identical`, () => void comesBack(expression));
}

test("NA and NaN keep their bits in every type", () => {
  const bits = new BigUint64Array([0x7ff00000000007a2n, 0x7ff80000000007a2n, 0x7ff8000000000000n, 0xfff8000000001234n, 0x7ff0000000000001n, 0x8000000000000000n]);
  const bytes = new Uint8Array(bits.buffer);
  rig.set({
    x: { value: { type: "double", length: 6, buffer: 0 }, buffers: [bytes] },
    z: { value: { type: "complex", length: 3, buffer: 0 }, buffers: [bytes] },
    one: { value: { type: "double", length: 1, buffer: 0 }, buffers: [bytes.slice(0, 8)] },
  });
  assert.equal(rig.ok("is.na(x); is.nan(x)").text, "[1]  TRUE  TRUE  TRUE  TRUE  TRUE FALSE\n[1] FALSE FALSE  TRUE  TRUE  TRUE FALSE\n");
  assert.deepEqual(rig.get("x").buffers[0], bytes);
  assert.deepEqual(rig.get("z").buffers[0], bytes);
  assert.deepEqual(rig.get("one").buffers[0], bytes.slice(0, 8));
  assert.equal(rig.ok("one").text, "[1] NA\n");
  const identity = rig.call("identity", [{ value: { type: "double", length: 1, buffer: 0 }, buffers: [bytes.slice(0, 8)] }]);
  assert.deepEqual(identity.buffers[0], bytes.slice(0, 8));
});

test("buffers may start at any address", () => {
  const shift = (/** @type {import("./rig.mjs").Parcel} */ { value, buffers }, by = 1) => ({
    value,
    buffers: buffers.map((/** @type {Uint8Array} */ buffer) => {
      const moved = new Uint8Array(buffer.length + by);
      moved.set(buffer, by);
      return moved.subarray(by);
    }),
  });
  rig.set({ a: shift(character("ü", null, "b", "ü")), b: shift(double(1.5, -2), 3), i: shift(integer(7, -7), 2) });
  assert.equal(rig.ok("a; b; i").text, '[1] "ü" NA  "b" "ü"\n[1]  1.5 -2.0\n[1]  7 -7\n');
});

test("strings marked as Latin-1 come as UTF-8, equal ones once", () => {
  rig.ok('x <- rep(c("f\\xfcr", "b"), 3); Encoding(x) <- "latin1"; y <- c(x, "für")');
  const { reply, buffers } = roundTrip("x");
  assert.deepEqual([...new Int32Array(buffers[reply.value.buffer].buffer)], [0, 1, 0, 1, 0, 1]);
  assert.equal(new TextDecoder().decode(buffers[reply.value.data]), "fürb");
  assert.equal(rig.ask("identical(x, back)"), "TRUE");
  roundTrip("y");
  assert.equal(rig.ask("identical(y, back)"), "TRUE");
});

test("text that is none is an error about the value", () => {
  rig.ok('x <- "\\xff"; Encoding(x) <- "bytes"; frame <- data.frame(a = 1); frame$b <- x');
  for (const name of ["x", "frame"]) {
    const { error } = rig.get(name).reply;
    assert.equal(error.kind, "value");
    assert.match(error.message, /"bytes"/);
  }
  assert.equal(rig.fail("1", { outputs: ["x"] }).kind, "value");
  assert.equal(rig.ok("1").text, "[1] 1\n");
});

test("errors about a value name the variable and the place in it", () => {
  rig.ok('bad <- "\\xff"; bytes <- bad; Encoding(bytes) <- "bytes"; nest <- 1; for (i in 1:300) nest <- list(nest)');
  const places = {
    bad: "x",
    'c("a", NA, bad, bad)': "x[2]",
    'list(a = 1, b = list(c = bad))': 'x["b"]["c"]',
    'list(1, list(c("a", bytes)))': "x[1][0][1]",
    'setNames(list(1, bad), c("a", NA))': "x[1]",
    'data.frame(a = 1:2, `my col` = c("a", bad), check.names = FALSE)': 'x["my col"][1]',
    "structure(1:2, names = c('a', bad))": "x@names[1]",
    "list(2, structure(1, note = list(why = bad)))": 'x[1]@note["why"]',
    nest: "x[0][0][0][0][0][0]...[0][0][0][0][0][0]",
  };
  for (const [expression, place] of Object.entries(places)) {
    rig.ok(`x <- ${expression}`);
    const { error } = rig.get("x").reply;
    assert.equal(error.kind, "value", expression);
    assert.equal(error.name, place, expression);
    assert.match(error.message, /Hint: /);
    assert.equal(rig.fail("1", { outputs: ["cars", "x"] }).name, place);
  }
  assert.equal(rig.fail("list(1, bad)", { value: true }).name, "value[1]");
  assert.equal(rig.fail("bad", { value: true }).name, "");
  comesBack("cars");
});

test("what only looks like plain data stays in R", () => {
  for (const expression of ["asS4(1)", "asS4(list(1))", "list(1, asS4('a'))"]) comesBack(expression);
  assert.equal(rig.state().handles, 0);
});

test("text in an invalid encoding never arrives as something else", () => {
  rig.ok('x <- rawToChar(as.raw(c(0x66, 0xff, 0x67)))');
  const { reply } = rig.get("x");
  assert.equal(reply.status, "error");
  assert.equal(reply.error.kind, "value");
  assert.match(reply.error.message, /not valid UTF-8/);
});

test("lists 150 levels deep come back, deeper ones are an error in words", () => {
  rig.ok("nest <- function(n) { x <- list(1); for (i in seq_len(n)) x <- list(x); x }");
  comesBack("nest(150)");
  rig.ok("x <- nest(300)");
  const { error } = rig.get("x").reply;
  assert.equal(error.kind, "value");
  assert.match(error.message, /nested more than 200 levels/);
  const { value } = rig.get("x", true).reply;
  assert.equal(value.type, "handle");
  rig.state([value.id]);
  comesBack("nest(150)");
});

test("attributes count as depth, and reading goes on after a failure in the middle", () => {
  rig.ok("x <- 1; for (i in 1:300) attr(x, 'a') <- x");
  assert.equal(rig.fail("1", { outputs: ["cars", "x"] }).kind, "value");
  comesBack("cars");
});

test("objects that are not plain data stay in R, and come back as themselves", () => {
  const made = {
    closure: "function(x) x + 1",
    environment: "new.env()",
    language: "y ~ x",
    symbol: "quote(a)",
    builtin: "sum",
    list: "lm(dist ~ speed, cars)",
    special: "`if`",
    "language ": "quote(if (a) b)",
    "language  ": "quote(a$b(c))",
    "language   ": "structure(quote({a}), note = 1)",
    "language    ": "structure(quote(a + b), class = 'mine')",
    "language     ": "quote((a)(b))",
    "closure ": "structure(function() 1, class = c('a', 'b'))",
    "environment ": "structure(new.env(), note = 1)",
    S4: '{ setClass("Q", representation(a = "numeric")); new("Q", a = 1) }',
    expression: "expression(1, a)",
  };
  for (const [type, expression] of Object.entries(made)) {
    rig.ok(`x <- ${expression}`);
    const { value } = roundTrip("x").reply;
    assert.equal(value.type, "handle", expression);
    assert.equal(value.typeof, type.trim());
    assert.equal(value.class.join(), rig.ask("paste(class(x), collapse = ',')"), expression);
    assert.equal(rig.ask("identical(x, back)"), "TRUE", expression);
  }
  assert.equal(rig.state().handles, 0);
});

test("lists hold objects that stay in R beside plain data", () => {
  const { value } = comesBack("list(1, f = sum, e = globalenv(), list(quote(a)))").reply;
  assert.deepEqual(value.items.map((/** @type {any} */ item) => item.type), ["double", "handle", "handle", "list"]);
  assert.equal(rig.state().handles, 0);
});

test("many objects that stay in R come in columns, and as themselves", () => {
  const { value } = comesBack("setNames(rep(list(sum, globalenv(), quote(a), quote(if (a) b)), 30), c(letters, 1:94))").reply;
  assert.equal(value.items, undefined);
  assert.deepEqual(value.handles.kinds.map((/** @type {any} */ kind) => kind.class[0]), ["function", "environment", "name", "if"]);
  assert.deepEqual(value.handles.of.slice(0, 5), [0, 1, 2, 3, 0]);
  assert.equal(comesBack("c(rep(list(sum), 200), 1)").reply.value.items.length, 201);
  comesBack("structure(rep(list(sum), 200), class = 'data.frame', row.names = 1L, names = as.character(1:200))");
  assert.equal(rig.state().handles, 0);
});

test("a value that cannot be read keeps no handle to the parts that could", () => {
  rig.ok('x <- list(sum, globalenv(), "\\xff"); Encoding(x[[3]]) <- "bytes"');
  assert.equal(rig.get("x").reply.error.kind, "value");
  assert.equal(rig.state().handles, 0);
});

test("keep gives a handle whatever it is, NULL excepted", () => {
  for (const expression of ["1", "cars", "letters", "list()"]) {
    rig.ok(`x <- ${expression}`);
    const { value } = rig.get("x", true).reply;
    assert.equal(value.type, "handle");
    rig.state([value.id]);
  }
  rig.ok("x <- NULL");
  assert.equal(rig.get("x", true).reply.value.type, "NULL");
});

test("inputs are assigned all or none, and a failure names the one", () => {
  const wrong = { value: /** @type {const} */ ({ type: "double", length: 3, buffer: 0 }), buffers: [new Uint8Array(8)] };
  const bad = {
    "too few bytes": wrong,
    "an unknown handle": { value: /** @type {const} */ ({ type: "handle", id: 12345 }), buffers: [] },
    "impossible attributes": { value: { ...integer(1, 2, 3).value, attributes: [["dim", { type: "integer", length: 2, buffer: 1 }]] }, buffers: [...integer(1, 2, 3).buffers, ...integer(2, 2).buffers] },
    "an unknown type": { value: { type: "strange", length: 1, buffer: 0 }, buffers: [] },
  };
  for (const [why, value] of Object.entries(bad)) {
    rig.ok("rm(list = intersect(ls(), c('first', 'second', 'third')))");
    const inputs = { first: integer(1), second: /** @type {any} */ (value), third: integer(3) };
    for (const failed of [rig.fail("ran <- TRUE", { inputs }), rig.set(inputs).reply.error]) {
      assert.equal(failed.kind, "value", why);
      assert.equal(failed.name, "second", why);
      assert.match(failed.message, /^R cannot hold second: ./);
    }
    assert.equal(rig.ask('any(c("first", "second", "third", "ran") %in% ls())'), "FALSE", why);
  }
  assert.ok(rig.intact());
});

test("inputs are assigned all or none where one of them is locked", () => {
  rig.ok("one <- 'before'; two <- 'before'; lockBinding('two', globalenv())");
  const inputs = { one: integer(1), two: integer(2) };
  for (const failed of [rig.fail("ran <- TRUE", { inputs }), rig.set(inputs).reply.error]) {
    assert.match(failed.message, /^cannot change value of locked binding for 'two'/);
    assert.equal(rig.ask("paste(one, two, exists('ran'))"), "before before FALSE");
  }
  rig.ok("unlockBinding('two', globalenv())");
  assert.equal(rig.set(inputs).reply.status, "ok");
  assert.equal(rig.ask("paste(one, two)"), "1 2");
  assert.ok(rig.intact());
});

test("names of any kind are variables", () => {
  const odd = ["my var", "ü", "if", "a`b", "日本", "...1", "TRUE"];
  rig.set(Object.fromEntries(odd.map((name, i) => [name, integer(i)])));
  for (const [i, name] of odd.entries()) {
    const { buffers } = rig.get(name);
    assert.equal(new Int32Array(buffers[0].buffer)[0], i);
  }
});

test("a changed copy of a value from Python leaves the original alone", () => {
  const sent = double(1, 2, 3);
  rig.ok("y <- x; y[1] <- 99; f <- function(v) { v[2] <- 99; v }; z <- f(x)", { inputs: { x: sent } });
  assert.equal(rig.ok("x; y; z").text, "[1] 1 2 3\n[1] 99  2  3\n[1]  1 99  3\n");
  assert.deepEqual([...new Float64Array(sent.buffers[0].buffer)], [1, 2, 3]);
  rig.ok("kept <- c(1, 2, 3)");
  const { value } = rig.get("kept", true).reply;
  rig.call("[<-", [{ value, buffers: [] }, double(1), double(99)]);
  assert.equal(rig.ok("kept").text, "[1] 1 2 3\n");
  rig.state([value.id]);
});

test("a call finds the function, names its arguments, and shows itself in the user's words", () => {
  const parcel = rig.call("paste", [character("a"), character("b"), ["sep", character("-")]]);
  assert.equal(new TextDecoder().decode(parcel.buffers[parcel.reply.value.data]), "a-b");
  assert.equal(rig.call("stats::sd", [double(1, 2, 3)]).reply.status, "ok");
  assert.equal(rig.call("utils:::head.default", [double(1, 2, 3)]).reply.status, "ok");
  rig.ok("show_call <- function(...) match.call()");
  const shown = rig.call("show_call", [integer(1), ["data", list([double(1, 2)])], double(3, 4), NULL]);
  rig.set({ shown: shown.parcel });
  assert.equal(rig.ok("print(shown)").stdout, "show_call(1L, data = data, arg3, NULL)\n");
  const failed = rig.call("no_such_function").reply.error;
  assert.match(failed.message, /could not find function "no_such_function"/);
  rig.state([shown.reply.value.id]);
});

test("arguments of the same name, or of the function's, stay apart", () => {
  const texts = (/** @type {import("./rig.mjs").Parcel} */ parcel) => {
    rig.set({ got: parcel });
    return rig.ok("cat(c(names(got), got))").stdout;
  };
  assert.equal(texts(rig.call("c", [["a", double(1, 2)], ["a", double(3, 4)]]).parcel), "a1 a2 a1 a2 1 2 3 4");
  assert.equal(texts(rig.call("c", [double(1, 2), ["arg1", double(3, 4)]]).parcel), "  arg11 arg12 1 2 3 4");
  rig.ok("f <- function(f) f(2); twice <- function(x) x * 2");
  const { value } = rig.get("twice", true).reply;
  assert.equal(texts(rig.call("f", [["f", { value, buffers: [] }]]).parcel), "4");
  rig.state([value.id]);
});

test("a function that stays can be given a function named as R's own argument is", () => {
  rig.ok("twice <- function(v) v * 2");
  const [lapply, twice] = ["lapply", "twice"].map((name) => rig.get(name, true).reply.value);
  rig.set({ got: rig.call(lapply, [double(1, 2), ["FUN", { value: twice, buffers: [] }]]).parcel });
  assert.equal(rig.ask("identical(got, list(2, 4))"), "TRUE");
  rig.state([lapply.id, twice.id]);
});

test("plain scalars of calls are the same as by the long way, or go it", () => {
  rig.ok("same <- function(x) x");
  const { id } = rig.get("same", true).reply.value;
  /** @param {any[]} args */
  const short = (...args) => rig.request({ op: "scalars", id, label: "same", args });
  for (const scalar of [1.5, -0, "i-7", "sü", "s", true, false, null]) {
    const { reply } = short(scalar);
    if (Object.is(scalar, -0)) assert.equal(reply.value.type, "double");
    else assert.equal(reply.scalar, scalar);
  }
  assert.equal(rig.ok("same <- function(x) c(x, x)").reply.status, "ok");
  const texts = ["NA_character_", '"\ufeffa text that begins with a byte order mark"', '"\ufffd"', "c(a = 1)", "NaN", "NA", "NA_integer_", "1i", "letters", "-0"];
  for (const text of texts) {
    rig.ok(`give <- function() ${text}`);
    const give = rig.get("give", true).reply.value;
    const record = rig.request({ op: "scalars", id: give.id, label: "give", args: [] });
    assert.equal(record.reply.scalar, undefined, text);
    rig.set({ got: record.parcel });
    assert.equal(rig.ask(`identical(got, ${text})`), "TRUE", text);
    rig.state([give.id]);
  }
  rig.state([id]);
});

test("100,000 objects are kept and released, and none is left", () => {
  rig.ok("x <- sum");
  const start = performance.now();
  const ids = [];
  for (let i = 0; i < 100; i++) {
    rig.ok(`many <- lapply(1:1000, function(i) new.env())`);
    ids.push(...rig.get("many").reply.value.handles.ids);
  }
  const kept = performance.now();
  assert.equal(rig.state().handles, 100_000);
  assert.equal(new Set(ids).size, 100_000);
  const before = performance.now();
  rig.state(ids);
  const released = performance.now();
  assert.equal(rig.state().handles, 0);
  assert.ok(rig.intact());
  console.log(`100,000 handles: kept in ${Math.round(kept - start)} ms, released in ${Math.round(released - before)} ms`);
});

test("a handle released twice, or never given, frees nobody else's", () => {
  const [one] = [rig.get("sum", true).reply.value.id];
  rig.state([one, one, 999_999, -1]);
  const ids = [rig.get("sum", true).reply.value.id, rig.get("mean", true).reply.value.id];
  assert.notEqual(ids[0], ids[1]);
  assert.equal(rig.state().handles, 2);
  assert.match(rig.set({ x: { value: { type: "handle", id: 5000 }, buffers: [] } }).reply.error.message, /no R object has the handle 5000/);
  rig.state(ids);
  assert.equal(rig.state().handles, 0);
});

test("released objects are garbage for R", () => {
  rig.ok("died <- 0; watched <- function() { e <- new.env(); reg.finalizer(e, function(x) died <<- died + 1); e }; e <- watched()");
  const { value } = rig.get("e", true).reply;
  rig.ok("rm(e); invisible(gc())");
  assert.equal(rig.ask("died"), "0");
  rig.state([value.id]);
  rig.ok("invisible(gc())");
  assert.equal(rig.ask("died"), "1");
});

test("Python objects and functions come back with the same number", () => {
  rig.set({ f: python(11), o: python(12, false), l: list([python(13), python(14, false, "Other")]) });
  assert.deepEqual([rig.get("f").reply.value.id, rig.get("o").reply.value.id], [11, 12]);
  assert.deepEqual(rig.get("l").reply.value.items.map((/** @type {any} */ { type, id }) => [type, id]), [["python", 13], ["python", 14]]);
  assert.equal(rig.get("f", true).reply.value.type, "python");
  assert.equal(rig.ask("is.function(f)"), "TRUE");
  assert.match(rig.ask("class(o)[1]"), /^python\.Thing$/);
});

test("Python hears which of its objects R no longer uses, once each", () => {
  assert.equal(rig.ok("invisible(gc())").reply.freed, undefined);
  rig.ok("copy <- f; rm(f, o, l)");
  assert.deepEqual(rig.ok("invisible(gc())").reply.freed?.sort(), [12, 13, 14]);
  assert.deepEqual(rig.ok("rm(copy); invisible(gc())").reply.freed, [11]);
  assert.equal(rig.ok("invisible(gc())").reply.freed, undefined);
});

test("a Python object that was saved and loaded again is an object of R, and cannot be called", () => {
  rig.set({ f: python(21), o: python(22, false) });
  rig.ok("path <- tempfile(); save(f, o, file = path); rm(f, o); load(path)");
  assert.equal(rig.get("o").reply.value.type, "handle");
  assert.equal(rig.get("f").reply.value.type, "handle");
  assert.equal(rig.fail("f()").kind, "error");
  assert.ok(rig.intact());
});
