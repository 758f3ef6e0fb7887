// Required by every Node of the tests: WebAssembly stays as V8's quick compiler (Liftoff) made it.
// Its slow one takes 300 MB and seconds of a core at each start for one function of R, the byte code's interpreter.
"use strict";

require("node:v8").setFlagsFromString("--liftoff-only");
