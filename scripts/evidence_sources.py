"""What a row of evidence may be cited by: DOI, PMID, PMCID, registry number, else an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

Row = dict[str, str]

REVIEW = "review of debulking for multi-organ colorectal metastases, 2018"
SECOND_HAND = "secondary copy (cite the original)"
REGISTRY = re.compile(r"NCT\d{8}|ISRCTN\d{8}|UMIN\d{9}|EudraCT \d{4}-\d{6}-\d{2}")
# Only this publisher puts a second slash into its DOIs; elsewhere a slash ends the DOI.
DOI_IN_ADDRESS = re.compile(
    r"10\.1093/[a-z]+/[a-z0-9]+|10\.(?!1093)\d{4,9}/[a-z0-9.()_-]*[a-z0-9)]", re.IGNORECASE
)
PUBMED = re.compile(
    r"(?:pubmed\.gov|ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/0*(\d{5,8})"
)
PMC = re.compile(r"\bPMC\d{5,8}\b")

# Rows whose address holds no identifier, by a piece of the address, and the work it shows.
SHOWN_AT = {
    "github:elifesciences": ("Bozic", None),
    "ascopost.com/news/december-2023/colorectal-cancer-incidence": ("DK (Nors)", None),
    "synapse.mskcc.org/synapse/works/18393": ("Tomlinson 2007", None),
    "eortc.org/blog/2017/03/23": ("CLOCC", None),
    "repub.eur.nl/pub/101633": ("Allard LiverMetSurvey 2017", None),
    "dbpia.nl.go.kr/jjco/article-abstract/35/1/18": ("Sadahiro 2005", None),
    "access_num=3416116": ("Finlay 1988", None),
    "scilit.com/publications/77da5e8d": ("Claret 2009", None),
    "library.adelaide.edu.au/dspace/handle/2440/121267": ("RECOURSE", None),
    "pure.amsterdamumc.nl/en/publications/local-treatment-of": ("AmCORE EHD 2024", None),
    "trial.medpath.com/news/6ab95043": ("CAIRO5", None),
    "Daily-News/CAIRO3-Supports": ("CAIRO3", None),
    "pubmedcentralcanada.ca/pmcc/articles/PMC5076474": ("MSKCC HAI protocols 2016", None),
    "thelancet.com/article/S0140-6736(08)60455-9": ("EORTC 40983 (EPOC)", None),
    "falkfoundation.org/en/fgr/detail/primary-tumor": ("SYNCHRONOUS + CCRe-IV", None),
    "m3india.in/contents/journal/mortality-of-patients": ("CAIRO4", None),
    "ascopost.com/issues/february-25-2021": ("PRODIGE 7", None),
    "curetoday.com/view/thermal-ablation": ("COLLISION", None),
    "article/safety-and-feasibility-of-adding-tumor-debulking": ("ORCHESTRA", 2020),
    "medicom-publishers.com/specialisation/oncology/asco-2024": ("ORCHESTRA", 2024),
    "debulking-does-not-improve-survival-in-multiorgan": ("ORCHESTRA", 2024),
}


def identifiers_in(source: str) -> list[str]:
    """Identifiers that an address or a printed source holds."""
    plain = unquote(source)
    if plain.startswith("PMID:"):
        return [plain]
    if plain.startswith("doi:"):
        return [plain.lower()]
    found = [f"PMID:{each}" for each in PUBMED.findall(plain)]
    found += [f"PMCID:{each}" for each in PMC.findall(plain)]
    found += [f"doi:{each.lower()}" for each in DOI_IN_ADDRESS.findall(plain)]
    return found + REGISTRY.findall(plain)


def registry_numbers(text: str) -> list[str]:
    """Trial registry numbers in a text, in their order, each once."""
    return list(dict.fromkeys(REGISTRY.findall(text)))


def split_sources(printed: str) -> list[str]:
    """Sources of a row, one each, in their printed order."""
    listed = [each.strip() for each in printed.split("|")]
    return [REVIEW if each == "founding paper 2018" else each for each in listed if each]


class Library:
    """The citations, found by name, by identifier or by an address that shows the work."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = [dict(row) for row in rows]
        self._by_identifier: dict[str, Row] = {}
        for row in self.rows:
            archived = archived_as(row) if row["seen_in"].startswith("pmc.ncbi") else []
            for name in identifiers_of(row) + archived[:1]:
                if not REGISTRY.fullmatch(name):
                    self._by_identifier.setdefault(name.lower(), row)

    def works(self, name: str) -> list[Row]:
        """Every work cited under a name, in file order."""
        return [row for row in self.rows if row["key"] == name]

    def report(self, name: str, year: int | None = None) -> Row | None:
        """The latest work under a name that reports results, or the one of a year."""
        works = [row for row in self.works(name) if not is_plan(row)]
        if year is not None:
            works = [row for row in works if row["year"] == str(year)]
        return max(works, key=lambda row: int(row["year"] or 0), default=None)

    def plan(self, name: str) -> Row | None:
        """The protocol of a trial, where one is cited; a published one before a registration."""
        plans = (row for row in self.works(name) if is_plan(row))
        return min(plans, key=lambda row: not row["journal"], default=None)

    def cited_by(self, sources: Iterable[str]) -> Row | None:
        """The work that a row's sources name or show."""
        listed = list(sources)
        for name in (each for source in listed for each in identifiers_in(source)):
            if name.lower() in self._by_identifier:
                return self._by_identifier[name.lower()]
        for piece, (name, year) in SHOWN_AT.items():
            if any(piece in source for source in listed):
                return self.report(name, year)
        return None


