# Reference numbers for tests/survival/parametric_models.
#
#   Rscript make_parametric.R       (in this folder; writes parametric_survreg.json and
#                                    parametric_optim.json)
#
# R 4.2.2, package survival 3.5-3. lung, veteran, ovarian, colon_death, pbc and gbsg are data sets
# of that package (LGPL >= 2), exported to CSV; only numbers computed from them are written here.
# parametric_survreg.json: fits of survreg with other covariates, weights and quantiles.
# parametric_optim.json: likelihoods written out below from densities and survival functions of base R (left
# truncation, cure, background hazards, Gompertz, piecewise rates, splines), maximised by optim.
# parametric_flexsurv.json, beside it, holds numbers of flexsurv 1.1.1 (R 4.2.2), which is not
# packaged here: its calls stand in it, on lung without rows that miss age or sex, for instance
#   flexsurvreg(Surv(time, event) ~ sex, data = lung, dist = "gompertz")
library(survival)
options(digits = 17)

number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
text <- function(x) paste0("\"", x, "\"")
object <- function(...) {
  fields <- list(...)
  paste0("{", paste0(text(names(fields)), ": ", unlist(fields), collapse = ", "), "}")
}
array <- function(items) paste0("[\n", paste(unlist(items), collapse = ",\n"), "\n]")
write <- function(items, file) writeLines(array(items), file)

frames <- list(
  veteran = within(read.csv("veteran.csv"), { event <- status }),
  ovarian = within(read.csv("ovarian.csv"), { time <- futime; event <- fustat }),
  colon_death = within(read.csv("colon_death.csv"), { event <- status }),
  pbc = within(read.csv("pbc.csv"), { event <- death }),
  gbsg = within(read.csv("gbsg.csv"), { time <- rfstime; event <- status }),
  lung = read.csv("lung.csv")
)
formulas <- list(
  veteran = c("trt", "celltype", "karno", "age"), ovarian = c("age", "rx"),
  colon_death = c("rx", "age", "adhere", "node4"), pbc = c("age", "bili", "albumin"),
  gbsg = c("age", "size", "nodes", "pgr", "hormon")
)

survreg_case <- function(name, dist, weighted) {
  frame <- frames[[name]]
  terms <- formulas[[name]]
  frame <- frame[complete.cases(frame[, c("time", "event", terms)]), ]
  frame$load <- if (weighted) 0.5 + (seq_len(nrow(frame)) %% 4) / 2 else 1
  formula <- as.formula(paste("Surv(time, event) ~", paste(terms, collapse = " + ")))
  control <- survreg.control(rel.tolerance = 1e-13, maxiter = 100)
  fit <- survreg(formula, frame, weights = load, dist = dist, control = control)
  at <- frame[3, ]
  q <- predict(fit, at, type = "quantile", p = c(0.25, 0.5), se.fit = TRUE)
  object(
    dataset = text(name), dist = text(dist), weighted = if (weighted) "true" else "false",
    terms = paste0("[", paste(text(terms), collapse = ", "), "]"),
    names = paste0("[", paste(text(names(coef(fit))), collapse = ", "), "]"),
    coef = number(coef(fit)), scale = number(fit$scale), var = number(fit$var),
    loglik = number(fit$loglik), aic = number(AIC(fit)),
    quantiles = number(q$fit), quantile_se = number(q$se.fit)
  )
}
cases <- list()
for (name in names(formulas)) for (dist in c("exponential", "weibull", "lognormal", "loglogistic")) {
  for (weighted in c(FALSE, TRUE)) cases <- c(cases, survreg_case(name, dist, weighted))
}
write(cases, "parametric_survreg.json")

# Likelihoods from their definitions. Every case gives log f and log S of everybody as functions of
# the parameters; rows add d log(h + b) + log S(t) - log S(entry).
lung <- frames$lung
lung <- lung[complete.cases(lung[, c("time", "event", "age", "sex")]), ]
lung$entry <- ifelse(seq_len(nrow(lung)) %% 3 == 0, lung$time / 4, 0)
lung$background <- (1:nrow(lung) %% 5 + 1) / 5000
gbsg <- frames$gbsg
gbsg$entry <- 0
gbsg$background <- gbsg$age / 2e6

