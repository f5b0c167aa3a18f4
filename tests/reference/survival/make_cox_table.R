# Reference numbers for tests/survival/cox_model/test_reference_table.py and for curves with whole
# weights, made with R 4.2.2, survival 3.5-3 and jsonlite.
#
#   Rscript make_cox_table.R        (in this folder; writes cox_table.json)
#
# lung and veteran are data sets of the package survival (LGPL >= 2), exported to CSV; cox_visits is
# drawn by make_cox_fit.R.
library(survival)
library(jsonlite)

number <- function(x) unname(as.numeric(x))
exact <- coxph.control(eps = 1e-14, iter.max = 100)
lung <- read.csv("lung.csv")
veteran <- read.csv("veteran.csv")
veteran$celltype <- factor(veteran$celltype, c("squamous", "smallcell", "adeno", "large"))
visits <- read.csv("cox_visits.csv")

formulas <- lapply(
  list(
    backticks = Surv(time, event) ~ age * sex + factor(ph.ecog) + log(ph.karno),
    polynomial = Surv(time, event) ~ poly(age, 3) + sex
  ),
  function(formula) {
    fit <- coxph(formula, lung, control = exact)
    curve <- survfit(fit, newdata = lung[1:2, ])
    at <- findInterval(c(100, 400), curve$time)
    list(n = fit$n, coef = number(coef(fit)), survival = curve$surv[at, ])
  }
)

fit <- coxph(Surv(start, stop, status) ~ x + z + arm, visits, weights = load, cluster = id,
             control = exact)
curve <- survfit(fit, newdata = visits[1:2, ], conf.type = "log-log")
at <- findInterval(c(3, 8), curve$time)
robust <- list(
  std_error = curve$std.err[at, ], lower = curve$lower[at, ], upper = curve$upper[at, ],
  concordance = unname(concordance(fit)$concordance), concordance_se = sqrt(concordance(fit)$var)
)

fit <- coxph(Surv(time, status) ~ trt + karno + strata(celltype), veteran, control = exact)
strata <- unique(as.character(basehaz(fit, centered = FALSE)$strata))
fit <- coxph(Surv(time, status) ~ celltype + karno, veteran, control = exact)
terms <- cox.zph(fit)$table

fit <- coxph(Surv(time, status) ~ trt * celltype + karno, veteran, ties = "breslow",
             control = exact)
tied <- number(concordance(fit)$count)

curve <- survfit(Surv(time, status) ~ 1, veteran, weights = 1 + karno %% 3)
whole <- list(time = curve$time, std_error = curve$std.err * curve$surv, hazard_se = curve$std.chaz)

answer <- list(
  generator = paste(R.version.string, "survival", packageVersion("survival")),
  formulas = formulas, robust = robust, strata = strata, terms = unname(terms), tied = tied,
  whole = whole
)
write(toJSON(answer, auto_unbox = TRUE, digits = I(17), pretty = TRUE), "cox_table.json")
