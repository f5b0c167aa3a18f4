# Numbers behind tests/trials/planning: run `Rscript planning.R` in this folder; it writes planning.json.
suppressMessages({library(rpact); library(mvtnorm); library(jsonlite); library(survival)})
out <- list(generator = paste0("R ", getRversion(), ", rpact ", packageVersion("rpact"),
  ", mvtnorm ", packageVersion("mvtnorm"), ", survival ", packageVersion("survival")))

# 1 marginal mixture: Cox limit as the root of the expected score, by adaptive quadrature
cox_limit <- function(h, p0, p1, f, cross, rho, lambda, accr, fu, dropout, r) {
  S0 <- function(t) exp(-lambda * t)
  SE <- function(t) p0 * S0(t) + p1 * S0(t)^(h^f) + (1 - p0 - p1) * S0(t)^h
  fE <- function(t) lambda * (p0 * S0(t) + p1 * h^f * S0(t)^(h^f) + (1 - p0 - p1) * h * S0(t)^h)
  # dropping in at u: survival S0(u) (S0(t)/S0(u))^h
  k <- rho + lambda * (1 - h)
  D <- function(t) S0(t)^h * rho * (1 - exp(-k * t)) / k
  SC <- function(t) cross * S0(t)^h + (1 - cross) * (S0(t) * exp(-rho * t) + if (rho > 0) D(t) else 0)
  fC <- function(t) lambda * (cross * h * S0(t)^h +
    (1 - cross) * (S0(t) * exp(-rho * t) + if (rho > 0) h * D(t) else 0))
  G <- function(t) pmin(1, pmax(0, (accr + fu - t) / max(accr, 1e-9))) * (1 - dropout)^(t / 12)
  if (accr == 0) G <- function(t) (1 - dropout)^(t / 12)
  cuts <- unique(c(0, fu, accr + fu))
  int <- function(g) sum(mapply(function(a, b) integrate(g, a, b, rel.tol = 1e-12)$value, head(cuts, -1), tail(cuts, -1)))
  score <- function(b) int(function(t) (r * fE(t) - r * SE(t) * exp(b) / (r * SE(t) * exp(b) + SC(t)) *
    (r * fE(t) + fC(t))) * G(t))
  ev <- function(t) (r * fE(t) + fC(t)) * G(t)
  ahr <- int(function(t) ev(t) * log((fE(t) / SE(t)) / (fC(t) / SC(t)))) / int(ev)
  list(args = list(hazard_ratio = h, not_treated = p0, partly_treated = p1, partial_effect = f,
         crossover = cross, drop_in_per_month = rho, control = log(2) / lambda, accrual_months = accr,
         follow_up_months = fu, dropout = dropout, allocation = r),
       cox_limit = exp(uniroot(score, c(-5, 5), tol = 1e-13)$root), average = exp(ahr),
       events_a_patient = int(ev) / (1 + r))
}
l <- log(2)
out$dilution <- list(
  cox_limit(0.7, 0.33, 0, 0.5, 0, 0, l / 24, 60, 24, 0.05, 1),
  cox_limit(0.7, 0.15, 0.2, 0.5, 0.1, 0.01, l / 24, 60, 24, 0.05, 1),
  cox_limit(0.4, 0.3, 0.2, 0.3, 0.2, 0.03, l / 18, 36, 12, 0.1, 2),
  cox_limit(0.5, 0, 0, 0.5, 0, 0.05, l / 27.5, 0, 60, 0, 1),
  cox_limit(0.2, 0.5, 0, 0.5, 0, 0, l / 12, 24, 96, 0, 0.5),
  cox_limit(1.4, 0.2, 0.1, 0.5, 0.1, 0.02, l / 30, 48, 24, 0.03, 1))

# 3 goals: RMST by integrate on a piecewise curve with cure, and Schoenfeld by rpact
H <- function(t) 0.02 * pmin(t, 6) + 0.05 * pmin(pmax(t - 6, 0), 18) + 0.03 * pmax(t - 24, 0)
S <- function(t) 0.12 + 0.88 * exp(-H(t))
rm <- function(h, tau) sum(sapply(list(c(0, 6), c(6, 24), c(24, tau)), function(k)
  integrate(function(t) S(t)^h, k[1], k[2], rel.tol = 1e-12)$value))
