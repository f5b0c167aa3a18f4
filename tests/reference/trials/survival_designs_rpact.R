# Makes survival_designs_rpact.json: sample sizes and powers of survival designs by rpact.
# Run in this folder: Rscript survival_designs_rpact.R
suppressPackageStartupMessages({
  library(rpact)
  library(jsonlite)
})

boundaries <- list(
  none = NULL,
  of3 = list(kMax = 3, typeOfDesign = "asOF"),
  hsd4 = list(informationRates = c(0.3, 0.55, 0.8, 1), typeOfDesign = "asHSD", gammaA = -4),
  kd3 = list(informationRates = c(0.4, 0.7, 1), typeOfDesign = "asKD", gammaA = 2),
  pocock2 = list(kMax = 2, typeOfDesign = "P"),
  wt3 = list(kMax = 3, typeOfDesign = "WT", deltaWT = 0.25),
  futile3 = list(kMax = 3, typeOfDesign = "asOF", futilityBounds = c(0, 0.5)),
  beta2 = list(informationRates = c(0.6, 1), typeOfDesign = "asOF", typeBetaSpending = "bsHSD",
               gammaB = -4)
)
piecewise <- list(piecewiseSurvivalTime = c(0, 3, 9, 24), lambda2 = c(0.02, 0.035, 0.02, 0.01))
two_pieces <- list(piecewiseSurvivalTime = c(0, 12), lambda2 = c(0.04, 0.015))
lost <- function(experimental, control) {
  list(dropoutRate1 = experimental, dropoutRate2 = control, dropoutTime = 12)
}
rising <- list(accrualTime = c(0, 4, 10, 28), accrualIntensity = c(3, 7, 14))
relative <- list(accrualTime = c(0, 4, 10, 28), accrualIntensity = c(0.1, 0.3, 0.7))
case <- function(bounds, args, alpha = 0.025, beta = 0.2, computes = "size") {
  list(bounds = bounds, args = args, alpha = alpha, beta = beta, computes = computes)
}

cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
for (ratio in c(0.55, 0.72, 0.85)) {
  add("none", c(list(median2 = 18, hazardRatio = ratio, accrualTime = c(0, 40), followUpTime = 9),
                lost(0.08, 0.03)), beta = 0.1)
  add("of3", c(list(median2 = 24, hazardRatio = ratio, accrualTime = c(0, 48), followUpTime = 20,
                    allocationRatioPlanned = 2), lost(0.1, 0.1)))
  add("hsd4", c(piecewise, list(hazardRatio = ratio, accrualTime = c(0, 36), followUpTime = 15),
                lost(0.02, 0.06)), beta = 0.15)
  add("none", c(two_pieces, list(hazardRatio = ratio, followUpTime = 10,
                                 allocationRatioPlanned = 0.5), relative))
  add("kd3", c(list(median2 = 27.5, hazardRatio = ratio, followUpTime = 14), relative,
               lost(0.05, 0.05)), alpha = 0.0125, beta = 0.1)
  add("none", c(list(typeOfComputation = "Freedman", median2 = 20, hazardRatio = ratio,
                     allocationRatioPlanned = 3, accrualTime = c(0, 30), followUpTime = 18),
                lost(0.04, 0)))
  add("futile3", c(list(median2 = 15, hazardRatio = ratio, accrualTime = c(0, 24),
                        followUpTime = 12, allocationRatioPlanned = 1.5)), beta = 0.1)
  add("beta2", c(two_pieces, list(hazardRatio = ratio, accrualTime = c(0, 24), followUpTime = 18),
                 lost(0.1, 0.05)), beta = 0.1)
}
for (margin in c(1.15, 1.25, 1.4)) {
  add("pocock2", c(list(thetaH0 = margin, hazardRatio = 0.95, median2 = 30,
                        accrualTime = c(0, 50), followUpTime = 24), lost(0.05, 0.02)))
  add("none", c(list(thetaH0 = margin, hazardRatio = 1, followUpTime = 30,
                     allocationRatioPlanned = 2), two_pieces, relative), beta = 0.1)
}
add("none", c(list(median2 = 14, hazardRatio = 0.62), rising, lost(0.05, 0.1)))
add("of3", c(list(median2 = 14, hazardRatio = 0.65), rising))
add("wt3", c(list(median2 = 10, hazardRatio = 0.6, accrualTime = c(0, 30),
                  maxNumberOfSubjects = 220), lost(0.05, 0.05)))
add("hsd4", c(piecewise, list(hazardRatio = 0.6, accrualTime = c(0, 20),
                              maxNumberOfSubjects = 420), lost(0.02, 0.02)))
for (ratio in c(0.6, 0.8, 1, 1.1)) {
  add("none", c(two_pieces, list(hazardRatio = ratio, accrualTime = c(0, 30),
                                 maxNumberOfSubjects = 300, maxNumberOfEvents = 140),
                lost(0.1, 0.05)), computes = "power")
  add("of3", c(list(median2 = 16, hazardRatio = ratio, maxNumberOfSubjects = 306,
                    maxNumberOfEvents = 180, allocationRatioPlanned = 2), rising),
      computes = "power")
  add("hsd4", c(piecewise, list(hazardRatio = ratio, accrualTime = c(0, 36),
                                maxNumberOfSubjects = 500, maxNumberOfEvents = 220),
                lost(0.03, 0.03)), computes = "power")
}

kept <- c("maxNumberOfEvents", "maxNumberOfSubjects", "analysisTime", "rejectPerStage",
          "overallReject", "criticalValuesEffectScale", "expectedEventsH0", "expectedEventsH1",
          "expectedNumberOfEvents", "expectedNumberOfSubjectsH1", "expectedNumberOfSubjects",
          "studyDuration", "cumulativeEventsPerStage", "numberOfSubjects")
made <- lapply(cases, function(one) {
  design <- boundaries[[one$bounds]]
  args <- one$args
  level <- list(alpha = one$alpha, beta = one$beta)
  if (!is.null(design)) {
    args$design <- do.call(getDesignGroupSequential, c(design, level, list(sided = 1)))
  } else {
    args <- c(args, if (one$computes == "size") level else level["alpha"])
  }
  if (one$computes == "power") args$directionUpper <- FALSE
  run <- if (one$computes == "size") getSampleSizeSurvival else getPowerSurvival
  found <- suppressWarnings(do.call(run, args))
  result <- lapply(setNames(kept, kept), function(name) {
    value <- tryCatch(found[[name]], error = function(e) NULL)
    if (is.null(value) || all(is.na(value))) NULL else as.numeric(value)
  })
  list(design = c(design, level), args = one$args, computes = one$computes,
       result = Filter(Negate(is.null), result))
})
cat(length(made), "designs\n")
write_json(
  list(generator = paste("rpact", packageVersion("rpact"), R.version.string), designs = made),
  "survival_designs_rpact.json", digits = 15, auto_unbox = TRUE
)
