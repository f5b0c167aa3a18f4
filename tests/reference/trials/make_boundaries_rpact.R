# Makes the numbers of boundaries_rpact.json again from the arguments that stand there, which are
# those of rpact 4.4.0.
# Rscript make_boundaries_rpact.R
suppressMessages({
    library(rpact)
    library(jsonlite)
})
kept <- fromJSON("boundaries_rpact.json", simplifyVector = FALSE)
again <- lapply(kept$designs, function(case) {
    args <- lapply(case$args, function(x) if (is.list(x)) unlist(x) else x)
    d <- do.call(getDesignGroupSequential, args)
    ch <- getDesignCharacteristics(d)
    p <- if (d$kMax > 1) getPowerAndAverageSampleNumber(d, theta = seq(0, 0.4, 0.1), nMax = 200)
    list(
        args = case$args, critical = d$criticalValues, stage_levels = d$stageLevels,
        alpha_spent = d$alphaSpent, shift = ch$shift, inflation = ch$inflationFactor,
        asn = c(ch$averageSampleNumber0, ch$averageSampleNumber01, ch$averageSampleNumber1),
        rejection = ch$rejectionProbabilities, futility = d$futilityBounds,
        beta_spent = d$betaSpent, power = d$power,
        futility_probability = ch$futilityProbabilities,
        curve = list(theta = p$theta, information = 200, power = p$calculatedPower,
            asn = p$averageSampleNumber)
    )
})
writeLines(toJSON(list(
    generator = paste("rpact", packageVersion("rpact"), R.version.string), designs = again
), digits = 15, auto_unbox = TRUE, na = "null"), "boundaries_rpact_again.json")
