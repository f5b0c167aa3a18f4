# Weighted log-rank tests and MaxCombo by other programs, for tests/survival/rank.
#
#   Rscript make_weighted_logrank.R        (in this folder; writes weighted_logrank.json)
#
# Made with R 4.2.2, nphRCT 0.1.1 and simtrial 1.0.2, survival 3.5-3, jsonlite. wlr_veteran,
# wlr_colon_death and wlr_gbsg are data sets of the package survival (LGPL >= 2) with two arms, exported
# to CSV; only numbers are kept. In simtrial z > 0 speaks for the experimental arm.
library(survival)
library(nphRCT)
library(simtrial)
library(jsonlite)

tables <- c("wlr_veteran", "wlr_colon_death", "wlr_gbsg")
pairs <- list(c(0, 0), c(0, 1), c(1, 0), c(1, 1), c(0.5, 0.5))
stars <- c(wlr_veteran = 51, wlr_colon_death = 1640.8, wlr_gbsg = 838)
weighted <- list()
combos <- list()
for (name in tables) {
  frame <- read.csv(paste0(name, ".csv"))
  told <- function(method, fit, ...) list(data = name, method = method, ..., u = fit$u,
                                          variance = fit$v_u, z = fit$z)
  model <- Surv(time, event) ~ arm
  for (pair in pairs) {
    fit <- wlrt(model, frame, method = "fh", rho = pair[1], gamma = pair[2])
    weighted[[length(weighted) + 1]] <- told("fh", fit, rho = pair[1], gamma = pair[2])
  }
  weighted[[length(weighted) + 1]] <-
    told("mw", wlrt(model, frame, method = "mw", t_star = stars[[name]]), t_star = stars[[name]])
  weighted[[length(weighted) + 1]] <-
    told("mw", wlrt(model, frame, method = "mw", s_star = 0.5), s_star = 0.5)
  trial <- data.frame(tte = frame$time, event = frame$event, treatment = frame$arm,
                      stratum = "All")
  # gamma = 1/2 is simtrial's, with its sign turned.
  fit <- wlr(trial, weight = fh(rho = 0, gamma = 0.5))
  weighted[[length(weighted) + 1]] <- list(data = name, method = "fh", rho = 0, gamma = 0.5,
                                           u = fit$estimate, variance = fit$se^2, z = -fit$z)
  fit <- maxcombo(trial, rho = c(0, 0, 1, 1), gamma = c(0, 1, 0, 1), return_corr = TRUE)
  combos[[length(combos) + 1]] <- list(data = name, z = fit$z, correlation = fit$corr,
                                       p = fit$p_value)
}
write_json(list(weighted = weighted, max_combo = combos), "weighted_logrank.json", digits = NA,
           auto_unbox = TRUE)