def is_plan(citation: Mapping[str, str]) -> bool:
    """Whether a work describes a trial's plan, not its results."""
    words = ("protocol", "registration", "amendment", "trial page")
    title = citation["title_short"].lower()
    return any(word in title for word in words) and "phase 2 part" not in title


def identifiers_of(citation: Mapping[str, str]) -> list[str]:
    """DOI, PMID and registry numbers of one work."""
    found = [f"doi:{citation['doi'].lower()}"] if citation["doi"] else []
    found += [f"PMID:{citation['pmid']}"] if citation["pmid"] else []
    return found + registry_numbers(citation["registry_id"])


def archived_as(citation: Mapping[str, str]) -> list[str]:
    """Archive numbers a work was seen under; a table of it inside another work is not it."""
    seen = citation["seen_in"]
    return [] if "table" in seen else [f"PMCID:{each}" for each in PMC.findall(seen)]


def cite(
    sources: list[str], works: Iterable[Row | None], registry: Iterable[str] = (), *, own: bool
) -> Row:
    """Cells `source`, `work`, `seen_at` and `secondary` of a finding.

    Identifiers of the cited works come first, then registry numbers, then (with `own`, or where
    there are none yet) those in the row's own sources. Only where no identifier is known does the
    address itself stand as the source.
    """
    cited = [work for work in works if work]
    found = [each for work in cited for each in identifiers_of(work)] + list(registry)
    if own or not found:
        found += [each for source in sources for each in identifiers_in(source)]
    found = list(dict.fromkeys(found))
    shown = [each for each in sources if each != SECOND_HAND and not is_identifier(each)]
    return {
        "source": "|".join(found or shown or ["secondary copy, original not identified"]),
        "work": "; ".join(printed_work(work) for work in cited),
        "seen_at": "|".join(shown),
        "secondary": "false" if found else "true",
    }


def printed_work(work: Mapping[str, str]) -> str:
    """Author, journal and year of a work; its title where the author is not known."""
    named = work["first_author"] or work["title_short"]
    return ", ".join(filter(None, (named, work["journal"], work["year"])))


def is_identifier(text: str) -> bool:
    """Whether a source is an identifier already."""
    return text.startswith(("doi:", "PMID:", "PMCID:")) or REGISTRY.fullmatch(text) is not None
