# The meta-analyses of pooling_speed.py by metafor: prints its version, then task and the best of
# five runs in seconds a meta-analysis. The argument is the folder with y.csv and s.csv.
suppressPackageStartupMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
y <- as.matrix(read.csv(file.path(folder, "y.csv"), header = FALSE))
s <- as.matrix(read.csv(file.path(folder, "s.csv"), header = FALSE))
best <- function(task, work) {
  all_sets <- function() for (row in seq_len(nrow(y))) work(y[row, ], s[row, ]^2)
  all_sets()
  seconds <- min(sapply(1:5, function(i) system.time(all_sets())[["elapsed"]]))
  cat("row", task, seconds / nrow(y), "\n", sep = "\t")
}
control <- list(threshold = 1e-10, maxiter = 1000)
cat("version", as.character(packageVersion("metafor")), "\n", sep = "\t")
best("REML", function(yi, vi) rma(yi, vi, method = "REML", test = "knha", control = control))
best("DL", function(yi, vi) rma(yi, vi, method = "DL"))
best("one", function(yi, vi) {
  fit <- rma(yi, vi, method = "REML", test = "knha", control = control)
  confint(fit)
  predict(fit)
  weights(fit)
})
