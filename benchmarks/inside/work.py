"""R code in; how long it takes in the bridge's R, and in webR's in a worker of its own, out."""

from __future__ import annotations

import json

from kernel import webr_api
from timing import interleave

from jupyterlite_rpy.session import get_session

# Each takes a good deal longer than a message to webR's worker and back.
WORKS = {
    "lm()": "for (i in 1:30) lm(mpg ~ wt + hp, mtcars)",
    "summary(glm())": "for (i in 1:15) summary(glm(am ~ wt, binomial, mtcars))",
    "merge()": "merge(left, right, by = 'id')",
    "new()": "for (i in 1:500) new('Point', x = i, y = 1)",
    "for": "x <- 0; for (i in 1:300000) x <- x + i %% 3",
    "sapply": "sapply(1:30000, function(i) i * 2 + 1)",
}
DEFINED = """
set.seed(1)
left <- data.frame(id = sample(2000), a = runif(2000))
right <- data.frame(id = sample(2000), b = runif(2000))
setClass("Point", representation(x = "numeric", y = "numeric"))
"""


async def turns(times: int) -> None:
    """The same code by each; a first turn of both does not count, as the browser compiles what it runs."""
    session = get_session()
    other = await webr_api()
    session.run(DEFINED)
    await other.run(DEFINED)
    found = {}
    for name, code in WORKS.items():
        contenders = {
            "rpy": lambda code=code: session.run(code, show="none"),
            "webR": lambda code=code: other.run(code),
        }
        await interleave(contenders, 2)
        found[name] = await interleave(contenders, times)
    print(json.dumps(found))
