-- A wrong current password is explained when the right one comes from the same session soon afterwards. The explanation is written
-- down, because the session may confirm again later, or end.

alter table account_events
    add column session_id uuid,
    add column explained_at timestamptz;
grant select (explained_at) on account_events to latchkey_restricted;

update account_events e set explained_at = s.confirmed_at
from sessions s
where e.kind = 'wrong_current_password' and s.user_id = e.user_id and s.user_agent = e.user_agent
    and s.last_address is not distinct from e.address
    and s.confirmed_at >= e.at and s.confirmed_at < e.at + interval '1 hour';
