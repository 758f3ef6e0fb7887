# What the façade asks of R besides R's own functions: one function, first argument the question.
# Evaluated once for each R; it reads only base and utils, so nothing a user defines can change it.
function(what, x, ...) {
    switch(what,
        # Elements without anything else that R knows of them.
        values = {
            if (is.object(x) && is.list(x)) x <- unclass(x)
            attributes(x) <- NULL
            x
        },
        # list(name of each export) of a package that is attached if it was not.
        exports = {
            if (!suppressWarnings(require(x, character.only = TRUE, quietly = TRUE))) stop("there is no package called ", sQuote(x))
            namespace <- asNamespace(x)
            if (isBaseNamespace(namespace)) ls(baseenv(), all.names = TRUE)
            else c(getNamespaceExports(namespace), names(.getNamespaceInfo(namespace, "lazydata")))
        },
        version = as.character(utils::packageVersion(x)),
        # The names of all data sets of a package, and an environment with one of them.
        datasets = sub(" .*", "", utils::data(package = x)$results[, "Item"]),
        dataset = {
            environment <- new.env()
            utils::data(list = x, envir = environment, ...)
            environment
        },
        deparse = paste(deparse(x), collapse = "\n"),
        csv = paste(utils::capture.output(utils::write.table(x, ...)), collapse = "\n"),
        # Code in an environment of its own, for code that is used like a package.
        environment = {
            environment <- new.env(parent = globalenv())
            for (expression in parse(text = x, keep.source = TRUE)) eval(expression, environment)
            environment
        },
        attribute = attr(x, ..., exact = TRUE),
        slot = if (isS4(x)) methods::slot(x, ...) else attr(x, ..., exact = TRUE),
        set_slot = {
            if (isS4(x)) methods::`slot<-`(x, ..1, value = ..2) else `attr<-`(x, ..1, ..2)
        },
        # An element or several in place of others, by R's own positions.
        replace = { x[..1] <- ..2; x },
        replace2 = { x[[..1]] <- ..2; x },
        # A Python function as an R function of its own: read back, it is R's and not Python's.
        "function" = { force(x); function(...) x(...) },
        stop("unknown question: ", what)
    )
}
