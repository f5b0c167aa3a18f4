# Life table that the disease model takes death from other causes from.
#
# US population, the rate table survexp.us of R's package survival (LGPL-2 or later), which its help
# page calls recast from the tables of the US Census. It holds hazards per day by age in years, sex
# and calendar year, 1940 to 2014: -log(1 - q) / 365.25, q the chance to die within a year. Packaged are every fifth year from 1985 and the last
# one. Made with R 4.2.2 and survival 3.5-3; numbers only are kept. To run it, in this folder:
#   Rscript write_life_table.R
# It writes src/debulk/data/disease/life_table.csv and, for the tests, survival probabilities that
# R's survexp() finds itself from the same rates: tests/reference/disease/life_table.json.
library(survival)

days_per_month <- 30.4375
years <- c(seq(1985, 2010, by = 5), 2014)

rows <- do.call(rbind, lapply(years, function(year) {
  rates <- survexp.us[, , as.character(year)]
  data.frame(year = year, age = as.integer(rownames(rates)),
             male = rates[, "male"] * days_per_month,
             female = rates[, "female"] * days_per_month)
}))
rows$male <- sprintf("%.9e", rows$male)
rows$female <- sprintf("%.9e", rows$female)

file <- "../src/debulk/data/disease/life_table.csv"
writeLines(c(
  "# US population, R survival's survexp.us: hazard of death per month of 30.4375 days.",
  "# By calendar year, age in completed years and sex; life_table.md tells where it comes from.",
  "year,age,male,female",
  do.call(paste, c(rows, sep = ","))), file)

# R's own survival probability over a year from the birthday on, at the rates of one calendar
# year: the other years of the table are overwritten with it, as survexp() ages its subjects
# through the calendar.
one_year <- function(year, sex, age) {
  table <- survexp.us
  for (each in dimnames(table)$year) table[, , each] <- survexp.us[, , as.character(year)]
  subject <- data.frame(age = age * 365.25, sex = sex, year = as.Date(paste0(year, "-01-01")))
  expected <- survexp(~ 1, data = subject, ratetable = table, times = 365.25,
                      rmap = list(age = age, sex = sex, year = year))
  list(year = year, sex = sex, age = age, survival_one_year = expected$surv)
}

cases <- list()
for (year in c(1985, 2000, 2010, 2014)) for (sex in c("male", "female"))
  for (age in c(0, 40, 63, 75, 90, 109)) cases <- c(cases, list(one_year(year, sex, age)))
between <- list()
for (year in c(1987, 2003, 2012)) for (sex in c("male", "female")) for (age in seq(40, 90, by = 10))
  between <- c(between, list(list(
    year = year, sex = sex, age = age,
    hazard_per_month = survexp.us[as.character(age), sex, as.character(year)] * days_per_month)))

as_text <- function(case) {
  values <- sapply(case, function(x) if (is.character(x)) paste0('"', x, '"') else sprintf("%.12g", x))
  paste0("  {", paste(paste0('"', names(case), '": ', values), collapse = ", "), "}")
}
writeLines(c(
  "{",
  paste0('"generator": "', R.version.string, ", survival ", packageVersion("survival"), '",'),
  '"survivals": [', paste(sapply(cases, as_text), collapse = ",\n"), "],",
  '"years_between": [', paste(sapply(between, as_text), collapse = ",\n"), "]",
  "}"), "../tests/reference/disease/life_table.json")
