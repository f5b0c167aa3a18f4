# Numbers of boundaries_inference.json: rpact's designs of Pampallona and Tsiatis, two-sided
# spending, and its inference after a group-sequential survival trial.
# Rscript make_boundaries_inference.R
suppressMessages({
    library(rpact)
    library(jsonlite)
})

design_case <- function(name, ...) {
    d <- getDesignGroupSequential(...)
    ch <- getDesignCharacteristics(d)
    list(
        name = name, args = list(...), critical = d$criticalValues,
        futility = d$futilityBounds, shift = ch$shift
    )
}

designs <- list(
    design_case("pt-binding", informationRates = c(1, 2, 3) / 3, alpha = 0.025, beta = 0.2,
        typeOfDesign = "PT", deltaPT1 = 0, deltaPT0 = 0, bindingFutility = TRUE, tolerance = 1e-10),
    design_case("pt-not-binding", informationRates = c(0.3, 0.7, 1), alpha = 0.025, beta = 0.1,
        typeOfDesign = "PT", deltaPT1 = 0.1, deltaPT0 = 0.3, bindingFutility = FALSE,
        tolerance = 1e-10),
    design_case("hsd-binding", informationRates = c(0.3, 0.7, 1), alpha = 0.025, beta = 0.1,
        typeOfDesign = "asHSD", gammaA = -4, typeBetaSpending = "bsHSD", gammaB = 1,
        bindingFutility = TRUE),
    design_case("user-both", informationRates = c(0.3, 0.7, 1), alpha = 0.025, beta = 0.1,
        typeOfDesign = "asUser", userAlphaSpending = c(0.001, 0.01, 0.025),
        typeBetaSpending = "bsUser", userBetaSpending = c(0.01, 0.05, 0.1)),
    design_case("hsd-0", informationRates = c(0.3, 0.7, 1), alpha = 0.025, beta = 0.1,
        typeOfDesign = "asHSD", gammaA = 0),
    # rpact calls two-sided beta spending experimental; where the one-sided bound would be below
    # 0 it has none and spends beta anew over the later looks, which debulk does not.
    design_case("two-sided-pocock", informationRates = c(1, 2, 3) / 3, sided = 2, alpha = 0.05,
        beta = 0.2, typeOfDesign = "asP", typeBetaSpending = "bsP"),
    design_case("two-sided-binding", informationRates = c(1, 2, 3) / 3, sided = 2, alpha = 0.05,
        beta = 0.1, typeOfDesign = "asOF", typeBetaSpending = "bsKD", gammaB = 1,
        bindingFutility = TRUE),
    design_case("two-sided-pt", informationRates = c(0.3, 0.7, 1), sided = 2, alpha = 0.05,
        beta = 0.1, typeOfDesign = "PT", deltaPT1 = 0.2, deltaPT0 = 0.3, bindingFutility = FALSE,
        tolerance = 1e-10),
    design_case("two-sided-pt-binding", informationRates = c(0.3, 0.7, 1), sided = 2, alpha = 0.05,
        beta = 0.1, typeOfDesign = "PT", deltaPT1 = 0.2, deltaPT0 = 0.3, bindingFutility = TRUE,
        tolerance = 1e-10)
)

# Survival data: cumulative events and log-rank statistics; rpact's Z > 0 with directionUpper.
inference_case <- function(name, design, events, z, stage) {
    data <- getDataset(
        overallEvents = events[1:stage], overallLogRanks = z[1:stage],
        overallAllocationRatios = rep(1, stage)
    )
    ar <- getAnalysisResults(design, data, stage = stage, directionUpper = TRUE)
    list(
        name = name, events = events, z = z[1:stage], stage = stage,
        final_p = na.omit(ar$finalPValues), final_lower = na.omit(ar$finalConfidenceIntervalLowerBounds),
        final_upper = na.omit(ar$finalConfidenceIntervalUpperBounds),
        final_median = na.omit(ar$medianUnbiasedEstimates),
        repeated_lower = ar$repeatedConfidenceIntervalLowerBounds,
        repeated_upper = ar$repeatedConfidenceIntervalUpperBounds,
        repeated_p = ar$repeatedPValues
    )
}

rates <- c(0.4, 0.7, 1)
events <- c(120, 210, 300)
of <- getDesignGroupSequential(informationRates = rates, alpha = 0.025, typeOfDesign = "OF",
    tolerance = 1e-10)
ld <- getDesignGroupSequential(informationRates = rates, alpha = 0.025, typeOfDesign = "asOF",
    tolerance = 1e-10)
p <- getDesignGroupSequential(informationRates = rates, alpha = 0.025, typeOfDesign = "asP",
    tolerance = 1e-10)
inference <- list(
    inference_case("of", of, events, c(1.2, 2.6, 2.9), 2),
    inference_case("ld", ld, events, c(1.2, 1.9, 2.4), 3),
    inference_case("ld", ld, events, c(1.2, 1.9, 0.4), 3),
    inference_case("pocock", p, events, c(2.9, 2.6, 2.9), 1)
)
writeLines(toJSON(list(
    generator = paste("rpact", packageVersion("rpact"), R.version.string),
    designs = designs, inference = inference
), digits = 15, auto_unbox = TRUE, pretty = TRUE), "boundaries_inference.json")
