# Concordance of a model of the Rotterdam data in the GBSG trial.
#
#   Rscript make_concordance_gbsg.R     (in this folder; writes concordance_gbsg.json)
#
# Made with R 4.2.2, survival 3.5-3, jsonlite. The tables derive from rotterdam and gbsg of the package
# survival (LGPL >= 2), exported to CSV.
library(survival)
library(jsonlite)
development <- read.csv("risk_rotterdam_dev.csv")
validation <- read.csv("risk_gbsg_val.csv")
names(development) <- sub("^rfs$", "event", names(development))
model <- coxph(Surv(ryear, event) ~ csize + nod3 + g3, development)
validation$lp <- as.vector(as.matrix(validation[names(coef(model))]) %*% coef(model))
told <- function(fit, ...) list(C = fit$concordance, se = sqrt(fit$var), ...)
write_json(list(
  coef = as.list(coef(model)),
  harrell = told(concordance(Surv(ryear, rfs) ~ lp, validation, reverse = TRUE)),
  uno = told(concordance(Surv(ryear, rfs) ~ lp, validation, reverse = TRUE, timewt = "n/G2",
                         ymax = 4.999), ymax = 4.999)),
  "concordance_gbsg.json", digits = NA, auto_unbox = TRUE)
