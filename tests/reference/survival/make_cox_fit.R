# Reference numbers for tests/survival/cox_model, made with R 4.2.2, survival 3.5-3 and jsonlite.
#
#   Rscript make_cox_fit.R        (in this folder; writes cox_fit.json and cox_visits.csv)
#
# heart, lung, ovarian, pbc, veteran and colon_death are data sets of the package survival
# (LGPL >= 2), exported to CSV; pbc_rct_ipw is pbc's randomised part with weights. cox_visits is
# drawn below: intervals with gaps, ties everywhere, weights, clusters, strata and a factor.
# coxph stops early by default; eps = 1e-14 lets it end exact to rounding.
library(survival)
library(jsonlite)

set.seed(20240611)
patients <- 150
visits <- do.call(rbind, lapply(seq_len(patients), function(id) {
  k <- sample(1:4, 1)
  ends <- cumsum(sample(1:5, 2 * k, replace = TRUE))
  data.frame(
    id = id, start = ends[2 * seq_len(k) - 1] - 1, stop = ends[2 * seq_len(k)],
    status = rbinom(k, 1, 0.5), x = round(rnorm(k), 2), z = rep(round(rnorm(1), 2), k),
    arm = rep(sample(c("a", "b", "c"), 1), k), site = rep(sample(1:4, 1), k),
    load = round(runif(k, 0.2, 3), 2), whole = sample(1:3, k, replace = TRUE),
    known = round(rnorm(k, 10, 0.3), 2)
  )
}))
write.csv(visits, "cox_visits.csv", row.names = FALSE, quote = FALSE)

read <- function(name) {
  frame <- read.csv(paste0(name, ".csv"))
  if (name == "lung") frame$known <- frame$age / 100
  frame
}

case <- function(data, formula, ties, weights = NULL, cluster = NULL, robust = NULL) {
  frame <- read(data)
  arguments <- list(
    as.formula(formula), data = frame, ties = ties,
    control = coxph.control(eps = 1e-14, iter.max = 100, timefix = TRUE)
  )
  if (!is.null(weights)) arguments$weights <- frame[[weights]]
  if (!is.null(cluster)) arguments$cluster <- frame[[cluster]]
  if (!is.null(robust)) arguments$robust <- robust
  fit <- do.call(coxph, arguments)
  list(
    data = data, formula = formula, ties = ties, weights = weights, cluster = cluster,
    robust = robust, n = fit$n, events = fit$nevent, coef = unname(coef(fit)), var = fit$var,
    naive_var = fit$naive.var, loglik = fit$loglik, score = fit$score, wald = fit$wald.test,
    robust_score = fit$rscore, means = unname(fit$means),
    linear_predictor = unname(head(fit$linear.predictors, 10))
  )
}

cases <- list()
for (ties in c("efron", "breslow")) {
  add <- function(...) cases[[length(cases) + 1]] <<- case(..., ties = ties)
  add("lung", "Surv(time, event) ~ age + sex + ph.ecog")
  add("lung", "Surv(time, event) ~ age + ph.ecog + strata(sex)")
  add("lung", "Surv(time, event) ~ sex + offset(known)")
  add("veteran", "Surv(time, status) ~ trt + age + karno + diagtime + prior")
  add("veteran", "Surv(time, status) ~ trt + age + karno + strata(celltype)")
  add("veteran", "Surv(time, status) ~ karno + celltype")
  add("ovarian", "Surv(futime, fustat) ~ age + rx")
  add("colon_death", "Surv(time, status) ~ rx + sex + age + nodes + extent")
  add("pbc", "Surv(time, death) ~ age + edema + log(bili) + log(albumin) + log(protime)")
  add("heart", "Surv(start, stop, event) ~ age + year + surgery + transplant")
  add("heart", "Surv(start, stop, event) ~ age + surgery + transplant", cluster = "id")
  add("pbc_rct_ipw", "Surv(time, death) ~ a", weights = "ipw", robust = TRUE)
  add("pbc_rct_ipw", "Surv(time, death) ~ a + age + logbili", weights = "ipw")
  add("pbc_rct_ipw", "Surv(time, death) ~ a + age + logbili", weights = "ipw", robust = FALSE)
  add("lung", "Surv(time, event) ~ age + sex", robust = TRUE)
  add("cox_visits", "Surv(start, stop, status) ~ x + z + arm")
  add("cox_visits", "Surv(start, stop, status) ~ x + z", cluster = "id")
  add("cox_visits", "Surv(start, stop, status) ~ x + z", weights = "whole")
  add("cox_visits", "Surv(stop, status) ~ x + z", weights = "load", cluster = "site")
  add("cox_visits", "Surv(start, stop, status) ~ x + arm + strata(site) + offset(known)",
      weights = "load", cluster = "id")
  add("cox_visits", "Surv(start, stop, status) ~ x + z + strata(site, arm)", weights = "load",
      cluster = "id")
}
generator <- paste("R", getRversion(), "survival", packageVersion("survival"))
write_json(list(generator = generator, cases = cases), "cox_fit.json", digits = NA,
           auto_unbox = TRUE, null = "null", pretty = FALSE)
