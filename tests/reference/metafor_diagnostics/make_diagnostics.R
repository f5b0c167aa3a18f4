# Remakes diagnostics.json: leave-one-out, cumulative pooling, influence, subgroups, regression and
# rank tests, fail-safe numbers, trim and fill.
#
#   Rscript make_diagnostics.R      (in this folder; R 4.2.2, metafor 3.8-1, jsonlite)
#
# The CSV files are dat.bcg (log risk ratios), dat.hackshaw1998, dat.raudenbush1985 and dat.li2007
# (log odds ratios) of R's package metadat (GPL 2 or later), exported with metafor's escalc: facts
# of published trials. Iteration is carried on to 1e-13, as metafor's default of 1e-5 is coarser
# than the comparison.
suppressMessages(library(metafor))
library(jsonlite)

exact <- list(threshold = 1e-13, maxiter = 2000)
datasets <- list(
  bcg_RR = list(ni = function(d) d$tpos + d$tneg + d$cpos + d$cneg, level = "alloc"),
  hackshaw = list(ni = NULL, level = "design"),
  raudenbush = list(ni = function(d) d$n1i + d$n2i, level = "setting"),
  li_OR = list(ni = function(d) d$n1i + d$n2i, level = NULL)
)
tests <- c(wald = "z", hksj = "knha", `hksj-adhoc` = "adhoc")
ways <- list(c("EE", "wald"), c("DL", "wald"), c("REML", "wald"), c("REML", "hksj"),
             c("DL", "hksj-adhoc"))

fit <- function(d, method, test, ...) {
  suppressWarnings(rma(yi, vi, data = d, method = method, test = test, control = exact, ...))
}
columns <- function(x) {
  keep <- c(estimate = "estimate", se = "se", lower = "ci.lb", upper = "ci.ub", tau2 = "tau2",
            i2 = "I2", q = "Q", q_p = "Qp")
  out <- lapply(keep, function(name) if (is.null(x[[name]])) NULL else unname(c(x[[name]])))
  out$p <- unname(if (is.null(x$pval)) x$pvals else x$pval)
  if (!is.null(out$i2)) out$i2 <- out$i2 / 100
  out
}
left_out <- function(d, method, test) columns(leave1out(fit(d, method, test)))
in_order <- function(d, method, test) {
  c(columns(suppressWarnings(cumul(fit(d, method, test), order = d$year))),
    list(sequence = order(d$year)))
}
influences <- function(d, method, test) {
  x <- influence(fit(d, method, test))
  list(rstudent = x$inf$rstudent, dffits = x$inf$dffits, cooks_distance = x$inf$cook.d,
       covariance_ratio = x$inf$cov.r, tau2_deleted = x$inf$tau2.del, q_deleted = x$inf$QE.del,
       hat = unname(x$inf$hat), weight = unname(x$inf$weight) / 100, dfbetas = x$dfbs[[1]],
       influential = unname(x$is.infl))
}
filled <- function(d, method, test, estimator, side) {
  x <- try(suppressWarnings(trimfill(fit(d, method, test), estimator = estimator, side = side,
                                     control = exact, test = test)), silent = TRUE)
  if (inherits(x, "try-error")) return(NULL)
  list(missing = x$k0, missing_se = x$se.k0, missing_p = if (is.na(x$p.k0)) NULL else x$p.k0,
       side = x$side, estimate = c(x$beta), se = x$se, lower = x$ci.lb, upper = x$ci.ub,
       tau2 = x$tau2, filled = unname(c(x$yi)[x$fill]), filled_variance = unname(x$vi[x$fill]))
}
regression <- function(d, ni, model, predictor, method, test) {
  d$ni <- if (is.null(ni)) NA else ni
  sized <- if (is.null(ni)) fit(d, method, test) else fit(d, method, test, ni = d$ni)
  x <- regtest(sized, model = model, predictor = predictor)
  slope <- if (model == "rma") c(x$fit$beta[2], x$fit$se[2]) else
    summary(x$fit)$coefficients[2, 1:2]
  list(model = if (model == "lm") "multiplicative" else "mixed-effects",
       predictor = unname(c(sei = "std_error", vi = "variance", ni = "patients",
                            ninv = "inverse_patients")[predictor]),
       statistic = unname(x$zval), p = unname(x$pval), slope = unname(slope[1]),
       slope_se = unname(slope[2]), limit_estimate = unname(x$est),
       limit_lower = unname(x$ci.lb), limit_upper = unname(x$ci.ub),
       tau2 = if (model == "rma") x$fit$tau2 else NULL)
}
by_level <- function(d, column, method, test) {
  levels <- unique(d[[column]])
  apart <- lapply(levels, function(level) fit(d[d[[column]] == level, ], method, test))
  model_based <- sapply(levels, function(level) fit(d[d[[column]] == level, ], method, "z")$se)
  estimates <- sapply(apart, function(x) c(x$beta))
  between <- rma(estimates, sei = model_based, method = "EE")
  together <- fit(d, method, test, mods = ~ 0 + factor(d[[column]], levels = levels))
  difference <- fit(d, method, test, mods = ~ factor(d[[column]], levels = levels))
  list(levels = levels,
       separate = list(estimate = estimates, se = sapply(apart, function(x) x$se),
                       lower = sapply(apart, function(x) x$ci.lb),
                       upper = sapply(apart, function(x) x$ci.ub),
                       tau2 = sapply(apart, function(x) x$tau2),
                       statistic = between$QE, p = between$QEp),
       common = list(estimate = c(together$beta), se = together$se, lower = together$ci.lb,
                     upper = together$ci.ub, p_levels = together$pval, tau2 = together$tau2,
                     statistic = difference$QM, p = difference$QMp))
}

numbers <- list()
for (name in names(datasets)) {
  d <- read.csv(paste0(name, ".csv"))
  about <- datasets[[name]]
  ni <- if (is.null(about$ni)) NULL else about$ni(d)
  cases <- list(patients = ni)
  for (way in ways) {
    method <- way[1]
    interval <- way[2]
    test <- tests[[interval]]
    key <- paste(tolower(method), interval)
    cases$leave_one_out[[key]] <- left_out(d, method, test)
    cases$cumulative[[key]] <- in_order(d, method, test)
    cases$influence[[key]] <- influences(d, method, test)
    if (!is.null(about$level)) {
      cases$subgroups[[key]] <- by_level(d, about$level, method, test)
    }
    if (interval != "hksj-adhoc") for (estimator in c("L0", "R0", "Q0"))
      for (side in c("left", "right", "auto")) {
        cases$trim_and_fill[[paste(key, estimator, side)]] <-
          filled(d, method, test, estimator, if (side == "auto") NULL else side)
      }
    for (predictor in c("sei", "vi", if (!is.null(ni)) c("ni", "ninv"))) {
      cases$egger[[paste(key, predictor)]] <- regression(d, ni, "rma", predictor, method, test)
    }
  }
  for (predictor in c("sei", "vi", if (!is.null(ni)) c("ni", "ninv"))) {
    cases$egger[[paste("lm", predictor)]] <- regression(d, ni, "lm", predictor, "EE", "z")
  }
  rank <- suppressWarnings(ranktest(d$yi, d$vi))
  cases$rank <- list(tau = unname(rank$tau), p = rank$pval)
  safe <- fsn(yi, vi, data = d)
  cases$fail_safe <- list(studies = safe$fsnum, p = safe$pval)
  if (!is.null(about$level)) cases$level <- about$level
  numbers[[name]] <- cases
}
writeLines(toJSON(numbers, digits = I(12), auto_unbox = TRUE, null = "null", na = "null"),
           "diagnostics.json")
