# Reference numbers for curves of survival and of hazard: curves.json.
#
# Made with R 4.2.2 and survival 3.5-3 (LGPL; numbers only are kept here). Run in this folder:
#   Rscript make_curves.R
# Data: lung, veteran, colon_death, ovarian, aml, heart and pbc_rct_ipw are data sets of the
# package survival (LGPL-2 or later) as CSV files; the last holds inverse probability weights of
# treatment (column ipw) beside pbc.
library(survival)
library(jsonlite)

conf_types <- c("plain", "log", "log-log", "logit", "arcsin")
read <- function(name) read.csv(paste0(name, ".csv"))

numbers <- function(fit) {
  found <- summary(fit, times = fit$time, censored = TRUE)
  list(time = fit$time, at_risk = fit$n.risk, events = fit$n.event, survival = fit$surv,
       std_error = found$std.err, cumulative_hazard = fit$cumhaz, hazard_std_error = fit$std.chaz)
}

limits <- function(make, types) {
  result <- lapply(types, function(type) {
    fit <- make(type)
    q <- quantile(fit, c(0.25, 0.5, 0.75))
    list(lower = fit$lower, upper = fit$upper, quantile = unname(q$quantile),
         quantile_lower = unname(q$lower), quantile_upper = unname(q$upper))
  })
  setNames(result, types)
}

# summary() gives Greenwood's error whatever the fit; the jackknife's is that of the residuals.
means <- function(fit, taus, cluster, robust) lapply(taus, function(tau) {
  found <- summary(fit, rmean = tau)$table
  se <- unname(found["se(rmean)"])
  if (robust) {
    influence <- drop(residuals(fit, times = tau, type = "rmst", weighted = TRUE, collapse = FALSE))
    if (!is.null(cluster)) influence <- rowsum(influence, cluster)
    se <- sqrt(sum(influence^2))
  }
  list(tau = tau, estimate = unname(found["rmean"]), se = se)
})

curve <- function(data, columns, group = NULL, level = NULL, taus = NULL, options = list()) {
  frame <- read(data)
  if (!is.null(group)) frame <- frame[frame[[group]] == level, ]
  given <- options
  if (!is.null(options$weights)) given$weights <- frame[[options$weights]]
  if (!is.null(options$cluster)) given$cluster <- frame[[options$cluster]]
  formula <- as.formula(paste0("Surv(", paste(columns, collapse = ", "), ") ~ 1"))
  make <- function(type) do.call(survfit, c(
    list(formula, data = frame, conf.type = type), given))
  fit <- make("log")
  c(list(data = data, columns = columns, group = group, level = level, options = options),
    numbers(fit), list(limits = limits(make, if (length(options)) "log-log" else conf_types)),
    if (!is.null(taus)) list(rmst = means(fit, taus[taus > min(fit$time) & taus <= max(fit$time)], given$cluster,
                                             isTRUE(options$robust) || !is.null(options$cluster))))
}

taus <- c(365, 730)
cases <- list(curve("lung", c("time", "event"), taus = taus))
for (part in list(list("lung", c("time", "event"), "sex"), list("veteran", c("time", "status"), "trt"),
                  list("colon_death", c("time", "status"), "rx"),
                  list("ovarian", c("futime", "fustat"), "rx"), list("aml", c("time", "status"), "x")))
  for (level in sort(unique(read(part[[1]])[[part[[3]]]])))
    cases <- c(cases, list(curve(part[[1]], part[[2]], part[[3]], level, c(30, taus))))
for (stype in 1:2) for (ctype in 1:2)
  cases <- c(cases, list(curve("lung", c("time", "event"), "sex", 1,
                               options = list(stype = stype, ctype = ctype))))
for (arm in 0:1) {
  cases <- c(cases, list(
    curve("pbc_rct_ipw", c("time", "death"), "a", arm, taus = 2000,
          options = list(weights = "ipw", robust = TRUE)),
    curve("pbc_rct_ipw", c("time", "death"), "a", arm, taus = 2000,
          options = list(weights = "ipw", robust = FALSE)),
    curve("pbc_rct_ipw", c("time", "death"), "a", arm, taus = 2000,
          options = list(weights = "ipw", cluster = "stage")),
    curve("pbc_rct_ipw", c("time", "death"), "a", arm,
          options = list(weights = "ipw", robust = TRUE, stype = 1, ctype = 2)),
    curve("pbc_rct_ipw", c("time", "death"), "a", arm,
          options = list(weights = "ipw", robust = TRUE, start.time = 700)),
    curve("heart", c("start", "stop", "event"), "transplant", arm, taus = 365),
    curve("heart", c("start", "stop", "event"), "transplant", arm, taus = 365,
          options = list(cluster = "id"))))
}
cases <- c(cases, list(
  curve("heart", c("start", "stop", "event"), options = list(cluster = "id"), taus = 365),
  curve("heart", c("start", "stop", "event"), options = list(start.time = 30)),
  curve("lung", c("time", "event"), options = list(robust = TRUE), taus = 365),
  curve("lung", c("time", "event"), options = list(start.time = 180)),
  curve("lung", c("time", "event"), options = list(start.time = 200.5)),
  curve("veteran", c("time", "status"), options = list(weights = "age", cluster = "celltype"),
        taus = 365)))
write_json(list(generator = paste("R", getRversion(), "survival", packageVersion("survival")),
                cases = cases),
           "curves.json", digits = I(13), auto_unbox = TRUE, na = "null", null = "null")
