-- New tokens that never come back are counted: a thief may lose them on purpose, to keep the owner from
-- a new token. And the address that a session is used from is kept at once, also where a page asks by
-- itself.

alter table sessions
    -- How many tokens in a row were issued and never came back, the session's own among them. Says
    -- nothing once token_used_at is set.
    add column tokens_unused integer not null default 0,
    -- SHA-256 of the network and the agent that the session's token was issued to. Null: not known.
    add column token_issued_to bytea check (octet_length(token_issued_to) = 32),
    -- When a request last came from last_address and was written. Null: with the last activity.
    add column last_address_at timestamptz;

-- A background request writes another address and leaves last_active_at as it is.
create or replace function keep_session_address() returns trigger language plpgsql as $$
begin
    insert into session_addresses (session_id, address, last_seen_at)
    values (old.id, old.last_address, greatest(old.last_active_at, old.last_address_at))
    on conflict (session_id, address) do update set last_seen_at = excluded.last_seen_at;
    delete from session_addresses
    where session_id = old.id and address in (
        select address from session_addresses where session_id = old.id
        order by last_seen_at desc, address offset 10
    );
    return null;
end $$;

-- The address is seen on every page that shows the list.
drop trigger sessions_notify_of_update on sessions;
create trigger sessions_notify_of_update after update on sessions
    for each row
    -- Not when a token is replaced: no page shows that, and a commit that notifies waits for its turn.
    when (
        (old.ended_at, old.last_active_at, old.last_address, old.device_name)
            is distinct from (new.ended_at, new.last_active_at, new.last_address, new.device_name)
    )
    execute function notify_of_session();

-- The latest ends of a person, without a look at all of them.
create index sessions_ended_by_user on sessions (user_id, ended_at desc, id desc)
    where ended_at is not null;
