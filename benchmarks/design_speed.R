# The calculations of design_speed.py by rpact: prints its version, then task and best of five runs
# in seconds.
suppressPackageStartupMessages(library(rpact))
best <- function(task, work) {
  invisible(work())
  seconds <- min(sapply(1:5, function(i) system.time(work())[["elapsed"]]))
  cat("row", task, seconds, "\n", sep = "\t")
}
cat("version", as.character(packageVersion("rpact")), "\n", sep = "\t")
twenty <- (1:20) / 20
best("20 looks, O'Brien-Fleming spending", function()
  getDesignGroupSequential(informationRates = twenty, alpha = 0.025, typeOfDesign = "asOF"))
best("20 looks, Hwang-Shih-DeCani -4 spending", function()
  getDesignGroupSequential(informationRates = twenty, alpha = 0.025, typeOfDesign = "asHSD", gammaA = -4))
best("20 looks, spending of alpha and beta", function()
  getDesignGroupSequential(informationRates = twenty, alpha = 0.025, beta = 0.2, typeOfDesign = "asOF",
    typeBetaSpending = "bsHSD", gammaB = -4, bindingFutility = FALSE))
best("20 looks, Pocock", function()
  getDesignGroupSequential(informationRates = twenty, alpha = 0.025, typeOfDesign = "P"))
best("sample size, one look", function()
  getSampleSizeSurvival(getDesignGroupSequential(kMax = 1, alpha = 0.025, beta = 0.2), median2 = 28, hazardRatio = 0.75,
    accrualTime = c(0, 60), followUpTime = 24, dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12))
best("sample size, three looks", function()
  getSampleSizeSurvival(getDesignGroupSequential(informationRates = c(.5, .75, 1), alpha = 0.025, beta = 0.2, typeOfDesign = "asOF"),
    median2 = 28, hazardRatio = 0.75, accrualTime = c(0, 60), followUpTime = 24, dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12))
best("sample size, three hazards in time, five looks", function()
  getSampleSizeSurvival(getDesignGroupSequential(kMax = 5, alpha = 0.025, beta = 0.2, typeOfDesign = "asOF"),
    piecewiseSurvivalTime = c(0, 6, 18), lambda2 = c(1, 1.1, 1.2) * log(2) / 28, hazardRatio = 0.75, accrualTime = c(0, 60), followUpTime = 24))
