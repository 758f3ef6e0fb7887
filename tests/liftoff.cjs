// Required by every Node of the tests: WebAssembly stays as V8's quick compiler (Liftoff) made it.
// Its slow one is busy with other things than the test, and its frames are the smaller: what fits on the stack here fits for users.
"use strict";

require("node:v8").setFlagsFromString("--liftoff-only");
