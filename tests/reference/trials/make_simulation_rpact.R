# Simulated power by rpact, for tests/trials/simulation/test_reference_rpact.py.
# Rscript make_simulation_rpact.R > simulation_rpact.json
suppressPackageStartupMessages({
  library(rpact)
  library(jsonlite)
})
iterations <- 60000
run <- function(name, patients, events, design, ...) {
  given <- list(...)
  found <- suppressWarnings(getSimulationSurvival(
    design, directionUpper = FALSE, plannedEvents = events, maxNumberOfSubjects = patients,
    accrualTime = c(0, 30), dropoutRate1 = 0.03, dropoutRate2 = 0.03, dropoutTime = 12,
    maxNumberOfIterations = iterations, seed = 7, ...
  ))
  list(
    name = name, patients = patients, events = events, arguments = given,
    efficacy_z = as.numeric(design$criticalValues),
    reject = as.numeric(found$overallReject),
    reject_by_look = as.numeric(found$rejectPerStage),
    month = as.numeric(found$analysisTime), iterations = iterations
  )
}
one <- getDesignGroupSequential(kMax = 1, alpha = 0.025)
three <- getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "OF")
rate <- log(2) / 20
cases <- list(
  run("equal arms", 600, 380, one, lambda2 = rate, hazardRatio = 0.75),
  run("two to one", 672, 427, one, lambda2 = rate, hazardRatio = 0.75, allocation1 = 2),
  run("two to one, null", 672, 427, one, lambda2 = rate, hazardRatio = 1, allocation1 = 2),
  run("three looks", 600, c(130, 260, 390), three, lambda2 = rate, hazardRatio = 0.75),
  run("hazards in time", 600, c(130, 260, 390), three,
      piecewiseSurvivalTime = c(0, 6, 18), lambda2 = c(0.02, 0.04, 0.03), hazardRatio = 0.75)
)
cat(toJSON(list(generator = paste("rpact", packageVersion("rpact")), cases = cases),
           auto_unbox = TRUE, digits = 10, pretty = TRUE), "\n")
