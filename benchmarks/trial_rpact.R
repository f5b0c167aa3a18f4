# The trial of trial_simulation.py by rpact: prints its version, processor seconds, power, for one
# look and for three. Argument: number of trials.
suppressPackageStartupMessages(library(rpact))
trials <- as.integer(commandArgs(trailingOnly = TRUE)[1])
run <- function(design, events, trials) {
  getSimulationSurvival(
    design, lambda2 = log(2) / 28, hazardRatio = 0.75, directionUpper = FALSE,
    plannedEvents = events, maxNumberOfSubjects = 382, accrualTime = c(0, 60),
    dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12,
    maxNumberOfIterations = trials, seed = 1
  )
}
one <- getDesignGroupSequential(kMax = 1, alpha = 0.025)
three <- getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "OF")
for (task in c("one", "three")) {
  design <- if (task == "one") one else three
  events <- if (task == "one") 300 else c(150, 225, 300)
  invisible(run(design, events, 10))
  seconds <- system.time(found <- run(design, events, trials))
  cat(task, as.character(packageVersion("rpact")), sum(seconds[c("user.self", "sys.self")]),
      found$overallReject, "\n", sep = "\t")
}