med <- uniroot(function(t) S(t) - 0.5, c(1, 200), tol = 1e-13)$root
out$goals <- list(hazards = list(c(0, 0.02), c(6, 0.05), c(24, 0.03)), cured = 0.12, median = med,
  median_gain_6 = log(0.5) / log(S(med + 6)), rmst_60 = rm(1, 60),
  rmst_gain_4 = uniroot(function(h) rm(h, 60) - rm(1, 60) - 4, c(0.05, 1), tol = 1e-13)$root,
  milestone_36_gain_10_points = log(S(36) + 0.1) / log(S(36)))
ev <- function(h, r, a, s) getSampleSizeSurvival(getDesignGroupSequential(kMax = 1, alpha = a, sided = s, beta = 0.2),
  hazardRatio = h, median2 = 18, accrualTime = c(0, 24), followUpTime = 24, allocationRatioPlanned = r,
  typeOfComputation = "Schoenfeld")$eventsFixed
out$events <- list(list(hazard_ratio = 0.75, allocation = 1, alpha = 0.05, sided = 2, events = ev(0.75, 1, 0.05, 2)),
  list(hazard_ratio = 27.5 / 33.5, allocation = 1, alpha = 0.05, sided = 2, events = ev(27.5 / 33.5, 1, 0.05, 2)),
  list(hazard_ratio = 0.7, allocation = 2, alpha = 0.025, sided = 1, events = ev(0.7, 2, 0.025, 1)))

# 5 feasibility: exact binomials
out$feasibility <- list(
  withdrawal = sapply(c(0.03, 0.05, 0.08, 0.1, 0.15), function(p) pbinom(9, 100, p)),
  delivered = sapply(c(0.7, 0.8, 0.85, 0.9, 0.95), function(p) 1 - pbinom(42, 50, p)),
  upper_9_of_100 = binom.test(9, 100)$conf.int[2], lower_43_of_50 = binom.test(43, 50)$conf.int[1])

# 6 conditional power by rpact, with the bounds of the looks still to come
cp <- function(type, k, info, events, logrank, total, hr) {
  design <- if (k == 2) getDesignGroupSequential(kMax = 2, alpha = 0.025, informationRates = info, typeOfDesign = type) else
    getDesignGroupSequential(kMax = k, alpha = 0.025, informationRates = info, typeOfDesign = type)
  data <- getDataset(cumulativeEvents = events, cumulativeLogRanks = logrank, cumulativeAllocationRatios = rep(1, length(events)))
  st <- getStageResults(design, data, stage = length(events), directionUpper = FALSE)
  left <- diff(c(tail(events, 1), total * info[(length(events) + 1):k]))
  c1 <- getConditionalPower(st, nPlanned = left, thetaH1 = hr, allocationRatioPlanned = 1)
  list(type = type, information = info, critical = design$criticalValues, z = -tail(logrank, 1),
       at = tail(events, 1) / total, hazard_ratio = hr, events = total,
       power = c1$conditionalPower[!is.na(c1$conditionalPower)])
}
out$conditional_power <- list(
  cp("OF", 3, c(0.5, 0.75, 1), c(150), c(-1.2), 300, 0.75),
  cp("OF", 3, c(0.5, 0.75, 1), c(150, 225), c(-1.2, -1.9), 300, 0.8),
  cp("P", 4, c(0.25, 0.5, 0.75, 1), c(60), c(-0.4), 240, 0.7),
  cp("asOF", 2, c(0.6, 1), c(180), c(-1.5), 300, 0.75))
gs <- getDesignGroupSequential(kMax = 3, alpha = 0.025, informationRates = c(0.5, 0.75, 1), typeOfDesign = "OF", futilityBounds = c(0, 0.5))
out$gs <- list(information = c(0.5, 0.75, 1), critical = gs$criticalValues, futility = c(0, 0.5),
  theta = c(0, 1.5, 2.5, 3.5), power = sapply(c(0, 1.5, 2.5, 3.5), function(th)
    getPowerAndAverageSampleNumber(gs, theta = th, nMax = 1)$overallReject))
