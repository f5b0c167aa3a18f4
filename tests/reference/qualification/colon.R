# Reference numbers of the colon trial for `debulk qualify`: Rscript colon.R colon.csv colon.json
# R 4.2.2, survival 3.5-3, cmprsk 2.2-11, jsonlite.
suppressPackageStartupMessages({library(survival); library(jsonlite); library(cmprsk)})
args <- commandArgs(TRUE)
all <- read.csv(args[1])
all$rx <- factor(all$rx, levels = c("Obs", "Lev", "Lev+5FU"))
d <- all[all$etype == 2, ]
checks <- list()
add <- function(name, value, tolerance) {
  checks[[length(checks) + 1]] <<- list(name = name, value = unname(value), tolerance = tolerance)
}
fit <- survfit(Surv(time, status) ~ rx, d, conf.type = "log-log")
at <- summary(fit, times = 1825, extend = TRUE)
for (i in 1:3) {
  group <- levels(d$rx)[i]
  add(sprintf("survival at 1825 days/%s", group), at$surv[i], 1e-12)
  add(sprintf("standard error at 1825 days/%s", group), at$std.err[i], 1e-12)
}
rm <- survival:::survmean(fit, rmean = 1825)$matrix
for (i in 1:3) add(sprintf("restricted mean to 1825 days/%s", levels(d$rx)[i]), rm[i, "rmean"], 1e-9)
test <- survdiff(Surv(time, status) ~ rx, d)
add("log-rank chi-square/three groups", test$chisq, 1e-9)
two <- d[d$rx != "Lev", ]
two$rx <- droplevels(two$rx)
pair <- survdiff(Surv(time, status) ~ rx, two)
add("log-rank chi-square/Lev+5FU against Obs", pair$chisq, 1e-9)
peto <- survdiff(Surv(time, status) ~ rx, two, rho = 1)
add("Peto-Peto chi-square/Lev+5FU against Obs", peto$chisq, 1e-9)
for (ties in c("efron", "breslow")) {
  cox <- coxph(Surv(time, status) ~ rx + age + sex, d, ties = ties, control = coxph.control(eps = 1e-13, iter.max = 100))
  for (name in names(coef(cox))) {
    add(sprintf("Cox %s coefficient/%s", ties, name), coef(cox)[[name]], 1e-9)
    add(sprintf("Cox %s standard error/%s", ties, name), sqrt(vcov(cox)[name, name]), 1e-9)
  }
  add(sprintf("Cox %s log likelihood", ties), cox$loglik[2], 1e-8)
}
zph <- cox.zph(coxph(Surv(time, status) ~ rx + age + sex, d))
add("proportionality chi-square/GLOBAL", zph$table["GLOBAL", "chisq"], 1e-6)
weib <- survreg(Surv(time, status) ~ 1, d, dist = "weibull")
add("Weibull log likelihood", weib$loglik[1], 1e-6)
# Competing risks: recurrence (1), death without recurrence (2), in days since registration.
rec <- all[all$etype == 1, ]; dea <- all[all$etype == 2, ]
m <- merge(rec[, c("id", "rx", "time", "status")], dea[, c("id", "time", "status")], by = "id")
time <- ifelse(m$status.x == 1, m$time.x, m$time.y)
cause <- ifelse(m$status.x == 1, 1, ifelse(m$status.y == 1, 2, 0))
ci <- cuminc(time, cause, m$rx)
add("Gray chi-square/recurrence", ci$Tests[1, "stat"], 1e-8)
points <- timepoints(ci, 1825)
for (g in levels(m$rx)) add(sprintf("incidence of recurrence at 1825 days/%s", g), points$est[paste(g, 1), 1], 1e-12)
write_json(list(generator = paste(R.version.string, "survival", packageVersion("survival"),
  "cmprsk", packageVersion("cmprsk")), checks = checks), args[2], auto_unbox = TRUE, digits = 17, pretty = TRUE)
