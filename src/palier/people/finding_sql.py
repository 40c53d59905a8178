"""The fixed statements of the search field: equality and ranges under `COLLATE "C"`, each look capped by its own limit."""

# Beyond these nothing is gained: more people of a name than a list shows.
OF_A_PAIR, OF_A_RANGE, OF_A_FIRST_NAME, OF_ONE_NUMBER = 24, 40, 1_500, 300
# Names that begin alike: of more, the people themselves are asked.
OF_A_BEGINNING = 60

KEYS = """
select distinct kind, word, case when left(key, 1) = '~' then key else '' end from people_namekey
where territory_id = %(territory)s and key = any(%(keys)s::text[])
"""
WORDS_BEGIN = f"""
select w.kind, w.word, k.start from unnest(%(start)s::text[], %(stop)s::text[]) k (start, stop) cross join lateral (
  select kind, word from people_nameword
  where territory_id = %(territory)s and word >= k.start and word < k.stop order by word limit {OF_A_BEGINNING}) w
"""
_ROW = "n.person_id, n.last, n.first, n.born"
PAIRS = f"""
select {_ROW} from unnest(%(last)s::text[], %(first)s::text[]) k (last, first) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and last = k.last and first = k.first limit {OF_A_PAIR}) n
"""
# « march odet »: the beginning of both.
BEGINNINGS = f"""
select {_ROW} from unnest(%(last)s::text[], %(last_end)s::text[], %(first)s::text[], %(first_end)s::text[])
  k (last, last_end, first, first_end) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and last >= k.last and last < k.last_end
    and first >= k.first and first < k.first_end order by last, first limit {OF_A_RANGE}) n
"""
# « dupon j »: a surname that is near, the beginning of a first name.
NAME_AND_BEGINNING = f"""
select {_ROW} from unnest(%(last)s::text[], %(first)s::text[], %(first_end)s::text[]) k (last, first, first_end)
cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and last = k.last and first >= k.first and first < k.first_end
  order by first limit 10) n
"""
# Of common names there are more than a look takes: those of the year apart.
PAIRS_OF_A_YEAR = PAIRS.replace(
    "last = k.last and first", "born = any(%(years)s::int[]) and last = k.last and first"
)
OF_A_YEAR = f"""
select {_ROW} from unnest(%(last)s::text[]) k (last) cross join unnest(%(years)s::int[]) y (born) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and born = y.born and last = k.last limit 150) n
"""
FIRST_OF_A_YEAR = f"""
select {_ROW} from unnest(%(first)s::text[]) k (first) cross join unnest(%(years)s::int[]) y (born) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and born = y.born and first = k.first limit {OF_A_FIRST_NAME}) n
"""
LAST_BEGINS_IN_A_YEAR = f"""
select {_ROW} from unnest(%(start)s::text[], %(stop)s::text[]) k (start, stop)
cross join unnest(%(years)s::int[]) y (born) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and born = y.born and last >= k.start and last < k.stop
  order by last, first limit {OF_A_RANGE}) n
"""
FIRST_BEGINS_IN_A_YEAR = LAST_BEGINS_IN_A_YEAR.replace(
    "last >= k.start and last <", "first >= k.start and first <"
).replace("order by last, first", "order by first, last")
# Whoever bears the name, with any first name.
OF_A_NAME = f"""
select {_ROW} from unnest(%(last)s::text[]) k (last) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and last = k.last order by first limit %(many)s) n
"""
NAME_BEGINS = f"""
select {_ROW} from unnest(%(start)s::text[], %(stop)s::text[]) k (start, stop) cross join lateral (
  select person_id, last, first, born from people_searchname
  where territory_id = %(territory)s and last >= k.start and last < k.stop order by last, first limit %(many)s) n
"""
# … who has these words in her street, her town or her other names.
OF_A_NAME_AND_PLACE = f"""
select {_ROW} from unnest(%(last)s::text[], %(start)s::text[], %(stop)s::text[], %(other)s::text[], %(other_stop)s::text[])
  k (last, start, stop, other, other_stop) cross join lateral (
  select m.person_id, m.last, m.first, m.born from people_searchname m
  where m.territory_id = %(territory)s and m.last = k.last
    and exists (select 1 from people_searchword w where w.person_id = m.person_id and w.word >= k.start and w.word < k.stop)
    and exists (select 1 from people_searchword w where w.person_id = m.person_id and w.word >= k.other and w.word < k.other_stop)
  limit {OF_A_RANGE}) n
"""
OF_A_NAME_YEAR_AND_PLACE = OF_A_NAME_AND_PLACE.replace(
    "and m.last = k.last", "and m.born = any(%(years)s::int[]) and m.last = k.last"
)
WORD_BEGINS = """
select n.person_id from unnest(%(start)s::text[], %(stop)s::text[]) k (start, stop) cross join lateral (
  select person_id from people_searchword
  where territory_id = %(territory)s and word >= k.start and word < k.stop order by word, person_id limit %(many)s) n
"""


# Whose number begins or ends so, with the ways of saying their names.
OF_A_NUMBER = f"""
select {_ROW} from unnest(%(start)s::text[], %(stop)s::text[]) k (start, stop) cross join lateral (
  select person_id from people_searchword
  where territory_id = %(territory)s and word >= k.start and word < k.stop order by word limit {OF_ONE_NUMBER}) w
join people_searchname n on n.person_id = w.person_id
"""
