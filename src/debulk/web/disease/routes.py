"""The continuum of disease, the mechanisms, and one virtual patient."""

from __future__ import annotations

from debulk.web.disease.continuum_page import pages as continuum
from debulk.web.disease.patient_page import pages as patient

PAGES = (continuum, patient)
