-- Where else a session was used from, for its person: an address that they do not know is a reason to
-- revoke it.

create table session_addresses (
    session_id uuid not null references sessions on delete cascade,
    address inet not null,
    last_seen_at timestamptz not null,
    primary key (session_id, address)
);

-- An address is kept when another one takes its place, so that requests from the same one cost
-- nothing; of each session the ten that were seen last.
create function keep_session_address() returns trigger language plpgsql as $$
begin
    insert into session_addresses (session_id, address, last_seen_at)
    values (old.id, old.last_address, old.last_active_at)
    on conflict (session_id, address) do update set last_seen_at = excluded.last_seen_at;
    delete from session_addresses
    where session_id = old.id and address in (
        select address from session_addresses where session_id = old.id
        order by last_seen_at desc, address offset 10
    );
    return null;
end $$;

create trigger keep_session_address after update of last_address on sessions
    for each row
    when (old.last_address is distinct from new.last_address and old.last_address is not null)
    execute function keep_session_address();

alter table session_addresses enable row level security;
grant select on session_addresses to latchkey_restricted;
create policy addresses_of_own_sessions on session_addresses for select to latchkey_restricted
    using (session_id in (select id from sessions where user_id = calling_user()));
