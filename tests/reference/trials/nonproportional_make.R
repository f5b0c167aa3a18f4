# Reference numbers for tests/trials/nonproportional: events, average hazard ratio, weighted
# log-rank, restricted mean and milestone by nested stats::integrate from the definitions, event
# probabilities by rpact where its model fits, and normal probabilities by mvtnorm.
# Run in this folder: Rscript nonproportional_make.R > nonproportional.json
suppressPackageStartupMessages({library(jsonlite); library(mvtnorm); library(rpact)})

step_at <- function(starts, values, t) values[findInterval(t, starts)]
step_sum <- function(starts, values, t) sapply(t, function(x) {
  ends <- c(starts[-1], Inf)
  sum(values * pmax(0, pmin(ends, x) - starts))
})
quad <- function(f, low, high, breaks) {
  edges <- sort(unique(c(low, high, breaks[breaks > low & breaks < high])))
  sum(sapply(seq_len(length(edges) - 1), function(i)
    integrate(f, edges[i], edges[i + 1], rel.tol = 1e-11, abs.tol = 1e-13,
              subdivisions = 1000L)$value))
}

cases <- list(
  proportional = list(h0 = list(0, log(2) / 18), hr = list(0, 0.7), accrual = list(0, 1 / 24, 24),
                      dropout = c(0.05, 0.05), allocation = 1, month = 36),
  delay = list(h0 = list(0, log(2) / 14), hr = list(c(0, 6), c(1, 0.6)), accrual = list(0, 1 / 24, 24),
               dropout = c(0.1, 0.05), allocation = 1, month = 40),
  crossing = list(h0 = list(c(0, 12), c(0.06, 0.04)), hr = list(c(0, 3, 24), c(1.6, 0.55, 0.8)),
                  accrual = list(c(0, 6, 12), c(0.02, 0.04, 0.06), 22.666666666666668),
                  dropout = c(0.05, 0.15), allocation = 2, month = 38),
  cure = list(h0 = list(c(0, 18, 36), c(0.05, 0.02, 0)), hr = list(c(0, 4), c(1.3, 0.5)),
              accrual = list(0, 1 / 36, 36), dropout = c(0, 0), allocation = 0.5, month = 60))

one <- function(case) {
  p <- c(1, case$allocation) / (1 + case$allocation)           # control, experimental
  loss <- -log1p(-rev(case$dropout)) / 12                      # given experimental, control
  h0 <- function(t) step_at(case$h0[[1]], case$h0[[2]], t)
  hr <- function(t) step_at(case$hr[[1]], case$hr[[2]], t)
  all_starts <- sort(unique(c(case$h0[[1]], case$hr[[1]])))
  h1_values <- step_at(case$h0[[1]], case$h0[[2]], all_starts) *
    step_at(case$hr[[1]], case$hr[[2]], all_starts)
  haz <- list(h0, function(t) step_at(all_starts, h1_values, t))
  surv <- list(function(t) exp(-step_sum(case$h0[[1]], case$h0[[2]], t)),
               function(t) exp(-step_sum(all_starts, h1_values, t)))
  entered <- function(m) pmin(1, step_sum(case$accrual[[1]], case$accrual[[2]],
                                          pmin(pmax(m, 0), case$accrual[[3]])))
  month <- case$month
  y <- lapply(1:2, function(a) function(t)
    p[a] * surv[[a]](t) * exp(-loss[a] * t) * entered(month - t))
  d <- lapply(1:2, function(a) function(t) y[[a]](t) * haz[[a]](t))
  breaks <- c(all_starts, month - c(case$accrual[[1]], case$accrual[[3]]))
  events <- sapply(1:2, function(a) quad(d[[a]], 0, month, breaks))
  edges <- c(case$hr[[1]], Inf)
  by_piece <- sapply(seq_along(case$hr[[1]]), function(k) if (edges[k] >= month) c(0, 0) else
    sapply(1:2, function(a) quad(d[[a]], edges[k], min(month, edges[k + 1]), breaks)))
  by_piece <- matrix(by_piece, nrow = 2)
  log_ahr <- sum(colSums(by_piece) * log(case$hr[[2]])) / sum(by_piece)
  some <- colSums(by_piece) > 0
  information <- sum(by_piece[1, some] * by_piece[2, some] / colSums(by_piece)[some])
  pooled_hazard <- function(t) (d[[1]](t) + d[[2]](t)) / (y[[1]](t) + y[[2]](t))
  pooled <- function(t) sapply(t, function(x) if (x <= 0) 1 else exp(-quad(pooled_hazard, 0, x, breaks)))
  weigh <- function(w) {
    mean <- quad(function(t) w(t) * y[[1]](t) * y[[2]](t) / (y[[1]](t) + y[[2]](t)) *
                   (haz[[1]](t) - haz[[2]](t)), 0, month, breaks)
    variance <- quad(function(t) w(t)^2 * y[[1]](t) * y[[2]](t) / (y[[1]](t) + y[[2]](t))^2 *
                       (d[[1]](t) + d[[2]](t)), 0, month, breaks)
    c(mean = mean, variance = variance)
  }
  tau <- 24
  area <- lapply(1:2, function(a) function(t)
    sapply(t, function(x) quad(surv[[a]], x, tau, breaks)))
  rmst <- sapply(1:2, function(a) area[[a]](0))
  rmst_variance <- sum(sapply(1:2, function(a)
    quad(function(t) area[[a]](t)^2 * haz[[a]](t) / y[[a]](t), 0, tau, breaks)))
  greenwood <- sapply(1:2, function(a) quad(function(t) haz[[a]](t) / y[[a]](t), 0, tau, breaks))
  list(events = events, log_ahr = log_ahr, information = information,
       logrank = as.list(weigh(function(t) rep(1, length(t)))),
       fh01 = as.list(weigh(function(t) 1 - pooled(t))),
       fh11 = as.list(weigh(function(t) pooled(t) * (1 - pooled(t)))),
       gehan = as.list(weigh(function(t) y[[1]](t) + y[[2]](t))),
       tau = tau, rmst = rmst, rmst_variance = rmst_variance,
       survival = sapply(1:2, function(a) surv[[a]](tau)), greenwood = greenwood)
}

