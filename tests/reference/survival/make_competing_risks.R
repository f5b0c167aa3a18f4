# Remakes competing_risks.json: cumulative incidence, Gray's test and Fine-Gray models.
#
#   Rscript make_competing_risks.R      (in this folder; R 4.2.2, survival 3.5-3, cmprsk 2.2-11,
#                                        jsonlite)
#
# mgus2.csv and mgus2_crr.csv are the data set mgus2 of R's package survival (LGPL 2 or later),
# exported to CSV; etime and ev are the time and kind of the first event: 0 censored, 1 plasma cell
# malignancy, 2 death. mgus2_crr.csv holds the rows without a missing covariate.
library(survival)
library(cmprsk)
library(jsonlite)

d <- read.csv("mgus2.csv")
times <- c(12, 24, 60, 120, 180, 240, 300)
fit <- cuminc(d$etime, d$ev, d$sex)
at <- timepoints(fit, times)
known <- d[!is.na(d$mspike), ]
layered <- cuminc(known$etime, known$ev, known$sex, strata = known$mspike > 1.2)
states <- survfit(Surv(etime, factor(ev)) ~ sex, data = d)
s <- summary(states, times = times)
cases <- list(
  cuminc = list(dataset = "mgus2", curves = rownames(at$est), times = times, est = at$est,
    var = at$var, gray_tests = fit$Tests[, c("stat", "pv", "df")]),
  cuminc_strata = list(dataset = "mgus2", gray_tests = layered$Tests[, c("stat", "pv", "df")]),
  aalen_johansen = list(times = s$time, strata = as.character(s$strata), pstate = s$pstate,
    stderr = s$std.err, lower = s$lower, upper = s$upper,
    rmean = summary(states, rmean = 240)$table)
)
e <- read.csv("mgus2_crr.csv")
covs <- c("age", "male", "mspike", "hgb")
model <- as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(covs, collapse = " + ")))
for (k in 1:2) {
  f <- crr(e$etime, e$ev, as.matrix(e[, covs]), failcode = k)
  cases[[paste0("crr", k)]] <- list(dataset = "mgus2_crr", covs = covs, failcode = k,
    coef = unname(f$coef), var = f$var, invinf = f$invinf, loglik = f$loglik,
    loglik_null = f$loglik.null, uftime_first20 = f$uftime[1:20], bfitj_first20 = f$bfitj[1:20])
  g <- finegray(Surv(etime, factor(ev)) ~ ., data = e, etype = as.character(k))
  breslow <- coxph(model, data = g, weights = fgwt, ties = "breslow")
  efron <- coxph(model, data = g, weights = fgwt)
  cause <- coxph(as.formula(paste0("Surv(etime, ev == ", k, ") ~ ", paste(covs, collapse = "+"))),
    data = e)
  cases[[paste0("finegray", k)]] <- list(dataset = "mgus2_crr", nrow = nrow(g),
    sum_wt = sum(g$fgwt), first40 = list(start = g$fgstart[1:40], stop = g$fgstop[1:40],
      status = g$fgstatus[1:40], wt = g$fgwt[1:40]),
    coef_breslow = unname(coef(breslow)), coef_efron = unname(coef(efron)),
    naive_var_efron = unname(efron$var), cause_specific_coef = unname(coef(cause)),
    cause_specific_var = unname(cause$var))
}
write_json(list(cases = cases), "competing_risks.json", digits = NA, auto_unbox = TRUE)
