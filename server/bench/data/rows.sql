-- Sessions, so many as `bench.rows` says, of a twentieth as many users: one in ten is live, one in
-- twenty has expired and is not marked yet, one in twenty ended too long ago to be kept, and the rest is
-- history. One in ten has had its token replaced once.

-- Neither foreign keys nor notifications, which would make up most of the work.
set session_replication_role = replica;
set maintenance_work_mem = '512MB';

insert into users (id, login, login_key, name, is_administrator, created_at)
select md5('user ' || n)::uuid, login, login, 'Person ' || n, false, now()
from generate_series(0, current_setting('bench.rows')::int / 20) n,
    lateral (select 'person-' || n || '@example.com' as login) named;

-- Indexes are built anew at the end: row by row they would take most of the time.
create temporary table indexes as
select indexrelid::regclass::text as name, conname,
    case when conname is null then pg_get_indexdef(indexrelid)
        else format('alter table %s add constraint %I %s', indrelid::regclass, conname, pg_get_constraintdef(c.oid))
    end as definition,
    indrelid::regclass::text as of_table
from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'u'
where indrelid in ('sessions'::regclass, 'session_tokens'::regclass) and not indisprimary;
do $$
declare kept record;
begin
    for kept in select * from indexes loop
        execute case when kept.conname is null then format('drop index %s', kept.name)
            else format('alter table %s drop constraint %I', kept.of_table, kept.conname) end;
    end loop;
end $$;

insert into sessions (
    id, user_id, authenticated_by, created_at, last_active_at, idle_expires_at,
    absolute_expires_at, first_address, last_address, user_agent, time_zone, confirmed_at,
    ended_at, end_cause
)
select
    -- In order of time, as ids are.
    lpad(to_hex(n), 32, '0')::uuid,
    md5('user ' || (n * 7919) % (current_setting('bench.rows')::int / 20))::uuid,
    'password', opened, used, used + interval '12 hours', opened + interval '7 days',
    '203.0.113.7', '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
    'Europe/Berlin', opened, ended, case when ended is not null then 'logged_out' end
from generate_series(1, current_setting('bench.rows')::bigint) n,
    lateral (select current_setting('bench.now')::timestamptz as at) now,
    lateral (select case
        when n % 10 = 0 then at - interval '30 seconds'
        when n % 20 = 1 then at - interval '13 hours'
        when n % 20 = 11 then at - interval '91 days' - interval '1 second' * (n % 86400)
        else at - interval '1 day' - interval '1 second' * (n % (80 * 86400))
    end as used) last,
    lateral (select
        used - interval '1 hour' as opened,
        case when n % 10 = 0 or n % 20 = 1 then null else used end as ended) moments;

insert into session_tokens (session_id, token_hash, issued_at, used_at)
-- The token is the number, twice.
select s.id, sha256(int8send(n) || int8send(n)), s.created_at, s.last_active_at
from generate_series(1, current_setting('bench.rows')::bigint) n
join sessions s on s.id = lpad(to_hex(n), 32, '0')::uuid;

insert into superseded_tokens (token_hash, session_id, superseded_at)
select sha256(int8send(n) || int8send(-n)), lpad(to_hex(n), 32, '0')::uuid, current_setting('bench.now')::timestamptz
from generate_series(10, current_setting('bench.rows')::bigint, 10) n;

do $$
declare kept record;
begin
    for kept in select * from indexes loop
        execute kept.definition;
    end loop;
end $$;
