"""The random streams that methods of randomisation and centres claim, one a decision."""

from __future__ import annotations

from debulk.core.streams import claim

COIN = claim(3020, "randomisation: toss of a coin (index: order of randomisation)")
BLOCK_SIZE = claim(3021, "randomisation: size of a block (lesion: stratum, index: block)")
MINIMISED = claim(3022, "randomisation: minimisation's coin (index: order of randomisation)")
CENTRE_RATE = claim(3030, "centres: normal number of a centre's rate (lesion: centre, index: try)")
CENTRE_RATE_TAKEN = claim(3031, "centres: acceptance of a rate (lesion: centre, index: try)")
CENTRE_RATE_SMALL = claim(3032, "centres: root of a rate of large variation (lesion: centre)")
CENTRE_OPENS = claim(3033, "centres: opening of a centre (lesion: centre)")
CENTRE_SKILL = claim(3034, "centres: skill of a centre (lesion: centre)")
CENTRE = claim(3035, "centres: centre of a patient")
SURGEON = claim(3036, "centres: surgeon of a patient within the centre")
