// Drawing in, pages out: at their place among the text, each once, updated when drawn on again.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { Rig } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => (rig = await Rig.start()));
beforeEach(() => rig.ok("graphics.off(); if (file.exists('own.png')) unlink('own.png')"));

/** @param {string} code @param {string[]} expected text and pages in order */
function sees(code, ...expected) {
  const record = rig.ok(code);
  assert.deepEqual(record.seen, expected);
  return record;
}

/** Width and height in a PNG's header. @param {Uint8Array} data */
function pngSize(data) {
  assert.deepEqual([...data.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
  const view = new DataView(data.buffer, data.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

/** @param {any} more */
const device = (more = {}) => ({ type: "png", width: 480, height: 480, pointsize: 12, bg: "white", res: 72, scale: 2, ...more });

test("a cell that draws nothing opens no device", () => {
  sees("x <- 1; dev.cur(); length(dev.list())", "stdout: null device \n          1 \n[1] 0\n");
  assert.equal(rig.ok("dev.list()", { device: device() }).pages.length, 0);
});

test("a plot is one page of the size and density asked for", () => {
  const [page] = sees("plot(1:3)", "page").pages;
  assert.equal(page.mime, "image/png");
  assert.deepEqual([page.width, page.height, ...pngSize(page.data)], [480, 480, 960, 960]);
  const [other] = rig.ok("plot(1)", { device: device({ width: 300, height: 200, scale: 1 }) }).pages;
  assert.deepEqual([other.width, other.height, ...pngSize(other.data)], [300, 200, 300, 200]);
});

test("drawing calls that follow each other show one page", () => {
  sees("plot(1:3); abline(0, 1); legend('top', 'a'); text(1, 1, 'x')", "page");
  sees("x <- 1:3\nplot(x)\nlines(x)\n# done", "page");
});

test("text after a plot comes after it, and drawing on updates the same page", () => {
  const { pages } = sees("plot(1:3)\ncat('between\\n')\nabline(0, 1)", "page", "stdout: between\n", "update");
  assert.equal(pages[0].id, pages[1].id);
  assert.notDeepEqual(pages[0].data, pages[1].data);
});

test("a page that does not change is not shown again", () => {
  sees("plot(1:3)\nx <- 1\ny <- 2\ncat('a\\n')\nz <- 3", "page", "stdout: a\n");
});

test("each plot is a page of its own, with an id of its own", () => {
  const { pages } = sees("for (i in 1:3) plot(i)", "page", "page", "page");
  assert.equal(new Set(pages.map(({ id }) => id)).size, 3);
  const again = sees("plot(1)\ncat('a\\n')\nplot(2)\ncat('b\\n')", "page", "stdout: a\n", "page", "stdout: b\n").pages;
  assert.equal(new Set([...pages, ...again].map(({ id }) => id)).size, 5);
});

test("several panels are one page", () => {
  sees("par(mfrow = c(1, 2)); plot(1); plot(2)", "page");
  sees("layout(matrix(1:2, 1)); plot(1); plot(2); plot(3)", "page", "page");
  sees("layout(matrix(1:2, 1)); plot(1)\ncat('half\\n')\nplot(2)", "page", "stdout: half\n", "update");
});

test("par() of one cell holds for the next plot", () => {
  sees("par(mfrow = c(1, 2))");
  assert.equal(rig.ask("paste(par('mfrow'), collapse = ' ')"), "1 2");
  sees("plot(1); plot(2)", "page");
  sees("par('mfrow'); plot(1); plot(2)", "stdout: [1] 1 1\n", "page", "page");
});

test("the user's own device is the user's", () => {
  sees("png('own.png', type = 'cairo'); plot(1); invisible(dev.off()); file.exists('own.png')", "stdout: [1] TRUE\n");
  sees("png('own.png', type = 'cairo')\nplot(1)\ncat('open\\n')", "stdout: open\n");
  sees("names(dev.cur()); invisible(dev.off())", "stdout: [1] \"png\"\n");
});

test("a plot beside the user's own device is shown", () => {
  const code = "plot(1)\npng('own.png', type = 'cairo'); plot(2); invisible(dev.off())\ncat('after\\n'); lines(1)";
  sees(code, "page", "stdout: after\n");
});

test("dev.off() by the user finishes the page, and the next plot is another", () => {
  const { pages } = sees("plot(1); invisible(dev.off()); plot(2); invisible(dev.off())", "page", "page");
  assert.notEqual(pages[0].id, pages[1].id);
  sees("plot(1)\ncat('a\\n')\ninvisible(dev.off())\ncat('b\\n')", "page", "stdout: a\nb\n");
  sees("plot(1); graphics.off()", "page");
});

test("devices that follow each other in one expression show all their pages", () => {
  sees("{ plot(1); dev.off(); plot(2); dev.off(); plot(3); invisible(plot(4)) }", "page", "page", "page", "page");
});

test("dev.new() opens another page", () => {
  sees("plot(1); dev.new(); plot(2)", "page", "page");
  sees("{ plot(1); dev.new(); plot(2); x <- length(dev.list()) }; x", "page", "page", "stdout: [1] 1\n");
});

test("the user's device in the place of a closed one is not taken for it", () => {
  sees("{ plot(1); dev.off(); png('own.png', type = 'cairo') }\nplot(2)\ncat('a\\n')", "page", "stdout: a\n");
  sees("names(dev.cur()); invisible(dev.off()); file.exists('own.png')", 'stdout: [1] "png"\n[1] TRUE\n');
});

test("what was drawn before an error is shown", () => {
  const record = rig.run("plot(1:3); stop('after')");
  assert.equal(record.reply.error.message, "after");
  assert.deepEqual(record.seen, ["page"]);
  assert.deepEqual(rig.run("f <- function() { plot(1); plot(2); stop('x') }; f()").seen, ["page", "page"]);
  assert.deepEqual(rig.run("plot(1:3, ylim = c(0, NA))").seen.filter((text) => text !== "page"), []);
  sees("plot(1)", "page");
});

test("a call draws like a cell", () => {
  const record = rig.call("plot", [{ value: { type: "double", length: 1, buffer: 0 }, buffers: [new Uint8Array(8)] }], { device: device() });
  assert.equal(record.reply.status, "ok");
  assert.deepEqual(record.seen, ["page"]);
});

test("what a nested call draws is shown in the outer cell", () => {
  rig.python = () => {
    assert.deepEqual(rig.ok("abline(0, 1); plot(2)").seen, ["update"]);
    return { reply: { value: { type: "NULL" } }, buffers: [] };
  };
  rig.set({ draw: { value: { type: "python", id: 1, class: ["function"], callable: true }, buffers: [] } });
  const record = rig.ok("plot(1)\ninvisible(draw())\ncat('after\\n')");
  assert.deepEqual(record.seen, ["page", "page", "stdout: after\n"]);
});

test("SVG pages are text of the size asked for", () => {
  const { pages } = rig.ok("plot(1)\ncat('a\\n')\nabline(h = 1); plot(2)", { device: device({ type: "svg", width: 5, height: 4, scale: 1 }) });
  assert.deepEqual(pages.map(({ mime, update }) => [mime, update]), [["image/svg+xml", false], ["image/svg+xml", true], ["image/svg+xml", false]]);
  const text = new TextDecoder().decode(pages[0].data);
  assert.match(text, /^<\?xml[\s\S]*<svg [^>]*width="360(pt)?" height="288(pt)?"/);
  assert.match(text, /<\/svg>\s*$/);
});

test("grid graphics are pages, too", () => {
  const { pages } = sees("library(grid)\ngrid.newpage(); grid.rect()\ncat('a\\n')\ngrid.circle()", "page", "stdout: a\n", "update");
  assert.notDeepEqual(pages[0].data, pages[1].data);
});

test("a recorded plot is drawn again", () => {
  sees("plot(1:3); p <- recordPlot()", "page");
  sees("replayPlot(p)", "page");
});

test("a background, symbols and text beyond ASCII draw without warnings", () => {
  const record = rig.ok("par(bg = 'lightblue'); plot(1:3, main = 'Größe 日本', pch = 19); mtext(expression(alpha^2))", { device: device({ bg: "transparent" }) });
  assert.deepEqual(record.seen, ["page"]);
});

test("fifty pages of one cell come in order, and leave no file", () => {
  const { pages } = rig.ok("for (i in 1:50) plot(i)", { device: device({ width: 100, height: 100, scale: 1, pointsize: 6 }) });
  assert.equal(pages.length, 0 + 50);
  assert.equal(rig.ask("length(list.files('/tmp/rpy-plots'))"), "0");
});

test("a plot too large for the device is an R error, and the next cell draws", () => {
  const failed = rig.fail("plot(1)", { device: device({ width: 20, height: 20, scale: 1 }) });
  assert.match(failed.message, /margins too large|plot region/);
  sees("plot(1)", "page");
});

test("text is as high as in a fresh R, whatever the resolution of the device before", async () => {
  // R remembers a letter's height by a device's address, and one device after the other has the same.
  const height = (/** @type {Rig} */ r, /** @type {number} */ res) => {
    const { seen } = r.ok("plot.new(); cat(format(strheight('x', 'inches'), digits = 15))", { device: device({ res }) });
    return seen.find((/** @type {string} */ what) => what.startsWith("stdout"));
  };
  const fresh = height(await Rig.start(), 100);
  height(rig, 72);
  assert.equal(height(rig, 100), fresh);
});
