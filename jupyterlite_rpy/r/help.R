# Help, listings and viewers in a notebook: HTML in place of a pager, a browser or a window. Evaluated once, in the bridge's own environment.

# list(html, text) of an object that R's own printing would show in a pager or a browser; NULL: let R print it.
help_value <- function(x) {
  if (inherits(x, "help_files_with_topic")) return(topic_pages(x))
  if (inherits(x, "hsearch")) {
    found <- x$matches
    if (is.null(found) || nrow(found) == 0L) return(NULL)
    found <- unique(found[c("Package", "Topic", "Title")])
    return(listing(found, "Help pages"))
  }
  results <- x$results
  if (is.null(results) || NROW(results) == 0L) return(NULL)
  wanted <- intersect(c("Package", "Item", "Title"), colnames(results))
  listing(as.data.frame(results[, wanted, drop = FALSE], stringsAsFactors = FALSE), if (is.null(x$title)) "Packages" else x$title)
}

listing <- function(frame, title) {
  row.names(frame) <- NULL
  cells <- as.matrix(frame)
  html <- table_html(cells, names(frame), NULL, NULL, rep(FALSE, ncol(cells)), seq_len(nrow(cells)), seq_len(ncol(cells)), title)
  list(html = scrolling(html), text = c(paste0(title, ":"), "", paste(format(cells[, ncol(cells) - 1L]), cells[, ncol(cells)])))
}

scrolling <- function(html) c('<div style="max-height:40em;overflow:auto">', html, "</div>")

# The pages that help("topic") found, at most three of them.
topic_pages <- function(x) {
  paths <- as.character(x)
  if (length(paths) == 0L) return(NULL)
  pages <- lapply(utils::head(paths, 3L), function(path) {
    page <- get(".getHelpFile", asNamespace("utils"))(path)
    list(html = page_html(page, basename(dirname(dirname(path)))), text = page_text(page))
  })
  list(html = scrolling(unlist(lapply(pages, `[[`, "html"))), text = unlist(lapply(pages, `[[`, "text")))
}

page_html <- function(page, package) {
  lines <- utils::capture.output(tools::Rd2HTML(page, package = package, dynamic = FALSE))
  html <- paste(lines, collapse = "\n")
  html <- sub("(?s)^.*<body[^>]*>", "", html, perl = TRUE)
  html <- sub("(?s)</body>.*$", "", html, perl = TRUE)
  html <- gsub("(?s)<script.*?</script>", "", html, perl = TRUE)
  # Links lead to pages that are not there; those to the web stay.
  html <- gsub("(?s)<a\\b(?![^>]*href=['\"]https?:)[^>]*>(.*?)</a>", "\\1", html, perl = TRUE)
  c('<div class="tex2jax_ignore mathjax_ignore">', html, "</div>")
}

page_text <- function(page) {
  utils::capture.output(tools::Rd2txt(page, options = list(underline_titles = FALSE)))
}

# R's pager: print(help("lm")), file.show() and listings as text. Overstrikes (x, backspace, x) are for terminals.
show_files <- function(files, header = "", title = "", delete.file = FALSE) {
  for (i in seq_along(files)) {
    if (length(header) >= i && nzchar(header[i])) cat(header[i], "\n\n", sep = "")
    writeLines(gsub(".\b", "", readLines(files[i], warn = FALSE)))
  }
  if (delete.file) unlink(files)
  invisible()
}

# browseURL(): a link, as R cannot open a page.
show_link <- function(url) {
  file <- grepl("^(file://)?/", url)
  show_html(if (file) escaped(url) else sprintf('<a href="%s" target="_blank" rel="noopener">%s</a>', escaped(url), escaped(url)), url)
}

# View(): a table with many rows that scrolls.
view <- function(x, title) {
  frame <- if (is.data.frame(x)) x else if (is.matrix(x)) as.data.frame(x) else if (is.atomic(x)) data.frame(value = x) else as.data.frame(x)
  if (length(frame) == 0L) return(print(frame))
  show_html(scrolling(frame_table(frame, largest("rows", 1000))), cut_text(frame))
}

options(pager = show_files, browser = show_link)
local({
  name <- "View"
  for (home in list(asNamespace("utils"), as.environment("package:utils"))) {
    unlockBinding(name, home)
    assign(name, view, home)
    lockBinding(name, home)
  }
})
