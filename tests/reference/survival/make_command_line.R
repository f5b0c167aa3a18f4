# Numbers behind tests/reference/survival/command_line.json: what `debulk survival` prints, from R.
# R 4.2.2, survival 3.5-3, cmprsk 2.2-11, jsonlite. Data: the CSV files beside this script, from the
# R package survival (LGPL >= 2). Run in this folder: Rscript make_command_line.R
suppressMessages({
  library(survival)
  library(cmprsk)
})
ratios <- function(fit, rows) {
  table <- summary(fit)$conf.int
  lapply(rows, function(row) unname(table[row, c(1, 3, 4)]))
}
heart <- read.csv("heart.csv")
pbc <- read.csv("pbc_rct_ipw.csv")
mgus2 <- read.csv("mgus2.csv")
veteran <- read.csv("veteran.csv")
complete <- mgus2[complete.cases(mgus2[, c("age", "mspike")]), ]
male <- function(d) as.numeric(d$sex == "M")

truncated <- coxph(Surv(start, stop, event) ~ transplant, heart)
weighted <- coxph(Surv(time, death) ~ factor(trt), pbc, weights = ipw, robust = TRUE)
weighted_age <- coxph(Surv(time, death) ~ factor(trt) + age + sex, pbc, weights = ipw, robust = TRUE)
stratified <- coxph(Surv(time, status) ~ factor(trt) + strata(celltype), veteran)
difference <- survdiff(Surv(time, status) ~ trt + strata(celltype), veteran)
late <- veteran[veteran$time >= 30, ]
late$time <- late$time - 30
landmark <- survdiff(Surv(time, status) ~ trt, late)
specific <- coxph(Surv(etime, ev == 1) ~ male(complete) + age + mspike, complete)
zph <- cox.zph(specific)$table
adjusted <- crr(complete$etime, complete$ev, cbind(male(complete), complete$age, complete$mspike))
plain <- crr(mgus2$etime, mgus2$ev, cbind(male(mgus2)))
gray <- cuminc(mgus2$etime, mgus2$ev, mgus2$sex)$Tests

numbers <- list(
  truncated = ratios(truncated, 1)[[1]],
  weighted = ratios(weighted, 1)[[1]],
  weighted_wald = unname(weighted$wald.test),
  weighted_age = ratios(weighted_age, 1:3),
  stratified = ratios(stratified, 1)[[1]],
  stratified_chisq = difference$chisq,
  landmark_chisq = landmark$chisq,
  landmark_n = nrow(late),
  specific = ratios(specific, 1:3),
  zph = unname(zph[, 1]),
  fine_gray_adjusted = ratios(adjusted, 1:3),
  fine_gray = ratios(plain, 1)[[1]],
  gray = unname(gray[1, 1:2])
)
writeLines(jsonlite::toJSON(numbers, digits = NA, auto_unbox = TRUE, pretty = TRUE), "command_line.json")
