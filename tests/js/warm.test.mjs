// The library and font of the first plot, loaded before it: nothing of that is seen.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { warmGraphics } from "../../jupyterlite_rpy/js/warm.mjs";
import { Rig } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => (rig = await Rig.start()));

test("warming up for the first plot leaves nothing behind and no hook of the user's runs", () => {
  rig.ok("hooked <- 0; for (hook in c('before.plot.new', 'plot.new')) setHook(hook, function() hooked <<- hooked + 1)");
  warmGraphics(rig.r);
  assert.equal(rig.ok("hooked; dev.list(); list.files('/tmp', 'warm')").text, "[1] 0\nNULL\ncharacter(0)\n");
  assert.equal(rig.ok("plot(1); hooked").pages.length, 1);
});

test("warming up leaves an open device alone", () => {
  rig.ok("pdf(NULL)");
  warmGraphics(rig.r);
  assert.equal(rig.ok("names(dev.cur()); invisible(dev.off())").text, '[1] "pdf"\n');
});
