# What the Python object `r` asks: one function, first argument the question. Evaluated once for each R.
function(what, name = NULL, key = NULL) {
    switch(what,
        # The first of these names that R finds from the global environment; NULL: none.
        first = Find(function(x) exists(x, envir = globalenv()), name),
        remove = {
            here <- exists(name, envir = globalenv(), inherits = FALSE)
            if (here) rm(list = name, envir = globalenv())
            here
        },
        own = ls(globalenv()),
        visible = unique(unlist(lapply(search(), function(place) ls(place)))),
        # All that a package offers; NULL: there is no such package.
        package = if (requireNamespace(name, quietly = TRUE)) {
            lazy <- .getNamespaceInfo(asNamespace(name), "lazydata")
            c(if (name == "base") ls(baseenv()) else getNamespaceExports(name), if (is.environment(lazy)) ls(lazy))
        },
        title = {
            found <- suppressWarnings(utils::packageDescription(name, fields = c("Title", "Version")))
            if (is.list(found)) paste0(found$Title, " (R package ", name, " ", found$Version, ")") else name
        },
        formula = stats::as.formula(name, env = globalenv()),
        # Names with a dot that arguments of a function and of its methods have: of a generic function itself R lists few.
        dotted = {
            names <- names(formals(args(key)))
            if (is.function(key) && "..." %in% names) {
                place <- topenv(environment(key), baseenv())
                table <- get0(".__S3MethodsTable__.", place, inherits = FALSE)
                for (where in c(list(place), if (is.environment(table)) table)) {
                    methods <- ls(where)
                    methods <- methods[startsWith(methods, paste0(name, "."))]
                    for (method in methods) names <- c(names, names(formals(get(method, where))))
                }
                names <- c(names, graphics:::.Pars)
            }
            unique(grep(".", names, fixed = TRUE, value = TRUE))
        },
        help = {
            found <- utils::help(name, package = (key), help_type = "text", try.all.packages = FALSE)
            if (length(found)) {
                page <- utils:::.getHelpFile(as.character(found)[1L])
                utils::capture.output(tools::Rd2txt(page, options = list(underline_titles = FALSE)))
            }
        },
        stop("unknown question: ", what)
    )
}
