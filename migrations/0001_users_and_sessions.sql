-- Users of a database and their sessions: everything that a log-in needs, in one place, so that
-- a log-in, a password change and disabling a user are each one transaction.

create table users (
    id uuid primary key,
    -- As the person writes it: an e-mail address or a user name.
    login text not null,
    -- The same without regard to case, in Unicode NFC: what a log-in looks for.
    login_key text not null constraint users_login_key_unique unique,
    name text not null,
    -- A PHC string with its own parameters.
    password_hash text not null,
    -- A one-time password has to be replaced at the first log-in.
    password_is_one_time boolean not null,
    password_changed_at timestamptz not null,
    is_administrator boolean not null,
    created_at timestamptz not null,
    disabled_at timestamptz
);

create table sessions (
    -- Shown in lists and URLs; says nothing about the token.
    id uuid primary key,
    -- SHA-256 of the token in the cookie: a dump of this table signs nobody in.
    token_hash bytea not null constraint sessions_token_hash_unique unique
        check (octet_length(token_hash) = 32),
    user_id uuid not null references users on delete cascade,
    authenticated_by text not null check (authenticated_by in ('password', 'one_time_password')),
    created_at timestamptz not null,
    last_active_at timestamptz not null,
    idle_expires_at timestamptz not null,
    -- Null: no limit.
    absolute_expires_at timestamptz,
    first_address inet,
    last_address inet,
    user_agent text not null,
    -- The browser's IANA time zone, if it told one.
    time_zone text,
    -- A session ends once, with a cause. It stays as history.
    ended_at timestamptz,
    end_cause text check (end_cause in (
        'logged_out', 'replaced', 'revoked', 'password_changed', 'administrator', 'user_disabled', 'limit'
    )),
    ended_by_session uuid references sessions on delete set null,
    constraint sessions_end_whole check ((ended_at is null) = (end_cause is null))
);

create index sessions_live_by_user on sessions (user_id) where ended_at is null;
create index sessions_ended_by on sessions (ended_by_session) where ended_by_session is not null;

-- What a person does runs as this role, which owns nothing and bypasses nothing. Without a caller
-- set it sees no row; with one, its own rows, and never a token or a password.
grant usage on schema public to latchkey_restricted;

create function calling_user() returns uuid language sql stable
    return nullif(current_setting('latchkey.user_id', true), '')::uuid;

alter table users enable row level security;
grant select (id, login, name, is_administrator, created_at) on users to latchkey_restricted;
create policy own_user on users for select to latchkey_restricted
    using (id = calling_user());

alter table sessions enable row level security;
grant select (
    id, user_id, authenticated_by, created_at, last_active_at, idle_expires_at, absolute_expires_at,
    first_address, last_address, user_agent, time_zone, ended_at, end_cause, ended_by_session
) on sessions to latchkey_restricted;
grant update (ended_at, end_cause, ended_by_session) on sessions to latchkey_restricted;
create policy own_sessions on sessions for select to latchkey_restricted
    using (user_id = calling_user());
create policy end_own_sessions on sessions for update to latchkey_restricted
    using (user_id = calling_user() and ended_at is null)
    with check (user_id = calling_user() and ended_at is not null);
