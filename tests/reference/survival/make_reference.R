# Reference numbers for tests/survival, made with R and its package survival alone.
#
#   Rscript make_reference.R        (in this folder; writes survival.json)
#
# aml, heart, lung, ovarian and veteran are data sets of that package, exported to CSV; colon is the
# packaged example. Every number is written with 17 digits, so that nothing is lost.
library(survival)
options(warn = 2)

number <- function(x) {
  text <- ifelse(is.na(x) | is.infinite(x), "null", sprintf("%.17g", x))
  paste0("[", paste(text, collapse = ", "), "]")
}
text <- function(x) paste0("\"", x, "\"")
object <- function(...) {
  fields <- list(...)
  paste0("{", paste0(text(names(fields)), ": ", unlist(fields), collapse = ", "), "}")
}
array <- function(items) paste0("[\n", paste(unlist(items), collapse = ",\n"), "\n]")

read <- function(name) {
  if (name == "colon") {
    path <- file.path("..", "..", "..", "src", "debulk", "data", "examples", "colon.csv")
    frame <- subset(read.csv(path), etype == 2)
    frame$rx <- factor(frame$rx, levels = c("Obs", "Lev", "Lev+5FU"))
    return(frame)
  }
  frame <- read.csv(paste0(name, ".csv"))
  if (name == "veteran") frame$load <- 1 + (seq_len(nrow(frame)) %% 4) / 3
  frame
}

curve <- function(name, formula, conf_type, tau, weighted = FALSE) {
  frame <- read(name)
  formula <- as.formula(formula)
  # do.call puts the values into the call, where residuals() looks for them later.
  arguments <- list(formula, data = frame, conf.type = conf_type)
  if (weighted) arguments <- c(arguments, list(weights = frame$load, robust = TRUE))
  fit <- do.call(survfit, arguments)
  q <- quantile(fit, c(0.25, 0.5, 0.75))
  mean <- summary(fit, rmean = tau)$table
  se <- mean[["se(rmean)"]]
  if (weighted) {
    # The summary takes weights for counts; the jackknife takes each subject's influence.
    influence <- residuals(fit, times = tau, type = "rmst")
    se <- sqrt(sum((influence * frame$load)^2))
  }
  object(
    data = text(name), formula = text(deparse(formula)), conf_type = text(conf_type),
    weighted = if (weighted) "true" else "false",
    time = number(fit$time), at_risk = number(fit$n.risk), events = number(fit$n.event),
    survival = number(fit$surv),
    std_error = number(summary(fit, times = fit$time)$std.err),
    lower = number(fit$lower), upper = number(fit$upper),
    quantile = number(q$quantile), quantile_lower = number(q$lower),
    quantile_upper = number(q$upper), tau = tau,
    rmst = number(mean[["rmean"]]), rmst_se = number(se)
  )
}

test <- function(name, formula, rho) {
  fit <- survdiff(as.formula(formula), data = read(name), rho = rho)
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  df <- length(fit$n) - 1
  object(
    data = text(name), formula = text(formula), rho = rho,
    observed = number(total(fit$obs)), expected = number(total(fit$exp)),
    chisq = number(fit$chisq), df = df,
    p = number(pchisq(fit$chisq, df, lower.tail = FALSE))
  )
}

ratio <- function(name, formula, ties) {
  fit <- coxph(as.formula(formula), data = read(name), ties = ties,
               control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50))
  object(
    data = text(name), formula = text(formula), ties = text(ties),
    coef = number(coef(fit)), se = number(sqrt(diag(vcov(fit)))),
    p = number(summary(fit)$coefficients[, "Pr(>|z|)"])
  )
}

difference <- function(name, formula, tau) {
  mean <- summary(survfit(as.formula(formula), data = read(name)), rmean = tau)$table
  object(
    data = text(name), formula = text(formula), tau = tau,
    estimate = number(mean[2, "rmean"] - mean[1, "rmean"]),
    se = number(sqrt(sum(mean[, "se(rmean)"]^2)))
  )
}

curves <- list()
for (conf_type in c("plain", "log", "log-log")) {
  curves <- c(curves, list(
    curve("lung", "Surv(time, event) ~ 1", conf_type, 365),
    curve("ovarian", "Surv(futime, fustat) ~ 1", conf_type, 1000),
    curve("aml", "Surv(time, status) ~ 1", conf_type, 45),
    curve("veteran", "Surv(time, status) ~ 1", conf_type, 200, weighted = TRUE),
    curve("heart", "Surv(start, stop, event) ~ 1", conf_type, 1000)
  ))
}
tests <- list()
for (rho in c(0, 1)) {
  tests <- c(tests, list(
    test("lung", "Surv(time, event) ~ sex", rho),
    test("veteran", "Surv(time, status) ~ celltype", rho),
    test("veteran", "Surv(time, status) ~ trt + strata(celltype)", rho),
    test("ovarian", "Surv(futime, fustat) ~ rx", rho),
    test("colon", "Surv(time, status) ~ rx", rho)
  ))
}
ratios <- list()
for (ties in c("efron", "breslow")) {
  ratios <- c(ratios, list(
    ratio("lung", "Surv(time, event) ~ sex", ties),
    ratio("veteran", "Surv(time, status) ~ trt", ties),
    ratio("ovarian", "Surv(futime, fustat) ~ rx", ties),
    ratio("aml", "Surv(time, status) ~ x", ties),
    ratio("colon", "Surv(time, status) ~ rx", ties)
  ))
}
differences <- list(
  difference("veteran", "Surv(time, status) ~ trt", 200),
  difference("ovarian", "Surv(futime, fustat) ~ rx", 500),
  difference("lung", "Surv(time, event) ~ sex", 730)
)
made_with <- paste(R.version.string, "survival", packageVersion("survival"))
writeLines(
  object(made_with = text(made_with), curves = array(curves), tests = array(tests),
         ratios = array(ratios),
         differences = array(differences)),
  "survival.json"
)
