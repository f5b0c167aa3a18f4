# Pooled survival of four made-up studies by survival.summary() of RISCA 1.0.7 (CRAN; Combescure,
# Foucher and Jackson 2014), limits by its option "Greenwood". The function alone is enough:
#   Rscript pooled_survival.R survival.summary.R > pooled_survival.json
# where the argument is the file R/survival.summary.R of the package's source.
library(jsonlite)
source(commandArgs(trailingOnly = TRUE)[1])
# Its medians come from simulation and are not compared; a stand-in spares the package mvtnorm.
set.seed(1)
rmvnorm <- function(n, mean, sigma) {
  p <- length(mean)
  matrix(rnorm(n * p), n) %*% chol(sigma + diag(1e-12, p)) + rep(as.numeric(mean), each = n)
}
input <- fromJSON("pooled_survival_input.json")
rows <- do.call(rbind, lapply(seq_along(input$studies$name), function(i) {
  data.frame(
    study = i, time = input$times,
    n.risk = input$studies$at_risk[[i]], surv.rate = input$studies$survival[[i]]
  )
}))
found <- survival.summary(rows$study, rows$time, rows$n.risk, rows$surv.rate, "Greenwood")
columns <- c("time", "survival", "lower", "upper")
named <- function(m) setNames(as.data.frame(m), columns)
cat(toJSON(
  list(
    r = R.version.string, risca = "1.0.7",
    common = named(found$summary.fixed), random = named(found$summary.random),
    q = found$heterogeneity[1]
  ),
  digits = NA, auto_unbox = TRUE, pretty = TRUE, dataframe = "columns"
), "\n")
