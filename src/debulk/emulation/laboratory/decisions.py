"""The random streams of the laboratory, each claimed once: who draws what.

A stream is read at index m for month m, or at index 0 where it is drawn once.
"""

from debulk.core.streams import claim

BURDEN = claim(5030, "laboratory: tumour burden")
STATUS = claim(5031, "laboratory: performance status")
RESPONSE = claim(5032, "laboratory: depth of response")
SIDE = claim(5033, "laboratory: side of the primary")
FRAILTY = claim(5034, "laboratory: frailty that nobody measured")
PROGRESSION = claim(5035, "laboratory: progression")
PROGRESSION_TIME = claim(5036, "laboratory: time of progression within its month")
DEATH = claim(5037, "laboratory: death")
USUAL_CARE = claim(5038, "laboratory: local treatment in usual care")
UNIFORM_TIMING = claim(5039, "laboratory: local treatment evenly over the grace period")
LOSS = claim(5040, "laboratory: loss to follow-up")
CUT_OFF = claim(5041, "laboratory: follow-up at the registry's cut-off")
BOARD = claim(5042, "laboratory: decision of the tumour board on a virtual patient")
BOARD_UNIFORM = claim(5043, "laboratory: even timing for a virtual patient")
VIRTUAL_LOSS = claim(5044, "laboratory: loss to follow-up of a virtual patient")
VIRTUAL_CUT_OFF = claim(5045, "laboratory: cut-off of a virtual patient")
