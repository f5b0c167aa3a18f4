"""Organs, sides of the bowel and local procedures in the words and codes of other formats."""

from __future__ import annotations

import re

_ORGANS: tuple[tuple[str, str], ...] = (
    ("lymph_node", r"lymph|\bnodes?\b|nodal|ganglion"),
    ("adrenal", r"adrenal|suprarenal"),
    ("liver", r"liver|hepat|\bfoie\b|leber|h[ií]gado|fegato"),
    ("pleura", r"pleura|pl[eè]vre"),
    ("lung", r"\blungs?\b|pulmon|bronch|lunge|poumon"),
    ("peritoneum", r"periton|omentum|omental|mesenter|bauchfell"),
    ("bone", r"\bbones?\b|verteb|skelet|osseous|spine|\brib\b|sternum|femur|knochen|hueso"),
    ("brain", r"brain|cerebr|cerebell|mening|gehirn|cerveau"),
    ("ovary", r"ovar|eierstock"),
    ("primary", r"\bcolon|colorect|rectum|rectal|rectosigm|sigmoid|c[ae]?ecum|bowel|darm"),
)

_SIDES: tuple[tuple[str, str], ...] = (
    ("rectum", r"rectum|rectal"),
    ("right", r"c[ae]?ecum|\bascending|hepatic flexure|\bright|transverse|appendi"),
    ("left", r"descending|splenic flexure|\bleft|sigmoid"),
)

_PROCEDURES: tuple[tuple[str, str], ...] = (
    ("radioembolisation", r"radioemboli|\bsirt\b|y-?90|yttrium"),
    ("chemoembolisation", r"chemoemboli|\btace\b"),
    ("bland_embolisation", r"emboli[sz]ation"),
    ("rfa", r"radio-?frequency|\brfa\b"),
    ("mwa", r"microwave|\bmwa\b"),
    ("ire", r"electroporation|\bire\b"),
    ("sbrt", r"stereotactic|\bsbrt\b|\bsabr\b|radiosurgery"),
    ("cytoreductive_surgery", r"cytoreduc|peritonectomy|\bhipec\b"),
    ("liver_transplantation", r"liver transplant"),
    ("liver_resection", r"hepatectomy|segmentectomy of liver|(liver|hepatic).*(resect|excision)"
     r"|(resect|excision).*(liver|hepatic)"),
    ("lung_resection", r"(lung|pulmon).*(resect|excision|wedge|metastasectomy)|pneumonectomy"
     r"|lobectomy of lung|(resect|excision).*(lung|pulmon)"),
    ("other_resection", r"metastasectomy|adrenalectomy|oophorectomy|lymphadenectomy"),
)  # fmt: skip

_BOWEL = re.compile(r"colectomy|hemicolectomy|proctectomy|anterior resection|sigmoidectomy", re.I)

# ICD-10 (WHO): the same categories in ICD-10-CM and ICD-10-GM.
_ICD_ORGANS = {
    "C77": "lymph_node",
    "C780": "lung",
    "C782": "pleura",
    "C786": "peritoneum",
    "C787": "liver",
    "C793": "brain",
    "C795": "bone",
    "C796": "ovary",
    "C797": "adrenal",
    "C78": "other",
    "C79": "other",
}
_ICD_SIDES = {
    "C180": "right", "C181": "right", "C182": "right", "C183": "right", "C184": "right",
    "C185": "left", "C186": "left", "C187": "left", "C19": "rectum", "C20": "rectum",
}  # fmt: skip


def organ_of(text: str | None) -> str | None:
    """Organ that a text names; None where it names none that is known."""
    return _first(_ORGANS, text)


def side_of(text: str | None) -> str | None:
    """Side of the bowel (right, left, rectum) that a text names; the transverse colon is right."""
    return _first(_SIDES, text)


def procedure_of(text: str | None, site: str | None = None) -> str | None:
    """Card of the local treatment that a text names; None for what treats no metastasis.

    Parameters
    ----------
    text : str or None
        The procedure's name.
    site : str or None
        Where it was done, for names such as "wedge resection".
    """
    if text is None or _BOWEL.search(text):
        return None
    found = _first(_PROCEDURES, text)
    if found is None and re.search(r"resect|excision|ectomy|wedge", text, re.I):
        organ = organ_of(site)
        found = {"liver": "liver_resection", "lung": "lung_resection"}.get(organ or "")
        if found is None and organ not in (None, "primary"):
            found = "other_resection"
    return found


def is_bowel_cancer(code: str) -> bool:
    """Whether an ICD-10 code is a malignant tumour of colon or rectum (C18, C19, C20)."""
    return bare_code(code)[:3] in ("C18", "C19", "C20")


def organ_of_code(code: str) -> str | None:
    """Organ of a secondary malignant tumour by ICD-10 (C77 to C79)."""
    bare = bare_code(code)
    return _ICD_ORGANS.get(bare[:4]) or _ICD_ORGANS.get(bare[:3])


def side_of_code(code: str) -> str | None:
    """Side of a bowel cancer by ICD-10; C18.8 and C18.9 leave it open."""
    bare = bare_code(code)
    return _ICD_SIDES.get(bare[:4]) or _ICD_SIDES.get(bare[:3])


def bare_code(code: str) -> str:
    """ICD-10 code without its point, in capitals."""
    return code.strip().upper().replace(".", "")


def _first(table: tuple[tuple[str, str], ...], text: str | None) -> str | None:
    if text is None:
        return None
    for name, pattern in table:
        if re.search(pattern, text, re.IGNORECASE):
            return name
    return None
