# Weighted curves and hazard ratio of R's survival on the rows that debulk makes of the shared case.
# Rscript ccw_weighted.R reads ccw_weighted.csv and writes ccw_weighted.json beside it.
library(survival)
library(jsonlite)
rows <- read.csv("ccw_weighted.csv")
at <- c(6.3, 12.3, 23.7)
found <- list(r = R.version.string, survival = as.character(packageVersion("survival")), at = at)
for (timing in c("natural", "uniform")) {
  mine <- rows[rows$timing == timing, ]
  fit <- coxph(Surv(start, stop, event) ~ arm, data = mine, weights = weight, ties = "breslow")
  curve <- summary(survfit(Surv(start, stop, event) ~ arm, data = mine, weights = weight,
                           timefix = FALSE), times = at)
  mean <- survfit(Surv(start, stop, event) ~ arm, data = mine, weights = weight, timefix = FALSE)
  area <- summary(mean, rmean = 24)$table[, "rmean"]
  found[[timing]] <- list(log_hazard_ratio = unname(coef(fit)), survival = curve$surv,
                          rmst = unname(area))
}
write(toJSON(found, digits = NA, auto_unbox = TRUE, pretty = TRUE), "ccw_weighted.json")
