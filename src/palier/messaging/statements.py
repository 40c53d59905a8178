"""The SQL of the outbox, said once: the sender runs it across territories, `drain` behind one wall.

`now` null is the database's own clock, which all senders share; the scenario passes its simulated one. A row
is changed only by who still holds its lease, except that a message known to be sent is always written down as
sent.
"""

NOW = "coalesce(%(now)s::timestamptz, clock_timestamp())"
BLANKED = "case when m.template = any(%(secret)s) then '' else m.body end"
OURS = "m.id = t.id and m.state = 'sending' and m.lease_until = t.lease"

CLAIM = f"""
with due as (
  select id from messaging_message
  where state = 'queued' and channel = %(channel)s and due_at <= {NOW}
    and (expires_at is null or expires_at > {NOW}) and (holds_at is null or holds_at > {NOW})
  order by priority, due_at, id limit %(limit)s
  for no key update skip locked
)
update messaging_message m
set state = 'sending', provider = %(provider)s, lease_until = {NOW} + %(lease)s * interval '1 second'
from due where m.id = due.id
returning m.priority, m.due_at, m.id, m.territory_id, m.key, m.sender, m."to", m.subject, m.body, m.template,
  m.tries, m.lease_until
"""

_STILL_WANTED = (
    f"(m.expires_at is null or m.expires_at > {NOW}) and (m.holds_at is null or m.holds_at > {NOW})"
)

# The last look before a provider is called: a message that was taken back, or overtaken by the night, stays
# here.
LOOK = f"""
select m.id, m.lease_until from messaging_message m
join unnest(%(ids)s::bigint[], %(leases)s::timestamptz[]) as t(id, lease) on {OURS}
where {_STILL_WANTED}
"""

# The same with a mark, for a provider that cannot recognise a repeat: from here on nobody knows. Renews the
# lease.
HAND = f"""
update messaging_message m
set lease_until = {NOW} + %(lease)s * interval '1 second',
  handed_at = case when %(mark)s then {NOW} else m.handed_at end
from unnest(%(ids)s::bigint[], %(leases)s::timestamptz[]) as t(id, lease)
where {OURS} and {_STILL_WANTED}
returning m.id, m.lease_until
"""

# Claimed and certainly not sent: expired or overtaken by the night meanwhile, or given back when the sender
# stops. A mark of an earlier try with a provider that recognises a repeat stays: that one may have been
# taken.
SET_ASIDE = f"""
update messaging_message m
set state = case when m.expires_at <= {NOW} and m.handed_at is not null and %(idempotent)s then 'unclear'
                 when m.expires_at <= {NOW} then 'cancelled' else 'queued' end,
  handed_at = case when %(idempotent)s then m.handed_at end,
  error = case when m.expires_at <= {NOW} then 'expired' else m.error end, lease_until = null
from unnest(%(ids)s::bigint[], %(leases)s::timestamptz[]) as t(id, lease)
where {OURS}
"""

# Not fenced by the lease: whatever happened meanwhile, it was sent, and must not be sent again. What is
# already in a person's hands stays there.
SENT = f"""
update messaging_message m
set state = case when t.delivered or m.state = 'delivered' then 'delivered' else 'sent' end,
  sent_at = coalesce(m.sent_at, {NOW}),
  receipt_at = case when t.delivered then {NOW} else m.receipt_at end,
  provider_id = case when t.provider_id = '' then m.provider_id else t.provider_id end,
  tries = m.tries + 1, lease_until = null, error = '',
  body = case when %(keeps_secrets)s then m.body else {BLANKED} end
from unnest(%(ids)s::bigint[], %(provider_ids)s::text[], %(delivered)s::boolean[])
  as t(id, provider_id, delivered)
where m.id = t.id and m.state in ('sending', 'queued', 'unclear', 'cancelled', 'delivered')
  and not m.needs_care
returning m.id, m.territory_id
"""

# Tried again later, until `most` tries: then it failed, or nobody knows if one of them may have been taken.
AGAIN = f"""
update messaging_message m
set state = case when m.tries + 1 < %(most)s then 'queued'
                 when t.unclear or m.handed_at is not null and %(idempotent)s then 'unclear'
                 else 'failed' end,
  handed_at = case when t.unclear then coalesce(m.handed_at, {NOW}) when %(idempotent)s then m.handed_at end,
  due_at = {NOW} + t.wait * interval '1 second', tries = m.tries + 1, lease_until = null, error = t.error,
  body = case when m.tries + 1 < %(most)s then m.body else {BLANKED} end
from unnest(%(ids)s::bigint[], %(leases)s::timestamptz[], %(waits)s::float8[], %(unclear)s::boolean[],
  %(errors)s::text[])
  as t(id, lease, wait, unclear, error)
where {OURS}
returning m.id
"""

# The end: refused for good (`failed`), or given to a provider that cannot recognise a repeat (`unclear`).
ENDED = f"""
update messaging_message m
set state = t.state, tries = m.tries + 1, lease_until = null, error = t.error, body = {BLANKED}
from unnest(%(ids)s::bigint[], %(leases)s::timestamptz[], %(states)s::text[], %(errors)s::text[])
  as t(id, lease, state, error)
where {OURS}
returning m.id
"""

# Leases that ran out: their sender was killed. A provider that recognises a repeat is asked again; with
# another, only what was not handed over yet is sent; the rest, and what a former configuration left, goes to
# a person.
LEASES_OVER = f"""
update messaging_message m
set state = case
    when m.provider = any(%(idempotent)s) and (m.expires_at is null or m.expires_at > {NOW}) then 'queued'
    when m.provider = any(%(once)s) and m.handed_at is null and m.expires_at <= {NOW} then 'cancelled'
    when m.provider = any(%(once)s) and m.handed_at is null then 'queued'
    else 'unclear' end,
  error = 'the sender stopped in the middle', lease_until = null
where m.state = 'sending' and m.lease_until < {NOW}
returning m.id, m.state
"""

EXPIRED = f"""
update messaging_message m
set state = case when m.handed_at is null then 'cancelled' else 'unclear' end, error = 'expired',
  body = {BLANKED}
where m.state = 'queued' and m.expires_at <= {NOW}
returning m.id
"""
