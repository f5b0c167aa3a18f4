# Makes multistate.csv and multistate.json: state occupation of multi-state models.
#
#   Rscript make_multistate.R           (in this folder; R 4.2.2, survival 3.5-3, jsonlite)
#
# multistate.csv are random histories among states a, b, c, d drawn here (states recur; some subjects
# enter late or change weight). mgus2.csv is the data set mgus2 of R's package survival (LGPL 2 or
# later), exported to CSV: ptime and pstat are plasma cell malignancy, futime and death.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
set.seed(7)
rows <- list()
for (id in 1:80) {
  t <- if (runif(1) < 0.2) sample(1:3, 1) else 0
  state <- sample(c("a", "b"), 1, prob = c(0.7, 0.3))
  repeat {
    stop <- t + sample(1:5, 1)
    to <- sample(c("censor", "a", "b", "c", "d"), 1, prob = c(2, 1, 2, 2, 2))
    if (to == state) to <- "censor"
    rows[[length(rows) + 1]] <- data.frame(id, start = t, stop, from = state, to)
    if (to == "d" || stop > 12 || (to == "censor" && runif(1) < 0.4)) break
    if (to != "censor") state <- to
    t <- stop
  }
}
d <- do.call(rbind, rows)
d$weight <- round(runif(80, 0.5, 2), 2)[d$id]
write.csv(d, "multistate.csv", row.names = FALSE)
d$to <- factor(d$to, c("censor", "a", "b", "c", "d"))
d$from <- factor(d$from, c("a", "b", "c", "d"))

result <- function(fit, times, tau, start = 0, weights = NULL) {
  s <- summary(fit, times = times, extend = TRUE)
  full <- survival:::survfit0(fit, fit$start.time)
  inside <- full$time < tau & full$time >= start
  gaps <- diff(c(full$time[inside], tau))
  u <- fit$influence.pstate
  # The influence of each subject, which survival 3.5-3 gives without the weights.
  loss <- apply(u, 3, function(v) v[, seq_along(gaps), drop = FALSE] %*% gaps)
  if (is.null(weights)) weights <- rep(1, nrow(loss))
  list(states = fit$states, times = times, pstate = s$pstate, std_error = s$std.err,
    lower = s$lower, upper = s$upper, n_risk = s$n.risk, cumhaz = s$cumhaz,
    transitions = colnames(fit$cumhaz), tau = tau, start = start,
    rmean = colSums(gaps * full$pstate[inside, ]), se_rmean = sqrt(colSums((loss * weights)^2)))
}
out <- list()
times <- c(1:12)
p0 <- c(0.6, 0.4, 0, 0)
fit <- function(...) {
  arguments <- list(Surv(start, stop, to) ~ 1, data = d, id = d$id, istate = d$from,
    influence = TRUE, ...)
  do.call(survfit, arguments)
}
out$fixed <- result(fit(p0 = p0), times, 10.5)
out$estimated <- result(fit(), times, 9)
first <- d$weight[!duplicated(d$id)]
out$weights <- result(fit(weights = d$weight, p0 = p0), times, 9, weights = first)
out$landmark <- result(fit(p0 = c(1, 0, 0, 0), start.time = 3.5), 4:12, 10, start = 3.5)

m <- read.csv("mgus2.csv")
m$ptime <- ifelse(m$pstat == 1, m$ptime, m$futime)
tied <- m$pstat == 1 & m$ptime == m$futime & m$death == 1
m$pstat[tied] <- 0
after <- m$pstat == 1
one <- data.frame(id = m$id, start = -1, stop = m$ptime,
  to = ifelse(after, "pcm", ifelse(m$death == 1, "death", "censor")))
longer <- after & m$futime > m$ptime
two <- data.frame(id = m$id, start = m$ptime, stop = m$futime,
  to = ifelse(m$death == 1, "death", "censor"))[longer, ]
both <- rbind(one, two)
both$to <- factor(both$to, c("censor", "pcm", "death"))
mg <- survfit(Surv(start, stop, to) ~ 1, data = both, id = id, influence = TRUE, start.time = 0)
out$mgus <- result(mg, c(12, 24, 60, 120, 180, 240, 300), 240)
out$mgus$tied <- sum(tied)
write_json(out, "multistate.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor",
  na = "null")
