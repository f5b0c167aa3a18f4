# Effects of single studies, tables pooled without correction, and the binomial-normal model.
# R 4.2, metafor 3.8-1 (data sets of metadat), lme4. Run: Rscript make_effects.R > effects.json
suppressMessages({library(metafor); library(jsonlite)})

bcg <- with(dat.bcg, data.frame(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg))
# Catheter infections: studies with an empty cell, and one without any event.
double_zero <- with(dat.nielweise2007, data.frame(ai, n1i, ci, n2i))
sparse <- subset(double_zero, ai + ci > 0)

columns <- function(data) lapply(data, as.numeric)
effects <- function(data, measure, ...) {
  found <- escalc(measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, ...)
  list(yi = as.numeric(found$yi), vi = as.numeric(found$vi))
}
tables <- list(bcg = bcg, sparse = sparse)
measures <- c("OR", "RR", "RD")
escalc_tables <- lapply(tables, function(data) {
  found <- lapply(measures, function(m) list(
    affected = effects(data, m),
    all = effects(data, m, to = "all"),
    all_if_any = effects(data, m, to = "if0all", add = 0.25)))
  names(found) <- measures
  found$PETO <- effects(data, "PETO", add = 0)
  list(data = columns(data), effects = found)
})

pooled <- function(fit) fit[intersect(
  c("beta", "se", "ci.lb", "ci.ub", "zval", "pval", "QE", "QEp", "MH", "CO", "BD", "BDp", "TA", "TAp"),
  names(fit))]
numbers <- function(fit) lapply(pooled(fit), as.numeric)
rma_tables <- lapply(list(bcg = bcg, sparse = sparse, double_zero = double_zero), function(data) {
  found <- lapply(measures, function(m) {
    fit <- rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data)
    c(numbers(fit), list(weights = as.numeric(weights(fit)) / 100))
  })
  names(found) <- measures
  fit <- rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data)
  found$PETO <- numbers(fit)
  list(data = columns(data), pooled = found)
})

proportions <- list(
  pritz = with(dat.pritz1997, list(xi = xi, ni = ni)),
  debruin = with(dat.debruin2009, list(xi = xi, ni = ni)),
  rare = list(xi = c(0, 1, 3, 2, 10, 4, 0), ni = c(20, 30, 33, 50, 60, 40, 15)))
single <- function(data, measure, ...) {
  found <- escalc(measure = measure, xi = data$xi, ni = data$ni, ...)
  list(yi = as.numeric(found$yi), vi = as.numeric(found$vi))
}
escalc_proportions <- lapply(proportions, function(data) {
  ft <- single(data, "PFT")
  fit <- rma(yi = ft$yi, vi = ft$vi, method = "EE")
  grid <- c(-0.1, 0.02, 0.1, 0.3, 0.7, pi / 4, 1.0, 1.4, 1.55, 1.7)
  list(data = data,
       PR = single(data, "PR"), PLO = single(data, "PLO"), PAS = single(data, "PAS"), PFT = ft,
       PLO_all = single(data, "PLO", to = "all", add = 0.25),
       ipft = list(x = grid, hm = transf.ipft.hm(grid, targs = list(ni = data$ni)),
                   own = transf.ipft(ft$yi, data$ni)))
})
glmm <- lapply(proportions, function(data) {
  fit <- suppressWarnings(
    rma.glmm(measure = "PLO", xi = data$xi, ni = data$ni, nAGQ = 25, drop00 = FALSE))
  list(beta = as.numeric(fit$beta), se = as.numeric(fit$se), tau2 = fit$tau2,
       lower = fit$ci.lb, upper = fit$ci.ub, lrt = fit$QE.LRT, lrt_p = fit$QEp.LRT, i2 = fit$I2, df = fit$QE.df)
})
cat(toJSON(list(
  made_with = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                   lme4 = as.character(packageVersion("lme4"))),
  escalc_tables = escalc_tables, rma_tables = rma_tables,
  escalc_proportions = escalc_proportions, glmm = glmm), digits = NA, auto_unbox = TRUE,
  na = "null", pretty = FALSE))
