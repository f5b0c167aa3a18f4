# Times of R's survival package (and cmprsk, where it is installed) on the arrays that
# benchmarks/survival_peers.py writes: Rscript survival_peers.R FOLDER ROWS COVARIATES
# Each task runs until a second or five runs have passed; the shortest counts.
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
n <- as.integer(arguments[2])
p <- as.integer(arguments[3])
column <- function(name, count = n) readBin(file.path(folder, name), "double", count)
time <- column("time"); event <- column("event"); group <- column("group")
start <- column("start"); stop <- column("stop"); status <- column("status")
weight <- column("weight"); cluster <- column("cluster"); cause <- column("cause")
x <- matrix(column("x", n * p), n, p, byrow = TRUE)
colnames(x) <- paste0("x", seq_len(p) - 1)
frame <- data.frame(x)

report <- function(task, work) {
  best <- Inf; spent <- 0; runs <- 0
  while (runs == 0 || (spent < 1 && runs < 5)) {
    gc(FALSE)
    seconds <- system.time(work())[["elapsed"]]
    # The clock of R counts milliseconds: a short task is repeated within one measurement.
    if (seconds < 0.02) {
      many <- 50
      seconds <- system.time(for (i in seq_len(many)) work())[["elapsed"]] / many
    }
    best <- min(best, seconds); spent <- spent + seconds; runs <- runs + 1
  }
  cat(task, best, "\n", sep = "\t")
}

y <- Surv(time, event)
terms <- paste(colnames(x), collapse = " + ")
right <- as.formula(paste("Surv(time, event) ~", terms))
counting <- as.formula(paste("Surv(start, stop, status) ~", terms))
data <- cbind(frame, time, event, start, stop, status)
control <- coxph.control()
fit <- NULL
report("Cox, Efron", function() fit <<- coxph(right, data))
report("Cox, Efron, bare", function() {
  coxph.fit(x, y, NULL, NULL, NULL, control, rep(1, n), "efron", seq_len(n))
})
report("Cox, start-stop", function() coxph(counting, data))
# The residuals behind the robust variance take time that grows with the square of the rows.
if (n <= 100000) report("Cox, start-stop, weights, clusters", function() {
  coxph(counting, data, weights = weight, cluster = cluster)
})
report("proportionality test", function() cox.zph(fit, terms = FALSE))

report("Kaplan-Meier", function() survfit(Surv(time, event) ~ 1))
report("log-rank", function() survdiff(Surv(time, event) ~ group))
report("log-rank, stratified", function() {
  survdiff(Surv(time, event) ~ group + strata(cause))
})
risk <- x[, 1]
report("Harrell's C", function() concordance(Surv(time, event) ~ risk, reverse = TRUE))
report("Weibull regression", function() survreg(update(right, Surv(time + 1e-9, event) ~ .), data))
# Its influence matrix grows with rows times event times.
if (n <= 10000) report("cumulative incidence", function() {
  survfit(Surv(time, factor(cause, 0:2)) ~ group)
})
if (requireNamespace("cmprsk", quietly = TRUE)) {
  report("Gray's test", function() cmprsk::cuminc(time, cause, group))
  if (n <= 1000) report("Fine-Gray", function() cmprsk::crr(time, cause, x))
  cat("version cmprsk", as.character(packageVersion("cmprsk")), "\n", sep = "\t")
}
cat("version survival", as.character(packageVersion("survival")), "\n", sep = "\t")
cat("version R", paste(R.version$major, R.version$minor, sep = "."), "\n", sep = "\t")
