# What Python asks of an object that stays in R: one function, first argument the question.
# Evaluated once for each R; it reads only base and utils, so nothing a user defines can change it.
function(what, x, key = NULL) {
    switch(what,
        print = utils::capture.output(if (isS4(x)) methods::show(x) else print(x)),
        html = if (inherits(x, c("html", "shiny.tag", "shiny.tag.list"))) paste(as.character(x), collapse = "\n"),
        names = if (is.environment(x)) ls(x, sorted = TRUE) else names(x),
        length = length(x),
        has = if (isS4(x)) methods::.hasSlot(x, key) else key %in% names(x),
        element = if (isS4(x) && !is.environment(x) && methods::.hasSlot(x, key)) methods::slot(x, key) else x[[key]],
        attribute = attr(x, key, exact = TRUE),
        attributes = names(attributes(x)),
        slots = if (isS4(x)) methods::slotNames(x) else character(),
        slot = methods::slot(x, key),
        # A list or vector without its class crosses by value; what has no such form is told by its type.
        plain = if (isS4(x) || is.object(x)) {
            value <- if (isS4(x) && methods::.hasSlot(x, ".Data")) x@.Data else if (isS4(x)) {
                slots <- methods::slotNames(x)
                stats::setNames(lapply(slots, function(name) methods::slot(x, name)), slots)
            } else unclass(x)
            if (is.environment(value)) as.list(value, sorted = TRUE) else value
        } else if (is.environment(x)) as.list(x, sorted = TRUE)
        else if (is.call(x) || is.symbol(x) || is.expression(x)) deparse(x)
        else x,
        formals = {
            text <- vapply(formals(args(x)), function(value) paste(deparse(value), collapse = " "), "")
            if (length(text)) replace(text, !nzchar(text), NA) # NA: no default
        },
        stop("unknown question: ", what)
    )
}
