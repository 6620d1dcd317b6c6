-- Log-in codes that were made and used, and wrong current passwords: a person reads them under Activity. They are no rows of
-- password_changes, which nodes that are not updated yet would show as changes of the password.

create table account_events (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    at timestamptz not null,
    kind text not null check (kind in ('log_in_code_made', 'log_in_code_used', 'wrong_current_password')),
    done_by text not null check (done_by in ('person', 'administrator')),
    -- Where the person was; an administrator works on the server.
    address inet,
    user_agent text
);

create index account_events_by_user on account_events (user_id, at desc, id desc);
-- Deletion by age.
create index account_events_by_time on account_events (at);

alter table account_events enable row level security;
grant select (id, user_id, at, kind, done_by, address, user_agent) on account_events to latchkey_restricted;
create policy own_account_events on account_events for select to latchkey_restricted
    using (user_id = calling_user());
