"""The random streams of what tests show, each claimed once; see `debulk.disease.decisions`."""

from debulk.core.streams import claim

CEA_BACKGROUND = claim(1200, "disease: CEA without a tumour")
CEA_SECRETION = claim(1201, "disease: secretion of CEA")
CEA_SILENT = claim(1202, "disease: whether the tumour secretes CEA")
CTDNA = claim(1203, "disease: shedding of ctDNA")
