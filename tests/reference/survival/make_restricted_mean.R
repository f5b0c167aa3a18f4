# Reference numbers for restricted means and milestones: restricted_mean.json.
#
# Made with R 4.2.2, survRM2 1.0.4 (GPL-2) and simtrial 1.0.2 (GPL-3); numbers only are kept here.
# Debian has neither package, so this script, which states the calls that give the numbers, has not
# been run where they were checked in. To run it, in this folder:
#   Rscript make_restricted_mean.R
# Data: veteran, colon_death, ovarian and wlr_* come from the package survival (LGPL-2 or later).
library(survRM2)
library(simtrial)
library(jsonlite)

read <- function(name) read.csv(paste0(name, ".csv"))

two_arms <- function(data, time, event, arm, tau, covariates = NULL) {
  frame <- read(data)
  if (data == "colon_death") frame <- subset(frame, rx != "Lev")
  side <- as.integer(eval(parse(text = arm), frame))
  plain <- rmst2(frame[[time]], frame[[event]], side, tau)
  case <- list(dataset = data, arm = arm, tau = tau,
               rmst_arm1 = plain$RMST.arm1$result, rmst_arm0 = plain$RMST.arm0$result,
               contrasts = plain$unadjusted.result)
  if (!is.null(covariates)) {
    x <- as.matrix(frame[covariates])
    adjusted <- rmst2(frame[[time]], frame[[event]], side, tau, covariates = x)
    case$ancova_covariates <- covariates
    case$ancova_diff <- adjusted$RMST.difference.adjusted
    case$ancova_ratio <- adjusted$RMST.ratio.adjusted
    case$ancova_rmtl <- adjusted$RMTL.ratio.adjusted
  }
  case
}

cases <- list(
  two_arms("veteran", "time", "status", "trt == 2", 200, c("age", "karno")),
  two_arms("veteran", "time", "status", "trt == 2", 400, c("age", "karno")),
  two_arms("colon_death", "time", "status", 'rx == "Lev+5FU"', 1000),
  two_arms("colon_death", "time", "status", 'rx == "Lev+5FU"', 2500),
  two_arms("ovarian", "futime", "fustat", "rx == 2", 500))

milestones <- function(data, tau) {
  frame <- read(data)
  mean <- rmst(frame, var_label_tte = "time", var_label_event = "event",
               var_label_group = "arm", tau = tau, reference = "control")
  frame <- data.frame(tte = frame$time, event = frame$event, treatment = frame$arm)
  at <- milestone(frame, ms_time = tau, test_type = "log-log")
  list(dataset = data, tau = tau, rmst_est = mean$estimation, rmst_se = mean$se,
       milestone_est = at$estimate, milestone_se = at$se)
}

tau <- list(wlr_veteran = c(80, 174.4), wlr_colon_death = c(2006, 2483.2), wlr_gbsg = c(1084, 1767))
simtrial <- unlist(lapply(names(tau), function(data)
  lapply(tau[[data]], function(each) milestones(data, each))), recursive = FALSE)
write_json(list(generator = "survRM2 1.0.4", generator_simtrial = "simtrial 1.0.2",
                cases = cases, simtrial = simtrial),
           "restricted_mean.json", digits = NA, auto_unbox = TRUE, na = "null")
