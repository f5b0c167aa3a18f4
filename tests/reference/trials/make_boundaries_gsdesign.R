# Makes the numbers of boundaries_gsdesign.json again from the arguments that stand there.
# Rscript make_boundaries_gsdesign.R
suppressMessages({
    library(gsDesign)
    library(jsonlite)
})
kept <- fromJSON("boundaries_gsdesign.json", simplifyVector = FALSE)
spending <- list(
    sfLDOF = sfLDOF, sfLDPocock = sfLDPocock, sfHSD = sfHSD, OF = "OF", Pocock = "Pocock"
)
again <- lapply(kept$designs, function(case) {
    args <- case$args
    args$sfu <- spending[[args$sfu]]
    if (!is.null(args$sfl)) args$sfl <- spending[[args$sfl]]
    d <- do.call(gsDesign, c(args, r = 80, tol = 1e-10))
    list(
        args = case$args, timing = d$timing, upper = d$upper$bound, lower = d$lower$bound,
        nI = d$n.I, en = d$en, upperProb = d$upper$prob, lowerProb = d$lower$prob
    )
})
writeLines(toJSON(list(generator = "gsDesign", designs = again), digits = 15, auto_unbox = TRUE),
    "boundaries_gsdesign_again.json")
