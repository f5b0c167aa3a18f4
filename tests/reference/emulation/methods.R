# Expected numbers of the methods beside clone-censor-weight, by R's survival, on the case that
# methods_case.py wrote. Run in this folder: Rscript methods.R
library(survival)
library(jsonlite)

patients <- read.csv("methods_patients.csv")
visits <- read.csv("methods_visits.csv")
zero <- visits[visits$visit == 0, ]
patients <- merge(patients, zero[, c("id", "eligible", "burden", "fit")], by = "id")
patients$start[!is.na(patients$start) & patients$start >= patients$time] <- NA
patients$ever <- as.numeric(!is.na(patients$start))
tau <- 12
landmark <- 6

first <- function(fit) list(coef = unname(coef(fit)[1]), se = unname(sqrt(vcov(fit)[1, 1])))
robust <- function(fit) list(coef = unname(coef(fit)[1]), se = unname(summary(fit)$coefficients[1, "robust se"]))

# Ever against never, and by the landmark.
naive <- coxph(Surv(entry, time, cause == 1) ~ ever, patients)
naive_adjusted <- coxph(Surv(entry, time, cause == 1) ~ ever + burden + fit, patients)
there <- patients[patients$time > landmark, ]
there$by <- as.numeric(!is.na(there$start) & there$start < landmark)
there$from <- pmax(there$entry, landmark)
at <- coxph(Surv(from, time, cause == 1) ~ by, there)
at_adjusted <- coxph(Surv(from, time, cause == 1) ~ by + burden + fit, there)

# Risk (Aalen and Johansen), and months from a start to tau less the area under it.
horizon <- function(data, from, weights, start) {
  data$from <- from
  data$w <- weights
  data$state <- factor(data$cause, 0:2, c("none", "event", "other"))
  aj <- survfit(Surv(from, time, state) ~ 1, data, id = id, weights = w)
  risk <- summary(aj, times = tau, extend = TRUE)$pstate[, aj$states == "event"]
  incidence <- aj$pstate[, aj$states == "event"]
  inside <- aj$time < tau
  area <- sum(diff(c(start, aj$time[inside], tau)) * c(0, incidence[inside]))
  rmst <- tau - start - area
  list(risk = unname(risk), rmst = rmst)
}
two <- function(data, group, from, weights, start) {
  sides <- lapply(0:1, function(g) {
    here <- group == g
    horizon(data[here, ], from[here], weights[here], start)
  })
  list(risk = sides[[2]]$risk - sides[[1]]$risk, rmst = sides[[2]]$rmst - sides[[1]]$rmst)
}

# Treatment as a time-dependent covariate. The exact method's score test at 0 is the log-rank test
# with its hypergeometric variance.
split <- tmerge(patients, patients, id = id, event = event(time, as.numeric(cause == 1)),
                treated = tdc(start), tstart = entry, tstop = time)
byar <- coxph(Surv(tstart, tstop, event) ~ treated, split)
byar_test <- coxph(Surv(tstart, tstop, event) ~ treated, split, ties = "exact")
at_zero <- coxph(Surv(tstart, tstop, event) ~ treated + burden + fit, split)
visits$at <- visits$visit
base <- patients[, c("id", "entry", "time", "cause", "start")]
moving <- tmerge(base, base, id = id, event = event(time, as.numeric(cause == 1)),
                 treated = tdc(start), tstart = entry, tstop = time)
moving <- tmerge(moving, visits, id = id, burden = tdc(at, burden), fit = tdc(at, fit))
varying <- coxph(Surv(tstart, tstop, event) ~ treated + burden + fit, moving)

# Weights at time zero and at the landmark; the sandwich takes them as known.
weighted <- function(data, group, from, start) {
  data$group <- group
  data$from <- from
  p <- fitted(glm(group ~ burden + fit, binomial, data, control = glm.control(epsilon = 1e-14)))
  lapply(list(ate = ifelse(group == 1, 1 / p, 1 / (1 - p)), ato = ifelse(group == 1, 1 - p, p)),
         function(w) {
           data$w <- w
           fit <- coxph(Surv(from, time, cause == 1) ~ group, data, weights = w, cluster = id)
           c(robust(fit), two(data, group, from, w, start))
         })
}
open <- patients[patients$eligible == 1, ]
open_there <- there[there$eligible == 1, ]

result <- list(
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  naive = c(first(naive), two(patients, patients$ever, patients$entry, rep(1, nrow(patients)), 0)),
  naive_adjusted = first(naive_adjusted),
  landmark = c(first(at), two(there, there$by, there$from, rep(1, nrow(there)), landmark)),
  landmark_adjusted = first(at_adjusted),
  mantel_byar = c(first(byar), list(chisq = unname(byar_test$score))),
  time_zero = first(at_zero),
  time_varying = first(varying),
  weights_time_zero = weighted(open, as.numeric(!is.na(open$start) & open$start < 1), open$entry, 0),
  weights_landmark = weighted(open_there, open_there$by, open_there$from, landmark)
)
writeLines(toJSON(result, auto_unbox = TRUE, digits = NA, pretty = TRUE), "methods.json")
