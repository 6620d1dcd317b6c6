-- Rotation, identity confirmation, shared computers, and the end of sessions that nobody ended.

alter table sessions
    -- "This is a shared computer": an idle timeout of its own, and no cookie that outlives the browser.
    add column is_on_shared_computer boolean not null default false,
    -- When the person last proved who they are in this session.
    add column confirmed_at timestamptz,
    add column token_issued_at timestamptz,
    -- Null until the token comes back for the first time: its answer may have been lost on the way.
    add column token_used_at timestamptz;
update sessions set confirmed_at = created_at, token_issued_at = created_at, token_used_at = created_at;
alter table sessions
    alter column confirmed_at set not null,
    alter column token_issued_at set not null,
    drop constraint sessions_end_cause_check,
    add constraint sessions_end_cause_check check (end_cause in (
        'logged_out', 'replaced', 'revoked', 'password_changed', 'login_changed', 'administrator',
        'user_disabled', 'limit', 'idle', 'too_old', 'token_reused', 'restart', 'database_copied'
    ));

-- For the sweep: what has expired and is not marked yet, what may be forgotten.
create index sessions_live_by_expiry on sessions (least(idle_expires_at, absolute_expires_at))
    where ended_at is null;
create index sessions_by_end on sessions (ended_at) where ended_at is not null;

-- Tokens that were replaced: good for a grace period, a sign of theft afterwards.
create table superseded_tokens (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    session_id uuid not null references sessions on delete cascade,
    superseded_at timestamptz not null
);
create index superseded_tokens_by_session on superseded_tokens (session_id);
alter table superseded_tokens enable row level security;

grant select (is_on_shared_computer, confirmed_at) on sessions to latchkey_restricted;

-- Which database this is. In a copy, made by template or from a backup, it is not the one that
-- PostgreSQL says: the sessions in it belong to the original.
create table identity (database_oid oid primary key);
insert into identity select oid from pg_database where datname = current_database();
