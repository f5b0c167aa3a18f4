# Makes competing_ties.csv and competing_ties.json: heavily tied competing risks with groups,
# strata, entry times, weights and clusters.
#
#   Rscript make_competing_ties.R       (in this folder; R 4.2.2, survival 3.5-3, cmprsk 2.2-11,
#                                        jsonlite)
#
# The data are random numbers drawn here. In group c nobody has cause 3.
suppressPackageStartupMessages({library(survival); library(cmprsk); library(jsonlite)})
set.seed(20)
n <- 150
d <- data.frame(
  time = sample(2:11, n, TRUE), cause = sample(0:3, n, TRUE, c(3, 4, 3, 1)),
  group = sample(c("a", "b", "c"), n, TRUE), layer = sample(1:2, n, TRUE),
  x1 = round(rnorm(n), 3), x2 = rbinom(n, 1, 0.4)
)
d$time <- pmin(11, d$time + d$x2)
d$cause[d$cause == 3 & d$group == "c"] <- 2
d$entry <- pmin(sample(0:4, n, TRUE), d$time - 1)
d$weight <- round(runif(n, 0.5, 2), 2)
d$cluster <- sample(1:40, n, TRUE)
write.csv(d, "competing_ties.csv", row.names = FALSE)
ev <- factor(d$cause)
times <- 2:11

steps <- function(fit, cols = 2:4) {
  s <- summary(fit, times = 2:11, extend = TRUE)
  list(incidence = s$pstate[, cols], std_error = s$std.err[, cols], lower = s$lower[, cols],
    upper = s$upper[, cols])
}
# Standard errors from the influence matrix (subjects, times, states), which survival 3.5-3 gives
# without the weights; its own se(rmean) leaves them out too.
rmean <- function(fit, tau, weights = 1) {
  full <- survival:::survfit0(fit)
  edges <- c(full$time[full$time < tau], tau)
  gaps <- diff(edges)
  k <- seq_along(gaps)
  influence <- fit$influence.pstate
  if (is.null(influence)) influence <- fit$influence
  loss <- apply(influence, 3, function(u) u[, k, drop = FALSE] %*% gaps)
  list(tau = tau, mean = colSums(gaps * full$pstate[k, ]), se = sqrt(colSums((weights * loss)^2)))
}
cuminc_case <- function(keep, ...) {
  fit <- cuminc(d$time[keep], d$cause[keep], d$group[keep], ...)
  at <- timepoints(fit, times)
  list(curves = rownames(at$est), est = at$est, var = at$var,
    causes = as.integer(rownames(fit$Tests)), tests = fit$Tests)
}
all <- rep(TRUE, n)
out <- list(times = times)
out$cuminc <- list(
  plain = cuminc_case(all), rho1 = cuminc_case(all, rho = 1), rho2 = cuminc_case(all, rho = -0.5),
  strata = cuminc_case(all, strata = d$layer),
  strata_rho1 = cuminc_case(all, strata = d$layer, rho = 1), two = cuminc_case(d$group != "a"))
out$survfit <- list(
  plain = steps(survfit(Surv(time, ev) ~ 1, data = d)),
  plain_limits = steps(survfit(Surv(time, ev) ~ 1, data = d, conf.type = "plain")),
  loglog_90 = steps(survfit(Surv(time, ev) ~ 1, data = d, conf.type = "log-log", conf.int = 0.9)),
  weights = steps(survfit(Surv(time, ev) ~ 1, data = d, weights = weight)),
  entry = steps(survfit(Surv(entry, time, ev) ~ 1, data = d, id = seq_len(n))),
  entry_weights = steps(survfit(Surv(entry, time, ev) ~ 1, data = d, weights = weight,
    id = seq_len(n))))
# survival 3.5-3 ignores cluster with several causes; with one cause incidence is 1 - S.
one_cause <- function(s) list(incidence = 1 - s$surv, std_error = s$std.err)
out$cluster <- list(
  plain = one_cause(summary(survfit(Surv(time, cause > 0) ~ 1, data = d, cluster = cluster),
    times = times)),
  weights = one_cause(summary(survfit(Surv(time, cause > 0) ~ 1, data = d, cluster = cluster,
    weights = weight), times = times)))
out$rmean <- list(
  plain = rmean(survfit(Surv(time, ev) ~ 1, data = d, influence = TRUE, id = seq_len(n)), 8),
  weights = rmean(survfit(Surv(time, ev) ~ 1, data = d, weights = weight, influence = TRUE,
    id = seq_len(n)), 7.5, d$weight),
  entry = rmean(survfit(Surv(entry, time, ev) ~ 1, data = d, influence = TRUE,
    id = seq_len(n)), 11))
crr_case <- function(code, ...) {
  f <- crr(d$time, d$cause, cbind(x1 = d$x1, x2 = d$x2), failcode = code, gtol = 1e-13,
    maxiter = 60, ...)
  p <- predict(f, rbind(c(0.5, 1), c(-1, 0)))
  list(code = code, coef = unname(f$coef), var = f$var, invinf = f$invinf, loglik = f$loglik,
    loglik_null = f$loglik.null, uftime = f$uftime, bfitj = f$bfitj, predicted = p[, -1])
}
out$crr <- list(
  cause1 = crr_case(1), cause2 = crr_case(2), cause3 = crr_case(3),
  cengroup1 = crr_case(1, cengroup = d$group), cengroup2 = crr_case(2, cengroup = d$layer))
fg_case <- function(g, ...) {
  tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
  model <- Surv(fgstart, fgstop, fgstatus) ~ x1 + x2
  b <- coxph(model, g, weights = fgwt, ties = "breslow", cluster = row, control = tight)
  e <- coxph(model, g, weights = fgwt, ties = "efron", cluster = row, control = tight)
  list(row = g$row, start = g$fgstart, stop = g$fgstop, status = g$fgstatus, weight = g$fgwt,
    coef = unname(coef(b)), naive = b$naive.var, robust = b$var, efron_coef = unname(coef(e)),
    efron_robust = e$var)
}
d$row <- seq_len(n)
d$ev <- ev
late <- subset(d, time > 3)
late$entry <- pmax(late$entry, 1)
late$entry[1] <- 2
out$finegray <- list(
  cause1 = fg_case(finegray(Surv(time, ev) ~ x1 + x2 + row, d, etype = "1")),
  cause3 = fg_case(finegray(Surv(time, ev) ~ x1 + x2 + row, d, etype = "3")),
  strata = fg_case(finegray(Surv(time, ev) ~ x1 + x2 + row + strata(group), d, etype = "1")),
  weights = fg_case(finegray(Surv(time, ev) ~ x1 + x2 + row, d, etype = "2", weights = weight)),
  entry = fg_case(finegray(Surv(entry, time, ev) ~ x1 + x2 + row, d, etype = "1", id = row)),
  late = fg_case(finegray(Surv(entry, time, ev) ~ x1 + x2 + row, late, etype = "1", id = row)))
write_json(out, "competing_ties.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor",
  na = "null")
