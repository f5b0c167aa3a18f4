# Reference numbers of trial designs for `debulk qualify`: Rscript designs.R designs.json
# R 4.2.2, rpact 3.3.4, jsonlite.
suppressPackageStartupMessages({library(rpact); library(jsonlite)})
args <- commandArgs(TRUE)
checks <- list()
add <- function(name, values, tolerance) {
  for (i in seq_along(values)) {
    label <- if (length(values) == 1) name else sprintf("%s/%d", name, i)
    checks[[length(checks) + 1]] <<- list(name = label, value = values[i], tolerance = tolerance)
  }
}
z <- 1e-6
add("Z, O'Brien-Fleming, 3 looks", getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "OF")$criticalValues, z)
add("Z, Pocock, 5 looks, two-sided", getDesignGroupSequential(kMax = 5, alpha = 0.05, sided = 2, typeOfDesign = "P")$criticalValues, z)
add("Z, Wang-Tsiatis 0.25, 4 looks", getDesignGroupSequential(kMax = 4, alpha = 0.025, typeOfDesign = "WT", deltaWT = 0.25)$criticalValues, z)
add("Z, O'Brien-Fleming spending, 50, 75 and 100 %", getDesignGroupSequential(informationRates = c(.5, .75, 1), alpha = 0.025, typeOfDesign = "asOF")$criticalValues, z)
add("Z, Pocock spending, 4 looks", getDesignGroupSequential(kMax = 4, alpha = 0.025, typeOfDesign = "asP")$criticalValues, z)
add("Z, Kim-DeMets 2, 3 looks", getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "asKD", gammaA = 2)$criticalValues, z)
add("Z, Hwang-Shih-DeCani -4, 3 looks", getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "asHSD", gammaA = -4)$criticalValues, z)
futile <- getDesignGroupSequential(informationRates = c(.4, .7, 1), alpha = 0.025, beta = 0.2, typeOfDesign = "asOF",
  typeBetaSpending = "bsHSD", gammaB = -2, bindingFutility = FALSE)
add("futility Z, Hwang-Shih-DeCani -2, 40 and 70 %", futile$futilityBounds, 1e-5)
one <- getDesignGroupSequential(kMax = 1, alpha = 0.05, sided = 2, beta = 0.2)
six <- getSampleSizeSurvival(one, median2 = 18, hazardRatio = 0.75, accrualTime = c(0, 60), followUpTime = 24, dropoutRate1 = 0.02, dropoutRate2 = 0.02, dropoutTime = 12)
add("events, 6 months on 18 (hazard ratio 0.75)", six$eventsFixed, z)
add("patients, 6 months on 18 (hazard ratio 0.75)", six$nFixed, z)
late <- getSampleSizeSurvival(one, median2 = 27.5, hazardRatio = 27.5 / 33.5, accrualTime = c(0, 60), followUpTime = 24)
add("events, 6 months on 27.5", late$eventsFixed, z)
add("patients, 6 months on 27.5", late$nFixed, z)
looks <- getDesignGroupSequential(informationRates = c(.5, .75, 1), alpha = 0.025, beta = 0.1, typeOfDesign = "asOF")
grown <- getSampleSizeSurvival(looks, median2 = 20, hazardRatio = 0.7, accrualTime = c(0, 36), followUpTime = 12, allocationRatioPlanned = 2)
add("events by look, hazard ratio 0.7, allocation 2 : 1", grown$eventsPerStage[, 1], z)
add("patients, hazard ratio 0.7, allocation 2 : 1", grown$maxNumberOfSubjects, z)
add("critical hazard ratio, allocation 2 : 1", grown$criticalValuesEffectScale[, 1], z)
margin <- getSampleSizeSurvival(getDesignGroupSequential(kMax = 1, alpha = 0.025, beta = 0.1), median2 = 40, hazardRatio = 1, thetaH0 = 1.3, accrualTime = c(0, 48), followUpTime = 24)
add("events, non-inferiority, margin 1.3", margin$eventsFixed, z)
free <- getSampleSizeSurvival(one, median2 = 18, hazardRatio = 0.75, accrualTime = c(0, 60), followUpTime = 24, typeOfComputation = "Freedman")
add("events, Freedman", free$eventsFixed, z)
power <- getPowerSurvival(getDesignGroupSequential(kMax = 1, alpha = 0.025), median2 = 27.5, hazardRatio = 0.75, accrualTime = c(0, 60), maxNumberOfSubjects = 382, maxNumberOfEvents = 300, directionUpper = FALSE)
add("power, 300 events, hazard ratio 0.75", power$overallReject, z)
add("month of 300 events, 382 patients", power$analysisTime[1, 1], 1e-5)
write_json(list(generator = paste(R.version.string, "rpact", packageVersion("rpact")), checks = checks),
  args[1], auto_unbox = TRUE, digits = 17, pretty = TRUE)
