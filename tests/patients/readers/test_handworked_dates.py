from datetime import date

import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.patients.readers.dates import DATE_FORMATS, formats_of, iso_dates, read_dates
from debulk.patients.readers.notes import Notes


def read(values, formats=()):
    notes = Notes()
    days = read_dates(pl.Series("day", values, dtype=pl.String), "a.csv", notes, formats=formats)
    return days.to_list(), dict(notes.decided)


def test_three_formats_in_one_column_are_each_counted():
    days, decided = read(
        ["2020-03-04", "04.03.2020", "04MAR2020", "2020-03-04 10:30", None, ""],
        ["yyyy-mm-dd", "dd.mm.yyyy", "ddmonyyyy"],
    )
    assert days == [date(2020, 3, 4)] * 4 + [None, None]
    assert decided == {
        "a.csv: dates written yyyy-mm-dd": 2,
        "a.csv: dates written dd.mm.yyyy": 1,
        "a.csv: dates written ddmonyyyy": 1,
    }


def test_a_date_that_could_be_two_days_is_refused_unless_its_format_is_named():
    with pytest.raises(InputError, match=r"a.csv, line 3: '03/04/2020' could be dd/mm/yyyy and mm"):
        read([None, "03/04/2020"])
    assert read(["03/04/2020"], ["dd/mm/yyyy"])[0] == [date(2020, 4, 3)]
    assert read(["03/04/2020"], ["mm/dd/yyyy"])[0] == [date(2020, 3, 4)]


def test_both_formats_named_refuse_a_date_that_fits_both_differently():
    both = ["dd/mm/yyyy", "mm/dd/yyyy"]
    assert read(["13/04/2020", "04/04/2020"], both)[0] == [date(2020, 4, 13), date(2020, 4, 4)]
    with pytest.raises(InputError, match="could be"):
        read(["03/04/2020"], both)


def test_partial_dates_are_put_in_the_middle_and_counted():
    days, decided = read(["2020", "2020-03", "2020-03"], ["yyyy", "yyyy-mm"])
    assert days == [date(2020, 7, 1), date(2020, 3, 15), date(2020, 3, 15)]
    assert decided == {
        "a.csv: dates known as yyyy alone were put on 1 July": 1,
        "a.csv: dates known as yyyy-mm alone were put on the 15th": 2,
    }


@pytest.mark.parametrize("text", ["31.02.2020", "soon", "2020-13-01", "20-03-04"])
def test_what_is_no_date_is_quoted_with_its_line(text):
    with pytest.raises(InputError, match=rf"a.csv, line 2: '{text}' is no date"):
        read([text])


def test_iso_dates_count_what_they_cannot_read():
    notes = Notes()
    days = iso_dates(pl.Series("day", ["UNK", "2020-01-02T10:00:00+02:00", "2020"]), "DM.X", notes)
    assert days.to_list() == [None, date(2020, 1, 2), date(2020, 7, 1)]
    assert notes.decided["DM.X: what is no ISO 8601 date is unknown"] == 1


def test_an_unknown_format_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"'dd/mm/yy' is no date format.*dd/mm/yyyy"):
        read(["01/02/2020"], ["dd/mm/yy"])


@pytest.mark.parametrize("name", DATE_FORMATS)
def test_every_format_reads_the_day_it_names(name):
    written = {"ddmonyyyy": "04MAR2020"}.get(
        name, name.replace("yyyy", "2020").replace("mm", "03").replace("dd", "04")
    )
    day = {"yyyy": date(2020, 7, 1), "yyyy-mm": date(2020, 3, 15)}.get(name, date(2020, 3, 4))
    assert read([written], [name])[0] == [day]


def test_formats_of_a_column_are_told_by_the_values_that_leave_no_choice():
    assert formats_of(pl.Series(["03/04/2020", "13/04/2020"])) == ["dd/mm/yyyy"]
    assert formats_of(pl.Series(["03/04/2020"])) == ["dd/mm/yyyy", "mm/dd/yyyy"]
    assert formats_of(pl.Series(["2020", "2021"])) == []
    assert formats_of(pl.Series(["2020-01-01", "none"])) == []
