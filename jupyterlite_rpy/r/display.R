# Values that a notebook can show better than as text: data frames and matrices as HTML tables, objects with an HTML form of their own.
# Evaluated once, in the bridge's own environment.

# Show a visible value as HTML beside its text; FALSE if it has no HTML. JavaScript asks in place of printing, and only for values that
# have a class or dimensions.
show_rich <- function(x) {
  found <- tryCatch(rich_value(x), error = function(e) NULL)
  if (is.null(found)) return(FALSE)
  show_html(found$html, found$text)
  TRUE
}

# Send HTML and its text to the notebook; where HTML is off (or nobody listens) the text is printed.
show_html <- function(html, text) {
  html <- paste(enc2utf8(html), collapse = "\n")
  if (!.Call(display_hook, html, paste(enc2utf8(text), collapse = "\n"))) writeLines(text)
  invisible()
}

# list(html, text), or NULL: print it as R does.
rich_value <- function(x) {
  if (inherits(x, "news_db")) return(help_value(x))
  if (is.data.frame(x)) {
    # A subclass with a way of its own to print (an anova table) is printed that way.
    if (!class(x)[1L] %in% frame_classes || length(x) == 0L) return(NULL)
    return(list(html = frame_table(x), text = cut_text(x)))
  }
  # A table of texts is what summary() makes of a frame, laid out for printing.
  plain <- !is.object(x) || (identical(oldClass(x), "table") && is.numeric(x))
  if (is.matrix(x) && is.atomic(x) && !isS4(x) && length(x) > 0L && plain) {
    return(list(html = matrix_table(x), text = cut_text(x)))
  }
  if (!is.object(x)) return(NULL)
  if (inherits(x, c("help_files_with_topic", "packageIQR", "libraryIQR", "hsearch"))) return(help_value(x))
  html <- own_html(x)
  if (!is.null(html)) list(html = html, text = tryCatch(short_text(x), error = function(e) paste0("<", class(x)[1L], ">")))
}

frame_classes <- c("data.frame", "tbl_df", "grouped_df", "rowwise_df", "tbl", "data.table")

# The most that is shown; the names are those of the `repr` package, which other R kernels read.
largest <- function(what, otherwise) {
  value <- getOption(paste0("repr.matrix.max.", what), otherwise)
  if (is.numeric(value) && length(value) == 1L && !is.na(value)) max(2, floor(value)) else otherwise
}

# Indices of the first and last that are shown, NA between them where some are left out.
shown <- function(count, most) {
  if (count <= most) return(seq_len(count))
  before <- ceiling(most / 2)
  c(seq_len(before), NA, seq.int(count - (most - before) + 1, count))
}

frame_table <- function(x, most = largest("rows", 60)) {
  rows <- shown(nrow(x), most)
  columns <- shown(length(x), largest("cols", 20))
  frame <- as.data.frame(x)
  kinds <- vapply(frame, kind, "")
  part <- frame[rows[!is.na(rows)], columns[!is.na(columns)], drop = FALSE]
  names(part) <- names(frame)[columns[!is.na(columns)]]
  # A column that is a matrix or a frame itself becomes several.
  single <- vapply(part, function(column) is.null(dim(column)), NA)
  cells <- if (all(single)) {
    matrix(unlist(lapply(part, cell_text), use.names = FALSE), nrow(part), length(part))
  } else {
    as.matrix(format(part))
  }
  heads <- if (all(single)) names(part) else colnames(cells)
  types <- if (all(single)) kinds[columns[!is.na(columns)]] else NULL
  numbers <- if (all(single)) vapply(part, is.numeric, NA) else rep(TRUE, ncol(cells))
  automatic <- .row_names_info(frame) < 0L
  labels <- if (automatic) NULL else row.names(part)
  what <- if (inherits(x, "tbl_df")) "tibble" else class(x)[1L]
  table_html(cells, heads, types, labels, numbers, rows, if (all(single)) columns, caption(what, dim(frame)))
}

matrix_table <- function(x) {
  rows <- shown(nrow(x), largest("rows", 60))
  columns <- shown(ncol(x), largest("cols", 20))
  part <- unclass(x)[rows[!is.na(rows)], columns[!is.na(columns)], drop = FALSE]
  cells <- matrix(unlist(lapply(seq_len(ncol(part)), function(j) cell_text(part[, j])), use.names = FALSE), nrow(part), ncol(part))
  heads <- if (is.null(colnames(part))) paste0("[,", columns[!is.na(columns)], "]") else colnames(part)
  labels <- if (is.null(rownames(part))) paste0("[", rows[!is.na(rows)], ",]") else rownames(part)
  what <- if (is.object(x)) "table" else paste("matrix of type", typeof(x))
  table_html(cells, heads, NULL, labels, rep(!is.character(x), ncol(part)), rows, columns, caption(what, dim(x)))
}

