# Reference numbers for tests/survival/rank and the concordance tests.
#
#   Rscript make_rank_tests.R        (in this folder; writes rank_tests.json)
#
# Made with R 4.2.2, survival 3.5-3, mvtnorm 1.1-3, jsonlite 1.8.4. The data sets are those of the
# package survival (LGPL >= 2), exported to CSV; colon is the packaged example. Only numbers are kept.
#
# survdiff has no entry times: there, and for trend, the score test of coxph with exact ties is the
# log-rank test with its hypergeometric variance.
library(survival)
library(mvtnorm)
library(jsonlite)

read <- function(name) {
  if (startsWith(name, "colon")) {
    path <- file.path("..", "..", "..", "src", "debulk", "data", "examples", "colon.csv")
    frame <- subset(read.csv(path), etype == if (name == "colon_death") 2 else 1)
    frame$rx <- factor(frame$rx, levels = c("Obs", "Lev", "Lev+5FU"))
    return(frame)
  }
  frame <- read.csv(paste0(name, ".csv"))
  if (name == "lung") {
    frame$load <- 0.5 + (seq_len(nrow(frame)) %% 5) / 4
    frame$begin <- floor(0.3 * frame$time)
  }
  if (name == "heart") frame$band <- as.integer(cut(frame$age, c(-Inf, -5, 3, Inf)))
  frame
}

# --- survdiff ---------------------------------------------------------------------------------
designs <- list(
  list("lung", "time", "event", "sex", NULL), list("veteran", "time", "status", "trt", NULL),
  list("veteran", "time", "status", "celltype", NULL),
  list("colon_death", "time", "status", "rx", NULL),
  list("colon_recur", "time", "status", "rx", NULL),
  list("ovarian", "futime", "fustat", "rx", NULL),
  list("veteran", "time", "status", "trt", "celltype"),
  list("lung", "time", "event", "sex", "ph.ecog"),
  list("colon_death", "time", "status", "rx", "extent"))
survdiffs <- list()
for (design in designs) for (rho in c(0, 0.5, 1, -0.5)) {
  frame <- read(design[[1]])
  terms <- paste0(design[[4]], if (!is.null(design[[5]])) paste0("+strata(", design[[5]], ")"))
  fit <- survdiff(as.formula(sprintf("Surv(%s,%s)~%s", design[[2]], design[[3]], terms)), frame,
                  rho = rho)
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  survdiffs[[length(survdiffs) + 1]] <- list(
    data = design[[1]], time = design[[2]], event = design[[3]], group = design[[4]],
    strata = design[[5]], rho = rho, observed = unname(total(fit$obs)),
    expected = unname(total(fit$exp)), variance = unname(fit$var), statistic = fit$chisq,
    df = length(fit$n) - 1)
}

# --- entry times and trend: score tests of Cox models -------------------------------------------
score <- function(formula, frame) coxph(formula, frame, ties = "exact")$score
heart <- read("heart")
lung <- read("lung")
veteran <- read("veteran")
cells <- c("squamous", "large", "smallcell", "adeno")
veteran$place <- match(veteran$celltype, cells)
veteran$uneven <- c(0, 1, 5, 7)[veteran$place]
entries <- list(
  heart = score(Surv(start, stop, event) ~ factor(band), heart),
  heart_strata = score(Surv(start, stop, event) ~ factor(band) + strata(surgery), heart),
  lung = score(Surv(begin, time, event) ~ sex, lung))
trends <- list(
  heart_strata = score(Surv(start, stop, event) ~ band + strata(surgery), heart),
  veteran = score(Surv(time, status) ~ place, veteran),
  veteran_uneven = score(Surv(time, status) ~ uneven, veteran),
  veteran_strata = score(Surv(time, status) ~ uneven + strata(trt), veteran))

# --- one sample -----------------------------------------------------------------------------------
rate <- 0.0025
one <- survdiff(Surv(time, event) ~ offset(exp(-rate * time)), lung)
limits <- poisson.test(sum(lung$event), rate * sum(lung$time))
one_sample <- list(rate = rate, observed = one$obs, expected = one$exp, statistic = one$chisq,
                   lower = limits$conf.int[1], upper = limits$conf.int[2],
                   ratio = unname(limits$estimate))

# --- the largest of correlated normal numbers -------------------------------------------------
# Deterministic integration (Miwa) where the correlation is regular.
largest <- list()
for (bound in c(0.5, 1.5, 2.5, 3.5)) for (size in 2:4) {
  correlation <- outer(1:size, 1:size, function(i, j) 0.8^abs(i - j) - 0.1 * (i != j))
  above <- pmvnorm(upper = rep(bound, size), corr = correlation, algorithm = Miwa(4000))
  within <- pmvnorm(rep(-bound, size), rep(bound, size), corr = correlation,
                    algorithm = Miwa(4000))
  largest[[length(largest) + 1]] <- list(bound = bound, correlation = correlation,
                                         one_sided = 1 - above[1], two_sided = 1 - within[1])
}

# --- concordance ------------------------------------------------------------------------------
total <- function(count) unname(if (is.matrix(count)) colSums(count) else count)
told <- function(fit) list(concordance = fit$concordance, var = fit$var, count = total(fit$count))
centred <- subset(lung, !is.na(inst))
concordances <- list(
  plain = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE)),
  tau = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE, ymax = 310)),
  uno = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE, timewt = "n/G2")),
  uno_tau = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE, timewt = "n/G2",
                             ymax = 310)),
  weights = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE, weights = lung$load)),
  uno_weights = told(concordance(Surv(time, event) ~ age, lung, reverse = TRUE, timewt = "n/G2",
                                 weights = lung$load)),
  uno_strata = told(concordance(Surv(time, event) ~ age + strata(sex), lung, reverse = TRUE,
                                timewt = "n/G2")),
  strata_weights = told(concordance(Surv(time, event) ~ age + strata(sex), lung, reverse = TRUE,
                                    weights = lung$load)),
  entry_weights = told(concordance(Surv(begin, time, event) ~ age, lung, reverse = TRUE,
                                   weights = lung$load)),
  cluster = told(concordance(Surv(time, event) ~ age, centred, reverse = TRUE, cluster = centred$inst)))
pbc <- read("pbc_rct_ipw")
cox <- function(data, fit, ...) {
  list(data = data, coef = as.list(coef(fit)), ..., concordance = unname(fit$concordance[6]),
       std = unname(fit$concordance[7]), count = total(fit$concordance[1:5]))
}
models <- list(
  cox("veteran", coxph(Surv(time, status) ~ trt + age + karno + strata(celltype), veteran),
      time = "time", event = "status", strata = "celltype"),
  cox("heart", coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart),
      time = "stop", event = "event", entry = "start"),
  cox("pbc_rct_ipw", coxph(Surv(time, death) ~ a + age + logbili, pbc, weights = ipw),
      time = "time", event = "death", weights = "ipw"),
  cox("pbc_rct_ipw", coxph(Surv(time, death) ~ a, pbc, weights = ipw), time = "time",
      event = "death", weights = "ipw"))

write_json(list(survdiff = survdiffs, entry = entries, trend = trends, one_sample = one_sample,
                largest = largest, concordance = concordances, cox = models),
           "rank_tests.json", digits = NA, auto_unbox = TRUE, null = "null", pretty = FALSE)