# assurance of that design: normal prior on the log hazard ratio, 300 events, by integrate
pw <- function(th) sapply(th, function(x) getPowerAndAverageSampleNumber(gs, theta = x, nMax = 1)$overallReject)
k <- sqrt(300) / 2
out$assurance <- list(mean = -0.25, sd = 0.2, events = 300,
  fixed = integrate(function(b) pnorm(-b * k - qnorm(0.975)) * dnorm(b, -0.25, 0.2), -2, 2, rel.tol = 1e-11)$value,
  fixed_benefit = integrate(function(b) pnorm(-b * k - qnorm(0.975)) * dnorm(b, -0.25, 0.2), -2, 0, rel.tol = 1e-11)$value,
  sequential = integrate(function(b) pw(-b * k) * dnorm(b, -0.25, 0.2), -1.6, 1.1, rel.tol = 1e-8)$value)

# 7 co-primary: mvtnorm
pm <- function(lo, th, rho) as.numeric(pmvnorm(lower = lo - th, upper = c(Inf, Inf), corr = matrix(c(1, rho, rho, 1), 2), algorithm = TVPACK(abseps = 1e-14)))
z <- qnorm(1 - c(0.005, 0.02)); zl <- qnorm(1 - c(0.005, 0.025)); zh <- qnorm(1 - 0.025)
th <- c(3, 2.5); rho <- 0.6
par <- uniroot(function(c) 1 - as.numeric(pmvnorm(upper = qnorm(1 - c * c(0.005, 0.02)), corr = matrix(c(1, .6, .6, 1), 2), algorithm = TVPACK(abseps = 1e-14))) - 0.025, c(1, 1.24), tol = 1e-12)$root
out$coprimary <- list(theta = th, correlation = rho, factor = par,
  both_fallback = pm(c(z[1], zl[2]), th, rho), os_fallback = pnorm(z[2], th[2], lower = FALSE) + pm(c(z[1], zl[2]), th, rho) - pm(z, th, rho),
  either = 1 - as.numeric(pmvnorm(upper = z - th, corr = matrix(c(1, rho, rho, 1), 2), algorithm = TVPACK(abseps = 1e-14))),
  both_holm = pm(c(z[1], zh), th, rho) + pm(c(zh, z[2]), th, rho) - pm(z, th, rho))
g <- expand.grid(h = c(-2.5, -1, 0, 0.7, 3), k = c(-1.5, 0, 0.2, 2), rho = c(-0.95, -0.4, 0, 0.3, 0.8, 0.999))
out$bivariate <- list(h = g$h, k = g$k, rho = g$rho, p = mapply(function(h, k, r) as.numeric(pmvnorm(upper = c(h, k), corr = matrix(c(1, r, r, 1), 2), algorithm = TVPACK(abseps = 1e-15))), g$h, g$k, g$rho))

# 8 accrual: five centres opening at month 0, ten at 6; convolution written out with dnbinom
at <- function(t, n) { a <- dnbinom(0:(n - 1), 5 * 4, 4 / (4 + 0.6 * t)); b <- dnbinom(0:(n - 1), 10 * 4, 4 / (4 + 0.4 * max(t - 6, 1e-12)))
  1 - sum(sapply(0:(n - 1), function(i) a[i + 1] * sum(b[1:(n - i)]))) }
out$accrual <- list(n = 200, months = c(20, 30, 40), full = sapply(c(20, 30, 40), at, n = 200),
  median = uniroot(function(t) at(t, 200) - 0.5, c(7, 100), tol = 1e-12)$root)
k <- c(5, 0, 12, 3, 7, 2); v <- c(20, 10, 20, 15, 18, 6)
nll <- function(p) -sum(dnbinom(k, size = exp(p[1]), mu = exp(p[2]) * v, log = TRUE))
o <- optim(c(0, -1), nll, method = "BFGS", control = list(reltol = 1e-15)); o <- optim(o$par, nll, method = "BFGS", control = list(reltol = 1e-16, ndeps = c(1e-5, 1e-5)))
out$empirical_bayes <- list(patients = k, months = v, rate = exp(o$par[2]), cv = 1 / sqrt(exp(o$par[1])), loss = o$value)
write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "planning.json")
