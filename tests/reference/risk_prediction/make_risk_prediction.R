# A reconstruction of the calls that made risk_prediction.json, not the script that was run, which
# is not kept. If it gives other numbers, this script is to be doubted first.
#
# Performance of risks predicted by Cox models made from the Rotterdam patients, in the German
# patients (../survival/risk_rotterdam_dev.csv and risk_gbsg_val.csv), and of risks with competing
# events in mgus2 (../survival/mgus2_crr.csv). Needs survival, rms, riskRegression; the versions
# used stand in "generator".
library(survival)
library(rms)
library(riskRegression)
library(jsonlite)

dev <- read.csv("../survival/risk_rotterdam_dev.csv")
val <- read.csv("../survival/risk_gbsg_val.csv")
m1 <- coxph(Surv(ryear, rfs) ~ csize + nod3 + g3, dev, x = TRUE)
m2 <- coxph(Surv(ryear, rfs) ~ age + hormon, dev, x = TRUE)

scored <- function(data) {
  s <- Score(list(m1 = m1, m2 = m2), Surv(ryear, rfs) ~ 1, data = data, times = 1:5,
             metrics = c("auc", "brier"), summary = c("ipa", "ibs"), cens.model = "km",
             se.fit = TRUE, contrasts = TRUE)
  list(auc = s$AUC$score, brier = s$Brier$score, auc_contrasts = s$AUC$contrasts,
       brier_contrasts = s$Brier$contrasts)
}
lp <- predict(m1, newdata = val)
risk <- 1 - t(summary(survfit(m1, newdata = val), times = 1:5)$surv)
slope <- coxph(Surv(ryear, rfs) ~ lp, val)

# Events against those expected over each patient's own follow-up.
expected <- predict(m1, newdata = val, type = "expected")
ratio <- glm(rfs ~ offset(log(expected)), family = poisson, data = cbind(val, expected),
             subset = expected > 0)

# Integrated calibration index after Austin, Harrell and van Klaveren (2020).
val$p5 <- risk[, 5]
val$cll <- log(-log(1 - val$p5))
curve <- cph(Surv(ryear, rfs) ~ rcs(cll, 3), val, x = TRUE, y = TRUE, surv = TRUE)
distance <- abs(val$p5 - (1 - survest(curve, newdata = val, times = 5, se.fit = FALSE)$surv))

harrell <- concordance(Surv(ryear, rfs) ~ lp, val, reverse = TRUE)
uno <- concordance(Surv(ryear, rfs) ~ lp, val, reverse = TRUE, timewt = "n/G2", ymax = 4.999)
d <- royston(m1, newdata = val, ties = FALSE)
d_ties <- royston(m1, newdata = val, ties = TRUE)

mgus <- read.csv("../survival/mgus2_crr.csv")
fgr <- FGR(Hist(etime, ev) ~ age + mspike + hgb, data = mgus, cause = 1)
csc <- CSC(Hist(etime, ev) ~ age + mspike + hgb, data = mgus)
cr <- Score(list(FGR = fgr, CSC = csc), Hist(etime, ev) ~ 1, data = mgus, cause = 1,
            times = c(60, 120, 180), metrics = c("auc", "brier"), summary = "ipa",
            cens.model = "km", se.fit = TRUE)

write_json(list(
  score_val = scored(val), score_dev = scored(dev),
  cox_dev = list(m1 = coef(m1), m2 = coef(m2)),
  predicted_risk_first10 = risk[1:10, ], lp_first10 = lp[1:10],
  calibration_slope = list(slope = coef(slope), se = sqrt(vcov(slope)[1, 1])),
  harrell_c = list(C = harrell$concordance, se = sqrt(harrell$var)),
  uno_c_tau5 = list(C = uno$concordance, se = sqrt(uno$var)),
  OE_poisson = list(log_OE = coef(ratio), se = sqrt(vcov(ratio)[1, 1]),
                    observed = sum(val$rfs), expected = sum(expected)),
  royston_D = list(D = d["D"], se = d["se(D)"], R2D = d["R.D"]),
  royston_D_ties = list(D = d_ties["D"], se = d_ties["se(D)"], R2D = d_ties["R.D"]),
  groupkm = groupkm(1 - val$p5, Surv(val$ryear, val$rfs), g = 5, u = 5, pl = FALSE),
  ICI_rcs3 = list(knots = curve$Design$parms$cll, ICI = mean(distance), E50 = median(distance),
                  E90 = quantile(distance, 0.9), coef = coef(curve)),
  score_cr = list(auc = cr$AUC$score, brier = cr$Brier$score, fgr_coef = fgr$crrFit$coef,
                  csc1 = coef(csc$models[[1]]), csc2 = coef(csc$models[[2]]),
                  fgr_risk_first5 = predictRisk(fgr, mgus[1:5, ], times = c(60, 120, 180)),
                  csc_risk_first5 = predictRisk(csc, mgus[1:5, ], times = c(60, 120, 180), cause = 1))
), "risk_prediction.json", digits = NA)