total <- function(frame, log_density, log_survival, late, excess) {
  ls <- log_survival(frame$time)
  lh <- log_density(frame$time) - ls
  if (excess) lh <- log(exp(lh) + frame$background)
  value <- sum(frame$event * lh + ls)
  if (late) {
    rows <- frame$entry > 0
    value <- value - sum(log_survival(frame$entry, rows)[rows])
  }
  value
}
maximise <- function(f, start, scale) {
  control <- list(fnscale = -1, reltol = 1e-15, maxit = 20000, parscale = scale)
  fit <- list(par = start)
  for (turn in 1:4) {
    fit <- optim(fit$par, f, method = "Nelder-Mead", control = control)
    fit <- optim(fit$par, f, method = "BFGS", control = control)
  }
  fit
}
mixture <- function(p, lf, ls) list(f = log1p(-p) + lf, s = log(p + (1 - p) * exp(ls)))
non_mixture <- function(p, lf, ls) list(f = log(-log(p)) + lf + log(p) * (1 - exp(ls)),
                                        s = log(p) * (1 - exp(ls)))
mixed <- list(none = function(p, lf, ls) list(f = lf, s = ls), mixture = mixture,
              `non-mixture` = non_mixture)

distributions <- list(
  weibull = function(v, x, t) list(
    f = dweibull(t, exp(v[1]), exp(v[2] + v[3] * x), log = TRUE),
    s = pweibull(t, exp(v[1]), exp(v[2] + v[3] * x), lower.tail = FALSE, log.p = TRUE)),
  lognormal = function(v, x, t) list(
    f = dlnorm(t, v[1] + v[3] * x, exp(v[2]), log = TRUE),
    s = plnorm(t, v[1] + v[3] * x, exp(v[2]), lower.tail = FALSE, log.p = TRUE)),
  loglogistic = function(v, x, t) {
    k <- exp(v[1]); u <- k * (log(t) - v[2] - v[3] * x)
    list(f = log(k) + u - log(t) + 2 * plogis(-u, log.p = TRUE), s = plogis(-u, log.p = TRUE))
  },
  gompertz = function(v, x, t) {
    rate <- exp(v[2] + v[3] * x)
    s <- -rate * expm1(v[1] * t) / v[1]
    list(f = log(rate) + v[1] * t + s, s = s)
  },
  gamma = function(v, x, t) list(
    f = dgamma(t, exp(v[1]), exp(v[2] + v[3] * x), log = TRUE),
    s = pgamma(t, exp(v[1]), exp(v[2] + v[3] * x), lower.tail = FALSE, log.p = TRUE))
)
starts <- list(weibull = c(0.3, 6, 0), lognormal = c(6, 0, 0), loglogistic = c(0.3, 6, 0),
               gompertz = c(5e-4, -6, 0), gamma = c(0.3, -6, 0))
scales <- list(weibull = c(1, 1, 1), lognormal = c(1, 1, 1), loglogistic = c(1, 1, 1),
               gompertz = c(1e-3, 1, 1), gamma = c(1, 1, 1))

optim_case <- function(name, dist, cure, late, excess) {
  frame <- get(name)
  x <- if (name == "lung") frame$sex else frame$hormon
  value <- function(v) {
    p <- if (cure == "none") 0 else plogis(v[4])
    parts <- function(t) {
      one <- distributions[[dist]](v, x, t)
      mixed[[cure]](p, one$f, one$s)
    }
    at <- parts(frame$time)
    result <- total(frame, function(t) at$f, function(t, rows) parts(t)$s, late, excess)
    if (is.finite(result)) result else -1e10
  }
  start <- starts[[dist]]
  scale <- scales[[dist]]
  if (cure != "none") { start <- c(start, 0); scale <- c(scale, 1) }
  if (name == "gbsg") start[2] <- start[2] * 1.2
  fit <- maximise(value, start, scale)
  object(dataset = text(name), dist = text(dist), cure = text(cure),
         entry = if (late) "true" else "false", excess = if (excess) "true" else "false",
         par = number(fit$par), loglik = number(fit$value))
}
cases <- list()
for (dist in names(distributions)) {
  cases <- c(cases, optim_case("lung", dist, "none", TRUE, FALSE))
  cases <- c(cases, optim_case("lung", dist, "none", TRUE, TRUE))
}
for (dist in c("weibull", "lognormal", "loglogistic")) for (cure in c("mixture", "non-mixture")) {
  cases <- c(cases, optim_case("gbsg", dist, cure, FALSE, FALSE))
  cases <- c(cases, optim_case("gbsg", dist, cure, FALSE, TRUE))
}
write(cases, "parametric_optim.json")