caption <- function(what, dim) {
  count <- format(dim, big.mark = ",", trim = TRUE)
  sprintf("A %s: %s \u00d7 %s", what, count[1L], count[2L])
}

# What stands in the cells of a column.
cell_text <- function(column) {
  text <- if (is.list(column)) {
    vapply(column, function(item) {
      if (is.atomic(item) && length(item) <= 5L) paste(format(item, trim = TRUE), collapse = ", ")
      else paste0("<", class(item)[1L], if (is.null(dim(item))) sprintf("[%d]", length(item)) else paste0("[", paste(dim(item), collapse = " \u00d7 "), "]"), ">")
    }, "")
  } else if (is.character(column)) {
    column
  } else if (is.factor(column)) {
    as.character(column)
  } else {
    format(column, trim = TRUE)
  }
  text <- as.character(text)
  text[is.na(text)] <- "NA"
  long <- nchar(text) > 300L
  text[long] <- paste0(substr(text[long], 1L, 297L), "...")
  text
}

# A column's type in three letters, as tibbles print it.
kind <- function(column) {
  known <- c(numeric = "dbl", integer = "int", character = "chr", logical = "lgl", factor = "fct", ordered = "ord", complex = "cpl",
    raw = "raw", list = "list", POSIXct = "dttm", difftime = "drtn", Date = "date")
  name <- class(column)[1L]
  if (name %in% names(known)) known[[name]] else name
}

escaped <- function(text) {
  text <- gsub("&", "&amp;", enc2utf8(as.character(text)), fixed = TRUE)
  text <- gsub("<", "&lt;", text, fixed = TRUE)
  text <- gsub(">", "&gt;", text, fixed = TRUE)
  gsub('"', "&quot;", text, fixed = TRUE)
}

# `rows` and `columns` have NA where something is left out.
table_html <- function(cells, heads, types, labels, numbers, rows, columns, caption) {
  style <- ifelse(numbers, "", ' style="text-align:left"')
  body <- matrix(paste0("<td", rep(style, each = nrow(cells)), ">", escaped(cells), "</td>"), nrow(cells), ncol(cells))
  top <- paste0("<th scope=\"col\"", style, ">", escaped(heads), "</th>")
  second <- if (!is.null(types)) paste0("<th", style, ">&lt;", escaped(types), "&gt;</th>")
  gap <- if (is.null(columns)) NA else match(NA, columns)
  if (!is.na(gap)) {
    insert <- function(x, cell) append(x, cell, gap - 1L)
    body <- if (nrow(body)) t(apply(body, 1L, insert, "<td>\u22ef</td>")) else matrix("", 0L, ncol(body) + 1L)
    top <- insert(top, "<th>\u22ef</th>")
    if (!is.null(second)) second <- insert(second, "<th></th>")
  }
  lines <- apply(body, 1L, paste, collapse = "")
  if (!is.null(labels)) {
    lines <- paste0("<th scope=\"row\">", escaped(labels), "</th>", lines, recycle0 = TRUE)
    top <- c("<th></th>", top)
    if (!is.null(second)) second <- c("<th></th>", second)
  }
  lines <- paste0("<tr>", as.character(lines), "</tr>", recycle0 = TRUE)
  hole <- match(NA, rows)
  if (!is.na(hole)) lines <- append(lines, paste0("<tr>", strrep("<td>\u22ee</td>", length(top)), "</tr>"), hole - 1L)
  row <- function(cells) if (!is.null(cells)) paste0("<tr>", paste(cells, collapse = ""), "</tr>")
  # The class keeps dollar signs in the cells from being read as mathematics.
  c('<table class="dataframe tex2jax_ignore mathjax_ignore">', paste0("<caption>", escaped(caption), "</caption>"),
    "<thead>", row(top), row(second), "</thead>", "<tbody>", lines, "</tbody>", "</table>")
}

# What R prints, of a large table its beginning and its size. Some that can be shown cannot be printed (functions in cells).
cut_text <- function(x, rows = largest("rows", 60), columns = 100) {
  size <- caption(if (is.data.frame(x)) class(x)[1L] else "matrix", dim(x))
  tryCatch({
    if ((nrow(x) <= rows && ncol(x) <= columns) || inherits(x, c("tbl_df", "data.table"))) return(short_text(x))
    c(short_text(x[seq_len(min(nrow(x), rows)), seq_len(min(ncol(x), columns)), drop = FALSE]), sprintf("... %s", size))
  }, error = function(e) sprintf("<%s>", size))
}

short_text <- function(x) utils::capture.output(if (isS4(x)) methods::show(x) else print(x))
