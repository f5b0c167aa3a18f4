# Reference numbers for tests/evidence/pooling.
#
#   Rscript make_rma.R        (in this folder; writes rma.json)
#
# Made with R 4.2.2, metafor 3.8.1, jsonlite 1.8.4. The data sets are those of the package metafor,
# published numbers exported to CSV with the effect yi and its variance vi beside them.
#
# The variance between studies is solved to 1e-12, and its Q-profile limits to 1e-14 below an upper
# bound of 1e6: metafor's defaults (1e-5, the fourth root of the machine's precision, ten times the
# estimate) are coarser than the comparison, and cut an interval off where the estimate is small.
suppressPackageStartupMessages(library(metafor))
library(jsonlite)

control <- list(threshold = 1e-12, tol = 1e-14, maxiter = 10000)
numbers <- function(x) if (is.null(x)) NULL else unname(c(x))
limits <- function(fit) {
  if (fit$method == "EE") return(NULL)
  found <- confint(fit, control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1e6))$random
  list(tau2 = unname(found["tau^2", 2:3]), i2 = unname(found["I^2(%)", 2:3]) / 100,
       h2 = unname(found["H^2", 2:3]))
}
share <- function(x) if (is.null(x)) NULL else x / 100

record <- function(data, method, test, moderator = NULL) {
  frame <- read.csv(paste0(data, ".csv"))
  if (!is.null(moderator)) frame <- frame[!is.na(frame[[moderator]]), ]
  mods <- as.formula(paste("~", if (is.null(moderator)) "1" else moderator))
  fit <- suppressWarnings(
    rma(yi, vi, mods = mods, data = frame, method = method, test = test, control = control))
  predicted <- if (is.null(moderator)) suppressWarnings(predict(fit))
  at <- NULL
  if (!is.null(moderator) && is.numeric(frame[[moderator]])) {
    found <- suppressWarnings(predict(fit, newmods = c(5, 30)))
    at <- list(estimate = found$pred, se = found$se, lower = found$ci.lb, upper = found$ci.ub,
               prediction_lower = found$pi.lb, prediction_upper = found$pi.ub)
  }
  list(
    data = data, method = tolower(method), test = test, moderator = moderator, k = fit$k,
    estimate = numbers(fit$beta), se = fit$se, statistic = fit$zval, p = fit$pval,
    lower = fit$ci.lb, upper = fit$ci.ub, covariance = unname(fit$vb),
    tau2 = fit$tau2, tau2_se = fit$se.tau2, i2 = share(fit$I2), h2 = fit$H2, r2 = share(fit$R2),
    q = fit$QE, q_p = fit$QEp,
    qm = if (!is.null(moderator)) fit$QM, qm_p = if (!is.null(moderator)) fit$QMp,
    log_likelihood = unname(unlist(fit$fit.stats["ll", ])),
    aic = unname(unlist(fit$fit.stats["AIC", ])), bic = unname(unlist(fit$fit.stats["BIC", ])),
    prediction = if (!is.null(predicted) && method != "EE") c(predicted$pi.lb, predicted$pi.ub),
    limits = limits(fit), predicted = at,
    weights = if (is.null(moderator)) unname(weights(fit)) / 100)
}

random <- c("DL", "PM", "REML", "ML", "HE", "HS", "SJ", "EB")
sets <- c("bcg_RR", "bcg_OR", "bcg_RD", "normand_MD", "normand_SMD", "hackshaw", "raudenbush",
          "konst", "molloy_ZCOR", "li_OR")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- record(...)
for (data in sets) {
  add(data, "EE", "z")
  for (method in random) for (test in c("z", "knha", "adhoc")) add(data, method, test)
}
regressions <- list(c("bcg_RR", "ablat"), c("bcg_RR", "alloc"), c("raudenbush", "weeks"), c("konst", "year"))
for (each in regressions) {
  add(each[1], "EE", "z", each[2])
  for (method in random) for (test in c("z", "knha", "adhoc")) add(each[1], method, test, each[2])
}
json <- toJSON(list(made_with = paste(R.version.string, "metafor", packageVersion("metafor")), cases = cases),
               digits = I(15), auto_unbox = TRUE, null = "null", na = "null")
writeLines(json, "rma.json")
