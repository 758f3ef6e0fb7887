# Help, listings and viewers in a notebook: HTML in place of a pager, a browser or a window. Evaluated once, in the bridge's own environment.

# list(html, text) of an object that R's own printing would show in a pager or a browser; NULL: let R print it.
help_value <- function(x) {
  if (inherits(x, "help_files_with_topic")) return(topic_pages(x))
  if (inherits(x, "news_db")) return(news_page(x))
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
  c('<div class="tex2jax_ignore mathjax_ignore">', without_local_links(html), "</div>")
}

# Links lead to pages that are not there; those to the web stay.
without_local_links <- function(html) gsub("(?s)<a\\b(?![^>]*href=['\"]https?:)[^>]*>(.*?)</a>", "\\1", html, perl = TRUE)

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

# ---- news(): the newest that there is room for

news_shown <- 300L

news_parts <- function(x) {
  if (is.null(x$Version) || is.null(x$Text)) return(NULL)
  number <- numeric_version(sub("^([0-9]+([.-][0-9]+)*).*$", "\\1", x$Version), strict = FALSE)
  number[is.na(number)] <- "99999"  # R-devel
  order <- order(number, decreasing = TRUE)
  left <- nrow(x) - news_shown
  x <- x[utils::head(order, news_shown), ]
  category <- if (is.null(x$Category)) rep("", nrow(x)) else ifelse(is.na(x$Category), "", x$Category)
  head <- paste0("Changes in version ", x$Version, ifelse(nzchar(category), paste0(": ", category), ""))
  more <- if (left > 0L) sprintf("... and %s older ones: news(Version == \"4.0.0\") shows those of a version", format(left, big.mark = ","))
  list(items = split(seq_len(nrow(x)), factor(head, unique(head))), text = x$Text, html = if (!is.null(x$HTML)) x$HTML, more = more)
}

news_text <- function(x) {
  parts <- news_parts(x)
  if (is.null(parts)) return(unlist(format(x)))
  item <- function(text) paste0("  o ", gsub("\n", "\n    ", text, fixed = TRUE))
  c(unlist(Map(function(head, rows) c(head, item(parts$text[rows]), ""), names(parts$items), parts$items), use.names = FALSE), parts$more)
}

news_page <- function(x) {
  parts <- news_parts(x)
  if (is.null(parts) || length(parts$items) == 0L) return(NULL)
  written <- if (is.null(parts$html)) escaped(parts$text) else ifelse(is.na(parts$html), escaped(parts$text), without_local_links(parts$html))
  html <- unlist(Map(function(head, rows) {
    c(paste0("<h4>", escaped(head), "</h4>"), "<ul>", paste0("<li>", written[rows], "</li>"), "</ul>")
  }, names(parts$items), parts$items), use.names = FALSE)
  more <- if (!is.null(parts$more)) paste0("<p>", escaped(parts$more), "</p>")
  list(html = scrolling(c('<div class="tex2jax_ignore mathjax_ignore">', html, more, "</div>")), text = news_text(x))
}

print_news <- function(x, ...) {
  writeLines(news_text(x))
  invisible(x)
}

# ---- what R does with a server, an editor or a window of its own

# R's help server would answer between the cells, in a thread that is Python's then. Without it R's own functions print text.
no_help_server <- function(start = TRUE) {
  if (!is.na(start)) stop("there is no help server in a notebook; ?name shows a page of help below the cell", call. = FALSE)
  invisible(-1L)
}

# help.start(): the packages whose pages there are.
packages_with_help <- function(...) {
  found <- library()
  value <- help_value(found)
  show_html(value$html, c(value$text, "", "help(package = \"stats\") lists the pages of one of them."))
}

no_editor <- function(name, file, title, ...) {
  stop("R cannot open an editor from a notebook. Change the value by code, and a file in the notebook's own editor", call. = FALSE)
}

options(pager = show_files, browser = show_link, editor = no_editor)
local({
  replace <- function(package, name, value) {
    attached <- paste0("package:", package)
    for (home in c(asNamespace(package), if (attached %in% search()) as.environment(attached))) {
      unlockBinding(name, home)
      assign(name, value, home)
      lockBinding(name, home)
    }
  }
  replace("utils", "View", view)
  replace("utils", "help.start", packages_with_help)
  # Not at once: to load tools takes longer than all else that R does at its start.
  no_server <- function(...) replace("tools", "startDynamicHelp", no_help_server)
  if (isNamespaceLoaded("tools")) no_server() else setHook(packageEvent("tools", "onLoad"), no_server)
  assign("print.news_db", print_news, asNamespace("base")[[".__S3MethodsTable__."]])
})
