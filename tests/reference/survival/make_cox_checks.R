# Reference numbers for tests/survival/cox_model: residuals, proportionality, baseline and predictions.
#
#   Rscript make_cox_checks.R       (in this folder; writes cox_checks.json)
#
# Made with R 4.2.2 and its package survival 3.5-3 alone; heart, lung, ovarian, pbc and veteran are
# data sets of that package (LGPL >= 2), exported to CSV; pbc_rct_ipw is pbc's randomised part
# with inverse probability weights. Every number is written with 17 digits. Values by row are given for every
# ninth row, those by event and time in matrices for every sixth.
library(survival)
options(warn = 2)

number <- function(x) {
  text <- ifelse(is.na(x) | is.infinite(x), "null", sprintf("%.17g", x))
  paste0("[", paste(text, collapse = ", "), "]")
}
matrix_of <- function(x) {
  x <- as.matrix(x)
  paste0("[", paste(apply(x, 1, number), collapse = ", "), "]")
}
text <- function(x) paste0("\"", x, "\"")
thin <- function(x) {
  x <- as.matrix(x)
  matrix_of(x[seq(1, nrow(x), by = 6), , drop = FALSE])
}
texts <- function(x) paste0("[", paste(text(x), collapse = ", "), "]")
object <- function(fields) {
  paste0("{", paste0(text(names(fields)), ": ", unlist(fields), collapse = ",\n "), "}")
}

read <- function(name) {
  frame <- read.csv(paste0(name, ".csv"))
  frame$load <- 1 + (seq_len(nrow(frame)) %% 4) / 3
  if (!is.null(frame$time)) frame$coarse <- ceiling(frame$time / 90)
  frame
}

table_of <- function(zph) {
  object(list(
    term = texts(rownames(zph$table)), chi_square = number(zph$table[, 1]),
    df = number(zph$table[, 2]), p = number(zph$table[, 3])
  ))
}

case <- function(name, formula, ties, new, weights = NULL, robust = FALSE, conf_type = "log-log") {
  frame <- read(name)
  frame <- frame[complete.cases(frame[, all.vars(as.formula(formula))]), ]
  arguments <- list(as.formula(formula), data = frame, ties = ties, x = TRUE, model = TRUE,
                    control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50),
                    robust = robust)
  if (!is.null(weights)) arguments$weights <- frame[[weights]]
  fit <- do.call(coxph, arguments)
  rows <- seq(1, nrow(frame), by = 9)
  some <- function(type) {
    number_or_matrix <- as.matrix(residuals(fit, type = type))
    matrix_of(number_or_matrix[rows, , drop = FALSE])
  }
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  strata <- attr(terms(fit), "specials")$strata
  base <- basehaz(fit, centered = FALSE)
  curves <- survfit(fit, newdata = new, conf.type = conf_type)
  plotted <- cox.zph(fit, terms = FALSE)
  fields <- list(
    data = text(name), formula = text(gsub("\"", "'", formula)), ties = text(ties),
    weights = if (is.null(weights)) "null" else text(weights),
    names = texts(names(coef(fit))), coef = number(coef(fit)),
    naive_covariance = matrix_of(naive), covariance = matrix_of(fit$var),
    martingale = some("martingale"), deviance = some("deviance"), score = some("score"),
    dfbeta = some("dfbeta"), dfbetas = some("dfbetas"), partial = some("partial"),
    schoenfeld = thin(residuals(fit, type = "schoenfeld")),
    scaled = thin(residuals(fit, type = "scaledsch")),
    zph = object(sapply(c("km", "identity", "rank", "log"), function(g) {
      table_of(cox.zph(fit, transform = g, terms = FALSE))
    })),
    zph_root = table_of(cox.zph(fit, transform = sqrt, terms = FALSE)),
    zph_terms = table_of(cox.zph(fit)),
    plot_time = number(plotted$time), plot_x = number(plotted$x), plot_y = thin(plotted$y),
    hazard_time = number(base$time), hazard = number(base$hazard),
    new = matrix_of(model.matrix(delete.response(terms(fit)), model.frame(
      delete.response(terms(fit)), new, xlev = fit$xlevels))[, names(coef(fit)), drop = FALSE]),
    conf_type = text(conf_type),
    curve_time = number(curves$time), curve_length = number(curves$strata),
    survival = thin(curves$surv), std_error = thin(curves$std.err),
    lower = thin(curves$lower), upper = thin(curves$upper)
  )
  if (!is.null(strata)) {
    column <- sub(".*strata\\((\\w+)\\).*", "\\1", formula)
    fields$new_stratum <- texts(as.character(new[[column]]))
  }
  if (grepl("offset", formula)) fields$new_offset <- number(new$age / 100)
  object(fields)
}

lung_new <- data.frame(age = c(50, 70), sex = c(1, 2), ph.ecog = c(0, 1))
heart_new <- data.frame(age = c(-10, 5), year = c(1, 4), surgery = c(0, 1), transplant = c(0, 1))
veteran_new <- data.frame(trt = c(1, 2), age = c(60, 45), karno = c(60, 90),
                          celltype = c("smallcell", "adeno"), prior = c(0, 10))
items <- list()
for (ties in c("efron", "breslow")) {
  items <- c(items, list(
    case("lung", "Surv(time, event) ~ age + sex + ph.ecog", ties, lung_new, conf_type = "log"),
    case("lung", "Surv(coarse, event) ~ age + ph.ecog + strata(sex)", ties, lung_new, "load"),
    case("lung", "Surv(time, event) ~ sex + offset(age/100)", ties, lung_new, conf_type = "plain"),
    case("heart", "Surv(start, stop, event) ~ age + year + transplant + strata(surgery)", ties,
         heart_new, "load"),
    case("heart", "Surv(start, stop, event) ~ age + year + surgery + transplant", ties,
         heart_new),
    case("veteran", "Surv(time, status) ~ trt + age + karno + celltype", ties, veteran_new),
    case("veteran", "Surv(coarse, status) ~ trt + karno + celltype + strata(prior)", ties,
         veteran_new, "load", TRUE),
    case("veteran", "Surv(time, status) ~ trt + age + karno + strata(celltype)", ties,
         veteran_new),
    case("pbc_rct_ipw", "Surv(time, death) ~ a + age + logbili", ties,
         data.frame(a = 0:1, age = c(40, 60), logbili = c(0, 1)), "ipw", TRUE)
  ))
}
# All follow-up ends at one time.
tied <- sapply(c("efron", "breslow"), function(ties) {
  frame <- read.csv("ovarian.csv")
  fit <- coxph(Surv(rep(7, nrow(frame)), fustat) ~ age + rx, data = frame, ties = ties)
  base <- basehaz(fit, centered = FALSE)
  object(list(
    coef = number(coef(fit)), martingale = number(residuals(fit, type = "martingale")),
    score = matrix_of(residuals(fit, type = "score")),
    schoenfeld = matrix_of(residuals(fit, type = "schoenfeld")), hazard = number(base$hazard)
  ))
})

generator <- paste(R.version.string, "survival", packageVersion("survival"))
cases <- paste(unlist(items), collapse = ",\n")
writeLines(
  paste0("{\"generator\": ", text(generator), ",\n\"cases\": [\n", cases, "\n],\n\"tied\": ",
    object(tied), "}"),
  "cox_checks.json"
)
