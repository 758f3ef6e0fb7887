# Objects that bring HTML of their own: tags and widgets of htmltools, and classes with a method of repr or knitr.
# Evaluated once, in the bridge's own environment.

# One string of HTML, or NULL.
own_html <- function(x) {
  if (inherits(x, "htmlwidget")) return(if (isNamespaceLoaded("htmltools")) widget_html(x))
  if (inherits(x, "html")) return(paste(as.character(x), collapse = "\n"))
  if (inherits(x, c("shiny.tag", "shiny.tag.list"))) {
    return(if (isNamespaceLoaded("htmltools")) paste(as.character(x), collapse = "\n"))
  }
  for (generic in names(html_generics)) {
    method <- html_method(generic, class(x))
    if (is.null(method)) next
    html <- html_generics[[generic]](method(x))
    if (length(html) && any(nzchar(html))) return(paste(html, collapse = "\n"))
  }
  NULL
}

# What a method's value is as text; nothing if it is not HTML.
html_generics <- list(
  repr_html = function(value) as.character(value),
  knit_print = function(value) if (inherits(value, "knit_asis") && grepl("^\\s*<", value[1L])) as.character(value),
  as.tags = function(value) as.character(value)
)

# The method of one of these classes for a generic of repr, knitr or htmltools, defined in the notebook or registered; not a default one.
html_method <- function(generic, classes) {
  home <- c(repr_html = "repr", knit_print = "knitr", as.tags = "htmltools")[[generic]]
  for (name in classes) {
    method <- get0(paste(generic, name, sep = "."), globalenv(), mode = "function")
    if (is.null(method) && isNamespaceLoaded(home)) {
      table <- get0(".__S3MethodsTable__.", asNamespace(home), inherits = FALSE)
      if (!is.null(table)) method <- get0(paste(generic, name, sep = "."), table, inherits = FALSE)
    }
    if (!is.null(method)) return(method)
  }
  NULL
}

# A widget is a page with scripts: all of it goes into one frame, so that it works in a notebook that is opened again without R.
widget_html <- function(x) {
  rendered <- htmltools::renderTags(htmltools::as.tags(x, standalone = FALSE))
  parts <- lapply(htmltools::resolveDependencies(rendered$dependencies), function(dependency) {
    root <- dependency$src$file
    if (is.null(root)) return(dependency$head)
    if (!is.null(dependency$package)) root <- system.file(root, package = dependency$package)
    text <- function(name) paste(readLines(file.path(root, name), warn = FALSE, encoding = "UTF-8"), collapse = "\n")
    scripts <- vapply(dependency$script, function(script) if (is.list(script)) script$src else script, "")
    c(
      vapply(dependency$stylesheet, function(name) paste0("<style>", text(name), "</style>"), ""),
      vapply(scripts, function(name) paste0("<script>", gsub("</script", "<\\/script", text(name), fixed = TRUE), "</script>"), ""),
      dependency$head
    )
  })
  page <- paste(c("<!DOCTYPE html><html><head><meta charset=\"utf-8\">", unlist(parts), rendered$head, "</head><body>", rendered$html, "</body></html>"),
    collapse = "\n")
  height <- if (is.numeric(x$height)) x$height else 420
  sprintf('<iframe srcdoc="%s" style="width:100%%;height:%dpx;border:0" sandbox="allow-scripts allow-popups"></iframe>', escaped(page), as.integer(height))
}