probability <- getEventProbabilities(time = c(12, 24, 36, 48), accrualTime = c(0, 24),
  accrualIntensity = 10, lambda2 = log(2) / 18, hazardRatio = 0.7, dropoutRate1 = 0.05,
  dropoutRate2 = 0.1, dropoutTime = 12, allocationRatioPlanned = 2)
piecewise <- getEventProbabilities(time = c(12, 24, 36, 48), accrualTime = c(0, 6, 20),
  accrualIntensity = c(5, 15), piecewiseSurvivalTime = c(0, 6, 15), lambda2 = c(0.06, 0.04, 0.02),
  hazardRatio = 0.8, dropoutRate1 = 0.08, dropoutRate2 = 0.03, dropoutTime = 12,
  allocationRatioPlanned = 1)

correlation <- matrix(c(1, .8, .6, .8, 1, .7, .6, .7, 1), 3)
boxes <- list(
  list(upper = c(1, 0.5, 1.5), covariance = correlation,
       probability = as.numeric(pmvnorm(upper = c(1, 0.5, 1.5), corr = correlation, algorithm = TVPACK()))),
  list(upper = c(-1, 0, -0.5), covariance = correlation,
       probability = as.numeric(pmvnorm(upper = c(-1, 0, -0.5), corr = correlation, algorithm = TVPACK()))))
design <- getDesignGroupSequential(kMax = 3, alpha = 0.025, informationRates = c(.5, .75, 1),
  typeOfDesign = "asOF")
power <- getPowerAndAverageSampleNumber(design, theta = c(0, 0.25, 0.5), nMax = 50)
out <- list(generator = paste("R", getRversion(), "rpact", packageVersion("rpact"), "mvtnorm",
                              packageVersion("mvtnorm")),
  cases = lapply(cases, function(case) c(list(input = case), one(case))),
  rpact = list(
    constant = list(time = c(12, 24, 36, 48), control = probability$eventProbabilities2,
                    experimental = probability$eventProbabilities1),
    piecewise = list(time = c(12, 24, 36, 48), control = piecewise$eventProbabilities2,
                     experimental = piecewise$eventProbabilities1)),
  boxes = boxes,
  crossing = list(information = c(.5, .75, 1), efficacy = design$criticalValues,
                  drift = c(0, 0.25, 0.5) * sqrt(50), reject = power$rejectPerStage))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE))
