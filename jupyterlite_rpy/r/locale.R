# Sys.setlocale() says yes to any name, and nothing changes: webR has no data of other languages. Evaluated once, in the bridge's own
# environment.

set_locale <- base::Sys.setlocale

# Names that promise nothing that is not so, alone or as Sys.getlocale() gives them together.
known_locales <- c("", "C", "POSIX", "C.UTF-8", "en_US.UTF-8")

local({
  unlockBinding("Sys.setlocale", baseenv())
  assign("Sys.setlocale", function(category = "LC_ALL", locale = "") {
    set <- set_locale(category, locale)
    wanted <- sub("^LC_[A-Z]+=", "", strsplit(as.character(locale), ";", fixed = TRUE)[[1L]])
    if (!all(wanted %in% known_locales)) {
      warning(sprintf("there is no locale data here: '%s' is remembered, and changes neither texts nor sorting nor numbers", locale))
    }
    set
  }, baseenv())
  lockBinding("Sys.setlocale", baseenv())
})
