"""Clone-censor-weight: every patient follows both strategies until what he or she did departs."""
