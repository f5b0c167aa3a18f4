# Firth's penalised likelihood for tests/survival/cox_model, maximised by R's optim over the likelihood
# and information of coxph at fixed coefficients. R 4.2.2, survival 3.5-3, jsonlite.
#
#   Rscript make_cox_firth.R      (in this folder; writes cox_firth.json and cox_separated.csv)
#
# No patient with x = 1 has the event, so that the plain likelihood has no maximum.
library(survival)
library(jsonlite)
set.seed(3)
n <- 40
d <- data.frame(t = ceiling(rexp(n) * 10), e = rbinom(n, 1, .6), x = rbinom(n, 1, .3),
                z = round(rnorm(n), 2))
d$e[d$x == 1] <- 0
d$a <- round(d$t * runif(n, 0, .6))
d$a[d$a >= d$t] <- 0
d$w <- round(runif(n, .5, 2), 2)
write.csv(d, "cox_separated.csv", row.names = FALSE)
penalised <- function(b, formula, ties, weights) {
  m <- do.call(coxph, list(formula, data = d, init = b, iter.max = 0, ties = ties,
                           weights = weights, robust = FALSE))
  m$loglik[2] + .5 * as.numeric(determinant(solve(m$var))$modulus)
}
fit <- function(formula, ties, weights = NULL) {
  f <- function(b) penalised(b, as.formula(formula), ties, weights)
  o <- optim(c(0, 0), f, method = "BFGS", control = list(fnscale = -1, reltol = 1e-16))
  for (k in 1:20) {
    o <- optim(o$par, f, control = list(fnscale = -1, reltol = 1e-16, maxit = 5000))
  }
  list(formula = formula, ties = ties, weighted = !is.null(weights), coef = o$par,
       loglik = c(f(c(0, 0)), o$value))
}
cases <- list()
for (ties in c("efron", "breslow")) {
  cases <- c(cases, list(fit("Surv(t, e) ~ x + z", ties)),
             list(fit("Surv(a, t, e) ~ x + z", ties, d$w)))
}
write_json(list(cases = cases), "cox_firth.json", digits = NA, auto_unbox = TRUE)
